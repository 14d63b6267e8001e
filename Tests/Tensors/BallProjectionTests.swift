// The projections onto the balls: the written expressions, bit for bit, and what they promise for any
// radius and any proposal.

import CKernels
import Randomness
import Testing

@testable import Tensors

/// Radii from nothing to no bound at all.
private let radii: [Float] = [
    0, .leastNonzeroMagnitude, 0x1p-140, 1e-30, 1e-12, 1e-8, 1e-6, 1e-4, 0.01, 0.3, 1, 2.5, 28, 784,
    1e6, .greatestFiniteMagnitude, .infinity,
]

private let lengths = [1, 2, 15, 16, 17, 40, 784]

/// Originals in the box: pixels of pictures, the ends, and subnormals.
private func originals(_ length: Int, _ kind: Int, _ random: inout Stream) -> [Float] {
    (0..<length).map { _ in
        switch kind {
        case 0: Float(random.below(256)) / 255
        case 1: Float(random.below(2))
        case 2: .leastNonzeroMagnitude * Float(random.below(5))
        default: random.uniform()
        }
    }
}

/// Proposals around originals: far off, within the box, a few units in the last place away, the
/// original itself, and as large as floats are.
private func proposal(_ x: [Float], _ kind: Int, _ random: inout Stream) -> [Float] {
    x.map { x in
        switch kind {
        case 0: return 6 * random.uniform() - 3
        case 1: return random.uniform()
        case 2:
            return (0..<random.below(4)).reduce(x) { y, _ in
                random.below(2) == 0 ? y.nextUp : y.nextDown
            }
        case 3: return random.below(8) == 0 ? x + 0.01 : x
        case 4: return x + .leastNonzeroMagnitude * Float(random.below(9))
        case 5: return (random.uniform() - 0.5) * .greatestFiniteMagnitude
        case 6: return random.below(8) == 0 ? .infinity : random.uniform()
        default: return random.below(2) == 0 ? .infinity : -.infinity
        }
    }
}

private func project(
    _ aim: [Float], _ x: [Float], in ball: Ball, within epsilon: Float, on engine: Engine
) -> Tensor {
    var y = Tensor(shape: [1, x.count], values: aim)
    var scratch = Tensor(shape: [0])
    engine.project(
        &y, around: Tensor(shape: [1, x.count], values: x), in: ball, within: [epsilon],
        scratch: &scratch)
    return y
}

/// A sum as the kernels take it: sixteen partial sums, then halves.
private func reduced(_ terms: [Double]) -> Double {
    var partials = [Double](repeating: 0, count: 16)
    for (index, term) in terms.enumerated() { partials[index % 16] += term }
    for half in [8, 4, 2, 1] {
        for lane in 0..<half { partials[lane] += partials[lane + half] }
    }
    return partials[0]
}

private func clamp(_ value: Float) -> Float { value < 0 ? 0 : value > 1 ? 1 : value }

/// The L2 projection in its own words, and by how many turns.
private func scaled(
    _ aim: [Float], _ x: [Float], _ epsilon: Float
) -> (y: [Float], turns: Int) {
    let d = zip(aim, x).map { Double($0) - Double($1) }
    let size = reduced(d.map { $0 * $0 }).squareRoot()
    guard size > Double(epsilon) else { return (aim.map(clamp), 0) }
    var scale = Double(epsilon) / size
    var turns = 0
    while true {
        turns += 1
        let y = zip(x, d).map { clamp(Float(Double($0) + scale * $1)) }
        let moved = zip(y, x).map { (Double($0) - Double($1)) * (Double($0) - Double($1)) }
        if reduced(moved).squareRoot() <= Double(epsilon) { return (y, turns) }
        scale *= 1 - 0x1p-20
    }
}

@Suite("Ball projections")
struct BallProjectionTests {
    /// Every ball, every radius, every kind of original and proposal, on every engine: inside the box
    /// and inside the ball as the driver measures it, by a last bit, and soon.
    @Test(.timeLimit(.minutes(2)), arguments: [Ball.linf, .l2, .l1, .l0])
    func noRadiusAndNoProposalLeavesTheBall(ball: Ball) {
        var random = Stream(seed: 21, name: "ball")
        for length in lengths {
            for (kind, aimKind) in (0..<4).flatMap({ kind in (0..<8).map { (kind, $0) } }) {
                let x = originals(length, kind, &random)
                let aim = proposal(x, aimKind, &random)
                for epsilon in radii {
                    let y = project(aim, x, in: ball, within: epsilon, on: engines[0])
                    let sizes = engines[0].distances(
                        from: Tensor(shape: [1, length], values: x), to: y)[0]
                    let size =
                        switch ball {
                        case .linf: sizes.linf
                        case .l2: sizes.l2
                        case .l1: sizes.l1
                        case .l0: sizes.l0
                        }
                    let what = Comment(
                        "length \(length), x \(kind), aim \(aimKind), radius \(epsilon)")
                    #expect(size <= Double(epsilon), what)
                    #expect(y.values.allSatisfy { $0 >= 0 && $0 <= 1 }, what)
                    if ball == .linf {
                        for other in engines.dropFirst() {
                            let found = project(aim, x, in: ball, within: epsilon, on: other)
                            #expect(found.bits == y.bits, what)
                        }
                    }
                }
            }
        }
    }

    /// The expression of the header, to the bit, wherever a few turns are enough: budgets as attacks
    /// have them.
    @Test func euclideanProjectionsAreTheWrittenExpression() {
        var random = Stream(seed: 22, name: "scaled")
        var repaired = 0
        for round in 0..<400 {
            let x = originals(lengths[round % lengths.count], round % 4, &random)
            let aim = proposal(x, round % 3 == 0 ? 0 : 1, &random)
            for epsilon in [Float(0), 0.02, 0.3, 1, 2.5, 28] {
                let (expected, turns) = scaled(aim, x, epsilon)
                guard turns <= 32 else { continue }
                let y = project(aim, x, in: .l2, within: epsilon, on: engines[0])
                #expect(y.bits == expected.map(\.bitPattern), "radius \(epsilon), \(turns) turns")
                if turns > 1 { repaired += 1 }
            }
        }
        #expect(repaired > 100)
    }

    /// Where floats are fine enough for a tiny radius it is used, not given away.
    @Test(arguments: [Float(1e-30), 1e-12, 1e-6])
    func tinyRadiiAreUsed(epsilon: Float) {
        // From black, where the spacing of floats goes down to 2⁻¹⁴⁹.
        let x = [Float](repeating: 0, count: 50)
        let aim = (0..<50).map { Float($0) / 50 }
        for ball in [Ball.linf, .l2] {
            let y = project(aim, x, in: ball, within: epsilon, on: engines[0])
            let sizes = engines[0].distances(from: Tensor(shape: [1, 50], values: x), to: y)[0]
            let size = ball == .l2 ? sizes.l2 : sizes.linf
            #expect(size >= 0.99999 * Double(epsilon) && size <= Double(epsilon))
        }
    }

    /// From dark grey the spacing of floats is 2⁻²⁵, little finer than a millionth shared by 784 pixels:
    /// every value is rounded towards the image, none away from it, and none by more than that.
    @Test func radiiNearTheSpacingOfFloatsAreRoundedTowardsTheImage() {
        var random = Stream(seed: 23, name: "grey")
        for epsilon in [Float(5e-7), 1e-6] {
            let x = (0..<784).map { _ in 0.25 + 0.24 * random.uniform() }
            let aim = proposal(x, 1, &random)
            let y = project(aim, x, in: .l2, within: epsilon, on: engines[0]).values
            let d = zip(aim, x).map { Double($0) - Double($1) }
            let scale = Double(epsilon) / reduced(d.map { $0 * $0 }).squareRoot()
            var moved = 0
            for index in x.indices {
                let step = Double(y[index]) - Double(x[index])
                let whole = scale * d[index]
                #expect(abs(step) <= abs(whole) && step * whole >= 0)
                #expect(abs(whole) - abs(step) <= 0x1p-25 + abs(whole) * 0x1p-19)
                if step != 0 { moved += 1 }
            }
            #expect(moved > 50, "\(moved) of 784 moved")
        }
    }

    /// A value past everything takes all of the budget that it has room for.
    @Test func infiniteProposalsCountAsFarOnes() {
        let x: [Float] = [0.25, 0.5, 0.75]
        let l1 = project([.infinity, 0.5, 0.7], x, in: .l1, within: 0.5, on: engines[0])
        #expect(abs(l1.values[0] - 0.75) < 1e-8 && l1.values[1...] == [0.5, 0.75])
        let l2 = project([.infinity, 0.5, 0.7], x, in: .l2, within: 0.5, on: engines[0])
        #expect(l2.values == [0.75, 0.5, 0.75])
        let far = project([40, 0.5, 0.7], x, in: .l1, within: 0.5, on: engines[0])
        #expect(abs(far.values[0] - 0.75) < 1e-6 && far.values[1...] == [0.5, 0.75])
    }

    /// The kernels themselves end for what no caller may ask: originals outside the box, radii below 0
    /// or without a value.
    @Test(.timeLimit(.minutes(1)))
    func kernelsEndForEveryInput() {
        typealias Kernel = (
            UnsafeMutablePointer<Float>?, UnsafePointer<Float>?, UnsafePointer<Float>?, Int, Double,
            UnsafePointer<ck_limits>?
        ) -> Void
        let kernels: [Kernel] = [ck_project_l2, ck_project_l1, ck_project_l0]
        for kernel in kernels {
            for epsilon in [0.1, 0, -1, -Double.infinity, .nan] {
                for x in [[1.5], [-3], [0.5, 1.5], [.infinity], [.nan], [0.5, -0x1p-149]]
                    as [[Float]]
                {
                    for aim in [x, x.map { _ in 1.5 }, x.map { _ in -Float.infinity }] {
                        var y = x
                        kernel(&y, aim, x, x.count, epsilon, nil)
                        // The box has the last word, but a NaN stays one.
                        #expect(y.allSatisfy { ($0 >= 0 && $0 <= 1) || $0.isNaN })
                        #expect(!y.contains { $0.isNaN } || x[0].isNaN, "\(x), \(aim), \(epsilon)")
                    }
                }
            }
        }
        var y: [Float] = [9, 9]
        ck_project_l1(&y, [1, 0], [0.5, 0.25], 2, -1, nil)
        #expect(y == [0.5, 0.25])
        ck_project_l2(&y, [1, 0], [0.5, 0.25], 2, .nan, nil)
        #expect(y == [0.5, 0.25])
    }

    @Test func theFirstValueOutsideTheBoxIsFound() {
        var x = [Float](repeating: 0.5, count: 3000)
        #expect(ck_first_outside_box(x, 3000) == 3000)
        for (index, value) in [(2900, Float(1).nextUp), (1500, -0x1p-149), (7, .nan)] {
            x[index] = value
            #expect(ck_first_outside_box(x, 3000) == index)
        }
        #expect(ck_first_outside_box([-0.0, 1], 2) == 2)
    }

    /// A mistake of the caller is not worked around.
    @Test func originalsOutsideTheBoxAndNegativeRadiiAreRefused() async {
        await #expect(processExitsWith: .failure) {
            _ = project([0.5], [1.5], in: .l1, within: 0.1, on: Engine(threads: 1))
        }
        await #expect(processExitsWith: .failure) {
            _ = project([0.5], [0.5], in: .l2, within: -1, on: Engine(threads: 1))
        }
        await #expect(processExitsWith: .failure) {
            _ = project([0.5], [0.5], in: .linf, within: .nan, on: Engine(threads: 1))
        }
    }
}
