// A gradient estimated from answers alone.

import Randomness
import Tensors

/// A gradient estimated from random directions, followed by Adam; see `SPSA.md`.
///
/// A run ends at the first point that reaches the goal. Directions are the sample's own and the
/// same for every ε.
public struct SPSA: ScoreAttack {
    /// A run a budget; the evaluations of a step are a batch.
    public static let facts = AttackFacts(
        "spsa", norms: [.linf], budget: .each, drawsAtRandom: true, company: .alone)

    @Setting(100, in: 1...1_000_000, unit: "steps", "steps of a run") var steps: Int
    @Setting(128, in: 2...100_000, unit: "evaluations", "evaluations that estimate one gradient")
    var samples: Int
    @Setting(0.01, in: 1e-6...1, unit: "pixels, 0…1", "how far from the point it evaluates")
    var delta: Float
    @Setting(0.01, in: 1e-6...1, unit: "pixels, 0…1", "Adam's step") var stepSize: Double

    /// As in the paper.
    public init() {}

    private var pairs: Int { max(1, samples / 2) }

    /// The images of one step are in memory at once: a gibibyte of them at most.
    public func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {
        let pixels = imageShape.reduce(1, *)
        let most = (1 << 28) / max(1, pixels) - 1
        guard 2 * pairs <= most else {
            throw AttackFault.impossible(
                attack: Self.name,
                "\(2 * pairs) samples of \(pixels) values each are more than a step can hold; "
                    + "at most \(most / 2 * 2) fit.")
        }
    }

    /// What a run remembers.
    public struct State: Sendable {
        var random: Randomness.Stream
        var adam: AdamState
    }

    /// The sample's directions.
    public func start(_ run: inout Run) -> State {
        State(
            random: run.stream("spsa"), adam: AdamState(count: run.image.count, rate: stepSize))
    }

    /// One estimate, and one step of Adam.
    public func step(_ batch: inout Batch<State>, on oracle: inout some ScoreOracle) throws {
        let (steps, pairs, delta, length) = (steps, pairs, delta, batch.length)
        let limits = batch.limits
        for row in batch.open {
            let sample = batch[row].sample
            var directions = RandomSigns.draw(&batch[row].state.random, count: pairs * length)
            limits.clearHeld(&directions)
            let around = surrounded(row, of: batch, directions, pairs, delta)
            var logits: [Float] = []
            var isFooled = false
            // The point itself comes first; in batches that the network handles well.
            for start in stride(from: 0, to: around.rowCount, by: batch.window) {
                let rows = start..<min(start + batch.window, around.rowCount)
                let part = try oracle.logits(
                    of: around.rows(rows), for: batch.owners(of: row, times: rows.count))
                if start == 0 { isFooled = sample.isFooled(by: part.argmaxOfRows()[0]) }
                logits += part.values
            }
            if isFooled {
                batch.finish(row)
                continue
            }
            let gradient = estimate(
                sample, logits, directions, pairs, delta, count: length)
            var adam = batch[row].state.adam
            batch.points.withMutableFloats { points in
                let here = row * length..<(row + 1) * length
                adam.step(UnsafeMutableBufferPointer(rebasing: points[here]), down: gradient)
            }
            batch[row].state.adam = adam
        }
        var points = batch.points
        batch.project(&points)
        batch.points = points
        batch.finish(after: steps)
    }

    /// A point, and those around it: a pair a direction.
    private func surrounded(
        _ row: Int, of batch: Batch<State>, _ directions: [Float], _ pairs: Int, _ delta: Float
    ) -> Tensor {
        let (length, limits) = (batch.length, batch.limits)
        let point = batch.points.rows(row..<row + 1)
        let image = batch.originals.rows(row..<row + 1).values
        var around = Tensor(shape: [2 * pairs + 1] + point.shape.dropFirst())
        point.withFloats { point in
            around.withMutableFloats { around in
                for index in 0..<length { around[index] = point[index] }
                for pair in 0..<pairs {
                    let (plus, minus) = ((2 * pair + 1) * length, (2 * pair + 2) * length)
                    for index in 0..<length {
                        let step = delta * directions[pair * length + index]
                        around[plus + index] = limits.clamped(
                            point[index] + step, index, around: image[index])
                        around[minus + index] = limits.clamped(
                            point[index] - step, index, around: image[index])
                    }
                }
            }
        }
        return around
    }

    private func estimate(
        _ sample: AttackSample, _ logits: [Float], _ directions: [Float], _ pairs: Int,
        _ delta: Float, count: Int
    ) -> [Double] {
        let classes = logits.count / (2 * pairs + 1)
        func loss(_ row: Int) -> Double {
            Double(Margin.of(logits[row * classes..<(row + 1) * classes], for: sample))
        }
        var gradient = [Double](repeating: 0, count: count)
        for pair in 0..<pairs {
            let slope =
                (loss(2 * pair + 1) - loss(2 * pair + 2)) / (2 * Double(delta) * Double(pairs))
            guard slope != 0 else { continue }
            for index in 0..<count {
                gradient[index] += slope * Double(directions[pair * count + index])
            }
        }
        return gradient
    }
}
