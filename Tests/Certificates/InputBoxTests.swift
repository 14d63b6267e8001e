// The set of images that a certificate speaks of: the one that attacks are admitted to, to the last float.

import Randomness
import Tensors
import Testing

@testable import Certificates

@Suite("Boxes of images")
struct InputBoxTests {
    /// Pixels and radii of all sizes: ordinary ones, subnormals, ends of the box, and sums near 0 and 1.
    private var cases: [(x: Float, epsilon: Float)] {
        var random = Stream(seed: 1, name: "box")
        let special: [Float] = [
            0, 1, 0x1p-149, 0x1p-126, 0.5, Float(1).nextDown, 0x1p-24, 0x1p-25, 0.1, 0.3,
        ]
        var all: [(x: Float, epsilon: Float)] = special.flatMap { x in
            (special + [2]).map { (x: x, epsilon: $0) }
        }
        for _ in 0..<3000 {
            let x = random.uniform()
            let small =
                random.uniform()
                * Float(sign: .plus, exponent: -Int(random.below(40)), significand: 1)
            all += [(x, small), (small, x), (x, x), (x, (1 - x).nextDown), (x, (1 - x).nextUp)]
        }
        return all
    }

    @Test func endsAreTheFarthestFloatsOfTheBall() {
        for (x, epsilon) in cases {
            let (least, most) = (InputBox.least(x, epsilon), InputBox.most(x, epsilon))
            func isInside(_ y: Float) -> Bool {
                Exact(Double(y), -Double(x)).isWithin(Double(epsilon))
            }
            let isWithin = least >= 0 && isInside(least) && isInside(most) && most <= 1
            let isWhole =
                (least == 0 || !isInside(least.nextDown)) && (most == 1 || !isInside(most.nextUp))
            #expect(isWithin && isWhole, "\(x) ± \(epsilon): \(least)…\(most)")
        }
    }

    /// What the driver makes of proposals that go as far as they can.
    @Test func endsAreThoseOfTheProjection() {
        let all = cases
        let x = Tensor(shape: [all.count, 1], values: all.map(\.x))
        let epsilons = all.map(\.epsilon)
        let box = InputBox(around: x, epsilons: epsilons)
        var scratch = Tensor(shape: [0])
        for (far, end) in [(Float(-9), box.lower), (9, box.upper)] {
            var y = Tensor(shape: x.shape, values: all.map { _ in far })
            engine.project(&y, around: x, in: .linf, within: epsilons, scratch: &scratch)
            #expect(y.values == end.values)
        }
    }

    /// The box encloses the ball of L2 as its attacks measure it.
    @Test func enclosesTheBallOfL2() {
        let (x, far) = (images(1, [1, 1, 40]), images(50, [1, 1, 40], seed: 8))
        for row in 0..<50 {
            for epsilon: Float in [0x1p-149, 1e-8, 1e-3, 0.1, 1] {
                var y = far.rows(row..<row + 1)
                if row % 2 == 0 { y.withMutableFloats { for k in 1..<40 { $0[k] = x.values[k] } } }
                var scratch = Tensor(shape: [0])
                engine.project(&y, around: x, in: .l2, within: [epsilon], scratch: &scratch)
                let box = InputBox(around: x, epsilons: [epsilon])
                for place in 0..<40 {
                    let value = y.values[place]
                    #expect(box.lower.values[place] <= value && value <= box.upper.values[place])
                }
            }
        }
    }
}
