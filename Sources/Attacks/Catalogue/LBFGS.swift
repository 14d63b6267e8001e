// The first paper's own method: a quasi-Newton descent within the pixels' bounds.

import Networks
import Tensors

/// Box-constrained L-BFGS on ‖r‖² + c·L, with a search for the weight c; see `LBFGS.md`.
///
/// Without a target the likeliest other class of the clean image is one.
public struct LBFGS: GradientAttack {
    /// It looks for the least perturbation.
    public static let facts = AttackFacts("lbfgs", norms: [.l2], budget: .least)

    @Setting(9, in: 1...100, unit: "searches", "values of the weight c that are tried")
    var searches: Int
    @Setting(100, in: 1...100_000, unit: "iterations", "iterations of a search")
    var iterations: Int
    @Setting(1, in: 1e-9...1e9, "the first c; ten times larger until the target is reached")
    var initialConstant: Double
    @Setting(
        10, in: 1...100, unit: "pairs", "steps and gradient changes that are remembered")
    var memory: Int

    /// As in the paper.
    public init() {}

    /// Where a run's search and descent stand.
    public struct State: Sendable {
        var target: Int?
        var descent: BoxedDescent
        /// The weight c, and between which it lies.
        var weight: Double
        var lower = 0.0
        var upper = Double.infinity
        var search = 0
    }

    /// The first descent.
    public func start(_ run: inout Run) -> State {
        State(
            target: run.sample.target, descent: descent(from: run.image.values, run.limits),
            weight: initialConstant)
    }

    private func descent(from image: [Float], _ limits: PixelLimits) -> BoxedDescent {
        BoxedDescent(image, limits: limits, memory: memory, iterations: iterations)
    }

    /// One evaluation of every run's descent.
    public func step(_ batch: inout Batch<State>, on oracle: inout some GradientOracle) throws {
        var logits = try oracle.logits(at: batch)
        let answers = logits.argmaxOfRows()
        for row in batch.open where batch[row].state.target == nil {
            batch[row].state.target = logits.rival(row, of: batch[row].sample.label)
        }
        let losses = CrossEntropy.gradient(
            inPlaceOf: &logits, targets: batch.rows.map { $0.state.target ?? 0 }, scale: 1)
        let gradient = try oracle.pixelGradient(logits, for: batch.owners)
        let sizes = batch.engine.distances(from: batch.originals, to: batch.points)
        for row in batch.open {
            if batch[row].sample.isFooled(by: answers[row]) {
                batch.keepNearest(row, batch.points, row: row, size: sizes[row].l2)
            }
            advance(
                &batch, row, Double(losses[row]), gradient, square: sizes[row].l2 * sizes[row].l2,
                reached: answers[row] == batch[row].state.target)
        }
    }

    /// Takes an evaluation: the next point of the descent, the next search, or the end.
    private func advance(
        _ batch: inout Batch<State>, _ row: Int, _ loss: Double, _ gradient: Tensor,
        square: Double, reached: Bool
    ) {
        let weight = batch[row].state.weight
        batch[row].iterations += 1
        let point = batch[row].state.descent.take(
            value: square + weight * loss, slope: slope(batch, row, weight, gradient),
            reached: reached)
        if let point {
            write(point, to: &batch, row)
            return
        }
        var state = batch[row].state
        state.search += 1
        if state.search == searches {
            batch.finishAtNearest(row)
            return
        }
        if state.descent.hasReached { state.upper = weight } else { state.lower = weight }
        state.weight = state.upper.isFinite ? (state.lower + state.upper) / 2 : 10 * weight
        let image = batch.originals.rows(row..<row + 1).values
        state.descent = descent(from: image, batch.limits)
        batch[row].state = state
        write(image, to: &batch, row)
    }

    /// c·∂L/∂y + 2(y − x).
    private func slope(
        _ batch: Batch<State>, _ row: Int, _ weight: Double, _ gradient: Tensor
    ) -> [Float] {
        let length = batch.length
        return gradient.withFloats { g in
            batch.originals.withFloats { x in
                batch.points.withFloats { y in
                    (row * length..<(row + 1) * length).map {
                        Float(weight * Double(g[$0]) + 2 * (Double(y[$0]) - Double(x[$0])))
                    }
                }
            }
        }
    }

    private func write(_ point: [Float], to batch: inout Batch<State>, _ row: Int) {
        batch.points.replaceRows(
            from: row,
            with: Tensor(shape: [1] + batch.originals.shape.dropFirst(), values: point))
    }
}
