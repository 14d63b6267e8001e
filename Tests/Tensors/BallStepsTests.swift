import Testing

@testable import Tensors

/// Rows of images, gradients, steps and radii of every size, zeros among them.
private struct Case {
    let x, y, g: Tensor
    let steps, epsilons: [Float]

    init(rows: Int, length: Int, seed: UInt64) {
        let shape = [rows, length]
        x = pixels(shape, "x", seed: seed)
        g = numbers(shape, "gradient", seed: seed)
        epsilons = (0..<rows).map { [0, 0.01, 0.3, 1, 2.5][$0 % 5] }
        steps = (0..<rows).map { [0.01, -0.25, 0, 1e-4, 3][$0 % 5] }
        var start = pixels(shape, "start", seed: seed)
        var scratch = Tensor(shape: [0])
        Engine(threads: 1).project(
            &start, around: x, in: .linf, within: epsilons, scratch: &scratch)
        y = start
    }
}

/// Numbers in [0, 1], the ends among them.
private func pixels(_ shape: [Int], _ name: String, seed: UInt64) -> Tensor {
    Tensor(shape: shape, values: numbers(shape, name, seed: seed).values.map { abs($0) })
}

private let lengths = [1, 3, 15, 16, 17, 784]

@Suite("Ball steps")
struct BallStepsTests {
    private let engine = Engine(threads: 2)

    private func moved(_ c: Case, in ball: Ball, on engine: Engine) -> Tensor {
        var (y, scratch) = (c.y, Tensor(shape: [0]))
        engine.step(
            &y, along: c.g, around: c.x, in: ball, by: c.steps, within: c.epsilons,
            scratch: &scratch)
        return y
    }

    @Test(arguments: [Ball.linf, .l2])
    func noRowLeavesTheBallOrTheBox(ball: Ball) {
        for length in lengths {
            let c = Case(rows: 40, length: length, seed: 5)
            let y = moved(c, in: ball, on: engine)
            let sizes = engine.distances(from: c.x, to: y)
            for row in 0..<40 {
                let size = ball == .l2 ? sizes[row].l2 : sizes[row].linf
                #expect(size <= Double(c.epsilons[row]), "length \(length), row \(row)")
            }
            #expect(y.values.allSatisfy { (0...1).contains($0) })
            #expect(y.values != c.y.values)
        }
    }

    /// The written expressions, one element at a time.
    @Test func stepsFollowTheirFormulas() {
        for length in lengths {
            let c = Case(rows: 20, length: length, seed: 7)
            let (linf, l2) = (moved(c, in: .linf, on: engine), moved(c, in: .l2, on: engine))
            for row in 0..<20 {
                let range = row * length..<(row + 1) * length
                let (x, y, g) = (
                    Array(c.x.values[range]), Array(c.y.values[range]), Array(c.g.values[range])
                )
                let epsilon = Double(c.epsilons[row])
                for i in 0..<length {
                    let aim = y[i] + c.steps[row] * (g[i] > 0 ? 1 : g[i] < 0 ? -1 : 0)
                    let low = max(Double(x[i]) - epsilon, 0)
                    let high = min(Double(x[i]) + epsilon, 1)
                    let expected = min(max(Double(aim), low), high)
                    #expect(abs(Double(linf.values[range.lowerBound + i]) - expected) <= 6e-8)
                }
                let size = g.map { Double($0) * Double($0) }.reduce(0, +).squareRoot()
                let along = size > 0 ? Double(c.steps[row]) / size : 0
                let aim = (0..<length).map { Double(y[$0]) + along * Double(g[$0]) }
                let far = zip(aim, x).map { ($0 - Double($1)) * ($0 - Double($1)) }
                    .reduce(0, +).squareRoot()
                let scale = far > epsilon ? epsilon / far : 1
                for i in 0..<length {
                    let expected = min(max(Double(x[i]) + scale * (aim[i] - Double(x[i])), 0), 1)
                    let found = Double(l2.values[range.lowerBound + i])
                    #expect(abs(found - expected) <= 4e-6, "length \(length), row \(row)")
                }
            }
        }
    }

    /// The only ball whose kernels are the engine's own; the others have one loop for all, which
    /// `BallProjectionTests` holds to the written expressions.
    @Test func everyEngineGivesTheSameBits() throws {
        let reference = try #require(Engine(.reference, workers: Workers(threads: 1)))
        #expect(engines.count > 2)
        for length in lengths {
            let c = Case(rows: 11, length: length, seed: 9)
            let expected = moved(c, in: .linf, on: reference).bits
            for other in engines {
                let found = moved(c, in: .linf, on: other).bits
                #expect(found == expected, "\(other.instructionSet), length \(length)")
            }
        }
    }

    /// Rows are shared by the threads; none looks at another's.
    @Test(arguments: [Ball.l2, .l1])
    func theNumberOfThreadsMovesNoBit(ball: Ball) {
        let c = Case(rows: 23, length: 17, seed: 9)
        let whole = moved(c, in: ball, on: Engine(threads: 3))
        for row in 0..<23 {
            var (y, scratch) = (c.y.rows(row..<row + 1), Tensor(shape: [0]))
            Engine(threads: 1).step(
                &y, along: c.g.rows(row..<row + 1), around: c.x.rows(row..<row + 1), in: ball,
                by: [c.steps[row]], within: [c.epsilons[row]], scratch: &scratch)
            #expect(y.bits == whole.rows(row..<row + 1).bits)
        }
    }

    @Test(arguments: [Ball.linf, .l2])
    func zeroMovesNothing(ball: Ball) {
        let c = Case(rows: 10, length: 20, seed: 3)
        var (y, scratch) = (c.y, Tensor(shape: [0]))
        let none = [Float](repeating: 1, count: 10)
        engine.project(&y, around: c.x, in: ball, within: c.epsilons, scratch: &scratch)
        let start = y
        engine.step(
            &y, along: Tensor(shape: [10, 20]), around: c.x, in: ball, by: none,
            within: c.epsilons, scratch: &scratch)
        #expect(y.bits == start.bits)
        engine.step(
            &y, along: c.g, around: c.x, in: ball, by: none.map { _ in 0 }, within: c.epsilons,
            scratch: &scratch)
        #expect(y.bits == start.bits)
    }

    @Test func emptyBatchesPass() {
        var (y, scratch) = (Tensor(shape: [0, 4]), Tensor(shape: [0]))
        engine.step(
            &y, along: y, around: y, in: .l2, by: [], within: [], scratch: &scratch)
        #expect(y.shape == [0, 4])
    }
}
