// Random squares: an attack that only asks for scores.

import Networks
import Randomness
import Tensors

/// Random search by squares, asking for scores alone; see `Square.md`.
///
/// A run ends at the first image that reaches the goal. Draws are the sample's own.
public struct Square: ScoreAttack {
    /// A run a budget.
    public static let facts = AttackFacts(
        "square", norms: [.linf, .l2], budget: .each, drawsAtRandom: true)

    @Setting(
        5000, in: 1...10_000_000, unit: "queries", "forward passes that a run may take")
    var queries: Int
    @Setting(0.8, in: 0.000001...1, "the share of the image that the first squares cover")
    var pInit: Double
    @Setting(true, "stretch the schedule of p from 10,000 to the number of queries")
    var rescaleSchedule: Bool

    /// As the authors have it.
    public init() {}

    /// A square needs rows and columns.
    public func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {
        guard imageShape.count == 3, imageShape[1] > 0, imageShape[2] > 0 else {
            throw AttackFault.impossible(
                attack: Self.name, "it needs images [C, H, W], and these are \(imageShape).")
        }
        guard model.norm == .linf || min(imageShape[1], imageShape[2]) >= 5 else {
            throw AttackFault.impossible(
                attack: Self.name, "in the norm l2 it needs images of 5 × 5 pixels or more.")
        }
    }

    /// What a run remembers.
    public struct State: Sendable {
        var random: Randomness.Stream
        var least = Float.infinity
    }

    /// The best image so far.
    private static let best = RowTensor("best", .zeros)

    /// The sample's draws.
    public func start(_ run: inout Run) -> State { State(random: run.stream("square")) }

    /// One query.
    public func step(_ batch: inout Batch<State>, on oracle: inout some ScoreOracle) throws {
        for row in batch.open { propose(row, of: &batch) }
        let logits = try oracle.logits(at: batch)
        let answers = logits.argmaxOfRows()
        let losses = losses(logits, batch.samples)
        let queries = queries
        for row in batch.open {
            batch[row].iterations += 1
            if batch[row].sample.isFooled(by: answers[row]) {
                batch.finish(row)
                continue
            }
            if losses[row] < batch[row].state.least {
                batch[row].state.least = losses[row]
                batch[Self.best].copyRow(row, of: batch.points, to: row)
            }
            if batch[row].iterations == queries {
                batch.finish(row, at: batch[Self.best], row: row)
            }
        }
    }

    private func losses(_ logits: Tensor, _ samples: [AttackSample]) -> [Float] {
        let (values, classes) = (logits.values, logits.rowLength)
        let distant = CrossEntropy.losses(of: logits, targets: samples.map(\.lossClass))
        return samples.enumerated().map { row, sample in
            sample.target == nil
                ? Margin.of(values[row * classes..<(row + 1) * classes], for: sample)
                : distant[row]
        }
    }

    /// The share of the image that a square covers at a query.
    func share(at step: Int) -> Double {
        let place = rescaleSchedule ? Int(Double(step) / Double(queries) * 10_000) : step
        let limits = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000]
        return limits.reduce(pInit) { place > $1 ? $0 / 2 : $0 }
    }

    /// Writes a run's next proposal over its point.
    private func propose(_ row: Int, of batch: inout Batch<State>) {
        let (step, length, shape) = (batch[row].iterations, batch.length, batch.points.shape)
        var random = batch[row].state.random
        var canvas = SquareCanvas(
            channels: shape[1], height: shape[2], width: shape[3], epsilon: batch[row].epsilon,
            isL2: batch.norm == .l2, limits: batch.limits)
        let share = step > 0 ? share(at: step - 1) : 1
        batch.change(Self.best) { points, best, originals in
            if step > 0 { points.copyRow(row, of: best, to: row) }
            originals.withFloats { x in
                points.withMutableFloats { y in
                    let here = row * length..<(row + 1) * length
                    let x = UnsafeBufferPointer(rebasing: x[here])
                    let y = UnsafeMutableBufferPointer(rebasing: y[here])
                    if step == 0 {
                        canvas.begin(y, around: x, &random)
                    } else {
                        canvas.change(y, around: x, share: share, &random)
                    }
                }
            }
        }
        batch[row].state.random = random
    }
}
