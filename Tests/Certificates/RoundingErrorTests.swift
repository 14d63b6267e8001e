// How far a chain is from the real sum: the bound, and the sums themselves, exactly.

import Networks
import Randomness
import Tensors
import Testing

@testable import Certificates

@Suite("Errors of chains")
struct RoundingErrorTests {
    private struct Case {
        let w: [Float], b: Float, l: [Float], u: [Float]
        let product: BoundedProduct

        /// A chain of `depth`, ordinary or with weights of all sizes.
        init(seed: UInt64, depth: Int) {
            let linear = Linear("a", inputs: depth, outputs: 1)
            let drawn = hostileParameters(
                Architecture.of(linear, [1, 1, depth]), seed: seed)
            w =
                seed % 2 == 0
                ? draws(depth, "w", seed: seed) : drawn["a.weight"]?.values ?? []
            b = draws(1, "b", seed: seed)[0]
            let (middle, width) = (draws(depth, "m", seed: seed), draws(depth, "d", seed: seed))
            l = zip(middle, width).map { $0 - abs($1) / 8 }
            u = zip(middle, width).map { $0 + abs($1) / 8 }
            product = BoundedProduct(weight: tensor([1, depth], w), bias: tensor([1], [b]))
        }

        func chain(_ x: [Float]) -> Float {
            zip(w, x).reduce(b) { $0.addingProduct($1.0, $1.1) }
        }

        /// chain(x) − (b + Σ w·x).
        func error(_ x: [Float], of result: Float) -> Exact {
            var error = Exact(Double(result), -Double(b))
            for (w, x) in zip(w, x) { error.add(-Double(w) * Double(x)) }
            return error
        }

        var intervals: ProductIntervals {
            product.intervals(
                lower: tensor([1, l.count], l), upper: tensor([1, u.count], u), hasErrors: true,
                on: engine)
        }
    }

    /// Half the spacings of the floats of a plain loop.
    @Test func theBoundIsTheSumOfHalfSpacings() {
        for seed in 0..<200 as Range<UInt64> {
            let own = Case(seed: seed, depth: 1 + Int(seed) % 37)
            var (lower, upper, sum) = (own.b, own.b, 0.0)
            for (w, (l, u)) in zip(own.w, zip(own.l, own.u)) where w != 0 {
                lower.addProduct(w, w < 0 ? u : l)
                upper.addProduct(w, w < 0 ? l : u)
                sum += Double(max(lower.magnitude, upper.magnitude).ulp) / 2
            }
            let found = own.intervals.executedError(0, depth: own.w.count)
            // Below 2⁻¹²⁵ the kernel takes the spacing of 2⁻¹²⁵.
            let more = sum * 0x1p-15 + Double(own.w.count) * 0x1p-149
            #expect(sum <= found && found <= sum + more, "seed \(seed)")
        }
    }

    @Test func noInputIsFartherThanTheBound() {
        var (largest, random) = (0.0, Stream(seed: 3, name: "inputs"))
        for seed in 0..<200 as Range<UInt64> {
            let own = Case(seed: seed, depth: 1 + Int(seed) % 11)
            let found = own.intervals
            let bound = found.executedError(0, depth: own.w.count)
            let any = found.anyError(0, depth: own.w.count)
            let box = found.anyBox(depth: own.w.count)
            for sample in 0..<60 {
                // The two vertices first: only there can another order leave the executed ends.
                let x = own.w.indices.map { k in
                    let (l, u) = (own.l[k], own.u[k])
                    if sample < 2 { return (own.w[k] < 0) == (sample == 0) ? u : l }
                    return min(max(l + random.uniform() * (u - l), l), u)
                }
                let result = own.chain(x)
                #expect(found.lower.values[0] <= result && result <= found.upper.values[0])
                let error = own.error(x, of: result)
                #expect(error.isWithin(bound), "seed \(seed)")
                // Backward, and every product rounded: another order.
                let other = zip(own.w, x).reversed().reduce(Float(0)) { $0 + $1.0 * $1.1 } + own.b
                #expect(own.error(x, of: other).isWithin(any), "seed \(seed)")
                #expect(box.lower.values[0] <= other && other <= box.upper.values[0])
                if !error.isWithin(bound / 4) { largest = max(largest, 0.25) }
            }
        }
        // The bound is near what occurs.
        #expect(largest > 0)
    }

    /// Ends go outwards, also where a double lies next to a float, is one, or is beyond them all.
    @Test func endsOfFloatsAreOutside() {
        let near = draws(500, "ends").flatMap { float -> [Double] in
            let own = Double(float)
            return [own, own.nextUp, own.nextDown, own * 1.0000001, own * 0x1p-140]
        }
        for end in near + [0, 0x1p-160, -0x1p-160, 3e38, -3e38] {
            #expect(Double(end.below) < end && end < Double(end.above), "\(end)")
            #expect(Double(end.below.nextUp) >= end.nextDown, "\(end)")
        }
        #expect((-1e39).below == -.infinity && (1e39).above == .infinity)
    }

    /// Spacings that are summed up in float are not lost.
    @Test func manySmallSpacingsAreNotLost() {
        let depth = 5000
        var w = [Float](repeating: 0x1p-40, count: depth)
        w[0] = 1
        let product = BoundedProduct(weight: tensor([1, depth], w), bias: tensor([1], [0]))
        let x = tensor([1, depth], [Float](repeating: 1, count: depth))
        let found = product.intervals(lower: x, upper: x, hasErrors: true, on: engine)
        #expect(found.executedError(0, depth: depth) >= Double(depth) * 0x1p-24)
        #expect(found.size(0, depth: depth) >= 1 + Double(depth - 1) * 0x1p-40)
    }
}

extension Architecture {
    static func of(_ layer: any Layer, _ image: [Int]) -> Architecture {
        do {
            return try Architecture("test", imageShape: image, layers: [layer])
        } catch {
            preconditionFailure("\(error)")
        }
    }
}
