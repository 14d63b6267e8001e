// Direction and norm of the perturbation, each on its own.

import Tensors

/// A ball that shrinks at each success and grows else, with normalised gradient steps; see `DDN.md`.
///
/// Where the gradient is zero a random direction takes its place, and the record says so.
public struct DDN: GradientAttack {
    /// It looks for the least perturbation.
    public static let facts = AttackFacts("ddn", norms: [.l2], budget: .least)

    @Setting(100, in: 1...1_000_000, unit: "steps", "gradient steps") var steps: Int
    @Setting(0.05, in: 1e-6...0.999, "by which share the ball shrinks or grows") var gamma: Double
    @Setting(1, in: 1e-6...1e6, unit: "pixel units", "the first ball's radius")
    var initialNorm: Double

    /// As in the paper.
    public init() {}

    /// The radius of a run's ball.
    public typealias State = Double

    /// The first radius.
    public func start(_ run: inout Run) -> Double { initialNorm }

    /// One step, and onto the new ball.
    public func step(_ batch: inout Batch<Double>, on oracle: inout some GradientOracle) throws {
        let logits = try oracle.logits(at: batch)
        let isFooled = batch.keepNearest(logits.argmaxOfRows())
        let gradient = try oracle.lossGradient(logits, of: batch)
        let (steps, gamma) = (steps, gamma)
        for row in batch.open {
            let step = batch[row].iterations
            let width = 0.01 + 0.99 * Cosine.fade(step, of: steps)
            var (slope, place) = (gradient, row)
            var size = gradient.l2(ofRow: row)
            if size == 0 {
                (slope, place, size) = (direction(row, step, batch), 0, 1)
                batch.mark(row, .randomDirection)
            }
            batch.points.addToRow(
                row, Double(batch[row].direction) * width / size, slope, row: place)
            // At the image itself there is no ball to leave yet.
            if step > 0 || isFooled[row] {
                // Far beyond any box, and far from what a Double cannot hold.
                batch[row].state = min(
                    0x1p100, batch[row].state * (isFooled[row] ? 1 - gamma : 1 + gamma))
            }
            batch.rescale(row, to: batch[row].state)
            batch[row].iterations += 1
            if step + 1 == steps { batch.finishAtNearest(row) }
        }
    }

    /// A random vector of norm 1 over the values that may change, the sample's own in this step.
    private func direction(_ row: Int, _ step: Int, _ batch: Batch<Double>) -> Tensor {
        var random = batch.stream("\(Self.name)/direction/\(step)", row)
        return Tensor(
            shape: [1] + batch.originals.shape.dropFirst(),
            values: batch.limits.spread(
                BallStart.direction(count: batch.freeCount, random: &random)))
    }
}
