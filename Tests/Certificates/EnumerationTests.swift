// Small boxes, gone through float by float: what is certified is true for every single input, and what
// intervals say of one layer is the least and the largest that occur.

import Networks
import Randomness
import Tensors
import Testing

@testable import Certificates

@Suite("Every float of a box")
struct EnumerationTests {
    /// Two pixels and a radius of some ulps: a few hundred inputs.
    private struct TinyBox {
        let image: Tensor
        let epsilon: Float
        /// Every input of it.
        let inputs: Tensor

        init(seed: UInt64, ulps: Float) {
            var random = Stream(seed: seed, name: "tiny")
            let x = (0..<2).map { _ in 0.25 + random.uniform() / 2 }
            image = tensor([1, 1, 1, 2], x)
            epsilon = ulps * 0x1p-25
            let box = Box(around: image, epsilon)
            let (l, u) = (box.lower.values, box.upper.values)
            let all = floats(l[0], u[0]).flatMap { a in floats(l[1], u[1]).flatMap { [a, $0] } }
            inputs = tensor([all.count / 2, 1, 1, 2], all)
        }
    }

    @Test func intervalsOfOneLayerAreTheExtremes() throws {
        for seed in 0..<60 as Range<UInt64> {
            let box = TinyBox(seed: seed, ulps: 12)
            let architecture = try Architecture(
                "test", imageShape: [1, 1, 2], layers: [Linear("a", inputs: 2, outputs: 9)])
            let network = try Network(
                architecture,
                parameters: seed % 2 == 0
                    ? cancelling(seed, box.image.values, 9)
                    : hostileParameters(architecture, seed: seed), engine: engine)
            let pass = IntervalPass(
                plan: try BoundPlan(network, for: .ibp), scope: .executed, engine: engine)
            let found = pass.boxes(of: Box(around: box.image, box.epsilon)).values[1]
            let logits = try network.logits(box.inputs)
            for output in 0..<9 {
                let all = logits.map { $0[output] }
                #expect(found.lower.values[output] == all.min())
                #expect(found.upper.values[output] == all.max())
            }
        }
    }

    /// Weights of 2¹⁰ and a bias that cancels the product at the image, so that a few ulps of the pixels
    /// decide the sign and roundings are as large as what is left.
    private func cancelling(_ seed: UInt64, _ x: [Float], _ outputs: Int) -> [String: Tensor] {
        let w = draws(2 * outputs, "a.weight", seed: seed).map { $0 * 0x1p10 }
        let b = (0..<outputs).map { -(w[2 * $0] * x[0] + w[2 * $0 + 1] * x[1]) }
        return ["a.weight": tensor([outputs, 2], w), "a.bias": tensor([outputs], b)]
    }

    /// Networks over two pixels whose hidden units are undecided over the box.
    static let middles: [(String, any Layer)] = [
        ("ReLU", ReLU("m")), ("leaky ReLU", LeakyReLU("m", slope: 0.3)), ("sigmoid", Sigmoid("m")),
        ("tanh", Tanh("m")),
    ]

    @Test(arguments: middles.indices) func noInputOfACertifiedBoxIsMisread(_ kind: Int) throws {
        let middle = Self.middles[kind].1
        var counts: [CertificateMethod: Int] = [:]
        var total = 0
        for seed in 0..<54 as Range<UInt64> {
            let box = TinyBox(seed: seed, ulps: seed % 3 == 0 ? 20 : 7)
            var parameters = cancelling(seed, box.image.values, 6)
            // What the hidden units can be is about 2⁻¹², of the size of their roundings; the outputs differ
            // by less than that, by about as much, and by more.
            parameters["c.weight"] = tensor([3, 6], draws(18, "c.weight", seed: seed))
            let weights = parameters["c.weight"]?.values ?? []
            let gap = [Float(0x1p-13), 0x1p-11, 0x1p-8][Int(seed) / 3 % 3]
            // A sigmoid is near ½ there, and that is taken away.
            let offset = (0..<3).map { row in
                kind == 2 ? weights[6 * row..<6 * row + 6].reduce(0, +) / 2 : 0
            }
            parameters["c.bias"] = tensor(
                [3], zip(draws(3, "c.bias", seed: seed), offset).map { $0 * gap - $1 })
            let network = try network(
                [Linear("a", inputs: 2, outputs: 6), middle, Linear("c", inputs: 6, outputs: 3)],
                image: [1, 1, 2], parameters)
            let logits = try network.logits(box.inputs)
            let clean = try network.logits(box.image)[0]
            let label = clean.indices.max { clean[$0] < clean[$1] } ?? 0
            let least =
                logits.map { row in
                    row.indices.filter { $0 != label }.map { Double(row[label]) - Double(row[$0]) }
                        .min()
                        ?? 0
                }.min() ?? 0
            total += 1
            for method in CertificateMethod.allCases {
                for scope in CertificateScope.allCases
                where scope == .executed || kind < 2 {
                    let certifier = try Certifier(network, method: method, scope: scope)
                    let found = try certifier.certificates(
                        of: box.image, labels: [label], ball: .linf, epsilons: [box.epsilon])[0]
                    #expect(found.margin <= least, "\(method) \(scope), seed \(seed)")
                    #expect(!found.isCertified || least > 0, "\(method) \(scope), seed \(seed)")
                    if found.isCertified, scope == .executed { counts[method, default: 0] += 1 }
                }
            }
        }
        // Some are certified and some are not, or nothing was tested.
        #expect(counts[.crown, default: 0] > 0 && counts[.ibp, default: 0] < total)
    }

    /// The bounds of hidden units and logits hold for every input, one by one.
    @Test(arguments: CertificateScope.allCases)
    func linearBoundsHoldForEveryInput(_ scope: CertificateScope) throws {
        for seed in 100..<140 as Range<UInt64> {
            let box = TinyBox(seed: seed, ulps: 9)
            var parameters = cancelling(seed, box.image.values, 4)
            for (name, inputs) in [("b", 4), ("c", 4)] {
                parameters["\(name).weight"] = tensor([4, inputs], draws(16, name, seed: seed))
                parameters["\(name).bias"] = tensor(
                    [4], draws(4, name + "bias", seed: seed).map { $0 * 0x1p-12 })
            }
            let network = try network(
                [
                    Linear("a", inputs: 2, outputs: 4), ReLU("r"),
                    Linear("b", inputs: 4, outputs: 4), ReLU("s"),
                    Linear("c", inputs: 4, outputs: 4),
                ], image: [1, 1, 2], parameters)
            var pass = LinearPass(try BoundPlan(network, for: .crown), scope, on: engine)
            let found = pass.bounds(Box(around: box.image, box.epsilon))
            let boxes = try #require(found).boxes
            let intervals = IntervalPass(
                plan: try BoundPlan(network, for: .ibp), scope: scope, engine: engine
            ).boxes(of: Box(around: box.image, box.epsilon)).values
            // Each value as it is executed, step by step.
            var value = box.inputs
            for (step, place) in zip(network.executedSteps, 1...) {
                value = step.run(value)
                let (low, high) = (boxes[place].lower.values, boxes[place].upper.values)
                let all = value.values.enumerated()
                #expect(all.allSatisfy { low[$0 % low.count] <= $1 && $1 <= high[$0 % low.count] })
                #expect(zip(low, intervals[place].lower.values).allSatisfy { $0 >= $1 })
                #expect(zip(high, intervals[place].upper.values).allSatisfy { $0 <= $1 })
            }
        }
    }
}
