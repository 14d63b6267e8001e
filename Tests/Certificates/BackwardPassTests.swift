// Coefficients and their rounding against exact sums: what goes backward is below the real number.

import Networks
import Tensors
import Testing

@testable import Certificates

@Suite("Coefficients on their way back")
struct BackwardPassTests {
    /// Two layers with nothing between them and no error of their own, over a single image: the real
    /// number Σ_o w_o Σ_k v_ok x_k is known exactly, and double rounds on the way to it.
    @Test func areBelowTheRealNumberByLittle() throws {
        let (inputs, hidden) = (9, 13)
        var isAboveWithoutSlack = false
        for seed in 0..<200 as Range<UInt64> {
            let (v, w) = (
                draws(hidden * inputs, "v", seed: seed), draws(hidden, "w", seed: seed)
            )
            let x = draws(inputs, "x", seed: seed).map(abs)
            let network = try network(
                [
                    Linear("a", inputs: inputs, outputs: hidden),
                    Linear("b", inputs: hidden, outputs: 1),
                ], image: [1, 1, inputs],
                [
                    "a.weight": tensor([hidden, inputs], v),
                    "a.bias": tensor([hidden], [Float](repeating: 0, count: hidden)),
                    "b.weight": tensor([1, hidden], w), "b.bias": tensor([1], [0]),
                ])
            var first = BoundLines(count: hidden, hasSlopes: false)
            var last = BoundLines(count: 1, hasSlopes: false)
            var (exact, loose, size) = (Exact(), 0.0, 0.0)
            for o in 0..<hidden {
                for k in 0..<inputs {
                    let product = Double(w[o]) * Double(v[o * inputs + k])
                    exact.add(product, times: Double(x[k]))
                    first.sizes[o] += Double(abs(v[o * inputs + k]) * x[k]) * 1.001
                    size += abs(product) * Double(x[k])
                }
                last.sizes[0] += Double(abs(w[o])) * first.sizes[o]
            }
            let point = tensor([1, inputs], x)
            var pass = BackwardPass(try BoundPlan(network, for: .crown), on: engine)
            for sign in [1.0, -1] {
                let found = pass.lowerBounds(
                    of: [[(place: 0, coefficient: sign)]], in: 2,
                    by: [.lines(first), .lines(last)], image: Box(lower: point, upper: point).ends)[
                        0]
                let real = sign > 0 ? exact : Exact().minus(exact)
                #expect(real.minus(Exact(found)).sign > 0, "seed \(seed)")
                #expect(real.minus(Exact(found)).isWithin(1e-12 * size))
            }
            // Without what is taken away a sum like this one is above the real number now and then.
            for k in 0..<inputs {
                var coefficient = 0.0
                for o in 0..<hidden { coefficient += Double(w[o]) * Double(v[o * inputs + k]) }
                loose += coefficient * Double(x[k])
            }
            if Exact(loose).minus(exact).sign > 0 { isAboveWithoutSlack = true }
        }
        #expect(isAboveWithoutSlack)
    }
}
