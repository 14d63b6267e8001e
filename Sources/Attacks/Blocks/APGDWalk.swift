// The walk of APGD, which chooses its own steps.

import Tensors

/// Projected gradient ascent with momentum and a step size of its own choice: Croce and Hein, "Reliable
/// evaluation of adversarial robustness with an ensemble of diverse parameter-free attacks" (2020).
///
///     z = project(x + η·direction(g)),   x⁺ = project(x + 0.75·(z − x) + 0.25·(x − x⁻))
///
/// η begins at 2ε and is halved at checkpoints where fewer than 0.75 of the steps since the last one
/// have raised the loss, or where neither η nor the best loss has changed; then the run goes on from
/// its best point. Checkpoints come after 0.22·steps, each interval shorter by 0.03·steps, at least
/// 0.06·steps. Step, checkpoints and best point are the run's own. A run ends at the first point that
/// reaches its goal.
struct APGDWalk: SettingGroup {
    @Setting(100, in: 2...1_000_000, unit: "steps", "gradient steps of a run") var steps: Int
    @Setting(
        0.75, in: 0...1, "the share of steps that must raise the loss for the step size to stay")
    var rho: Double

    /// The point before, the gradient at the point, the best point, and its gradient.
    private static let previous = RowTensor("previous", .zeros)
    private static let slope = RowTensor("slope", .zeros)
    private static let best = RowTensor("best", .zeros)
    private static let bestSlope = RowTensor("best-slope", .zeros)

    /// A random point of the ball, drawn for a purpose, and a full step.
    func start(_ run: inout Run, for purpose: String) -> APGDState {
        var random = run.stream("\(purpose)/start")
        run.move(
            by: BallStart.point(
                of: run.model.norm.ball, count: run.freeCount, random: &random))
        return APGDState(interval: max(1, Int(0.22 * Double(steps))))
    }

    /// One step of every run, up the loss.
    func step(
        _ batch: inout Batch<APGDState>, up loss: APGDLoss, on oracle: inout some GradientOracle
    ) throws {
        var logits = try oracle.logits(at: batch)
        let answers = logits.argmaxOfRows()
        let losses = loss.gradient(inPlaceOf: &logits, for: batch.samples)
        batch.finish(whereFooledBy: answers)
        batch[Self.slope] = try oracle.pixelGradient(logits, for: batch.owners)
        let (steps, rho) = (steps, rho)
        for row in batch.open { remember(&batch, row, losses[row], steps, rho) }
        move(&batch)
        batch.finish(after: steps)
    }

    /// Takes the loss at a run's point, and chooses the step.
    private func remember(
        _ batch: inout Batch<APGDState>, _ row: Int, _ loss: Float, _ steps: Int, _ rho: Double
    ) {
        var state = batch[row].state
        let isFirst = batch[row].iterations == 0
        if state.best == -.infinity { state.checked = loss }
        // The first point is the best so far, however bad.
        if loss > state.best || isFirst {
            state.best = loss
            batch[Self.best].copyRow(row, of: batch.points, to: row)
            batch[Self.bestSlope].copyRow(row, of: batch[Self.slope], to: row)
        }
        if !isFirst {
            state.since += 1
            state.raised += loss > state.last ? 1 : 0
        }
        state.last = loss
        if state.since == state.interval {
            let isSwinging = Double(state.raised) <= rho * Double(state.interval)
            let isStuck = !state.wasHalved && state.checked >= state.best
            state.wasHalved = isSwinging || isStuck
            state.checked = state.best
            if state.wasHalved {
                state.width *= 0.5
                batch.points.copyRow(row, of: batch[Self.best], to: row)
                batch[Self.slope].copyRow(row, of: batch[Self.bestSlope], to: row)
            }
            state.interval = max(
                state.interval - max(1, Int(0.03 * Double(steps))),
                max(1, Int(0.06 * Double(steps))))
            (state.since, state.raised) = (0, 0)
        }
        batch[row].state = state
    }

    /// One step with momentum of every run that is not over.
    private func move(_ batch: inout Batch<APGDState>) {
        let here = batch.points
        batch.step(along: batch[Self.slope], share: 0.05) { $0.state.width * $0.epsilon }
        var mixed = batch.points
        let length = mixed.rowLength
        here.withFloats { here in
            batch[Self.previous].withFloats { previous in
                mixed.withMutableFloats { mixed in
                    for row in batch.open where batch[row].iterations > 0 {
                        for index in row * length..<(row + 1) * length {
                            let point = here[index]
                            mixed[index] =
                                point + 0.75 * (mixed[index] - point)
                                + 0.25 * (point - previous[index])
                        }
                    }
                }
            }
        }
        batch.project(&mixed)
        batch[Self.previous] = here
        batch.points = mixed
    }
}

/// What a run of APGD remembers.
public struct APGDState: Sendable {
    /// η as a share of ε.
    var width: Float = 2
    var best = -Float.infinity
    var last = -Float.infinity
    /// The best loss at the last checkpoint, and whether η was halved there.
    var checked = -Float.infinity
    var wasHalved = true
    /// Steps since the last checkpoint, until the next one, and how many raised the loss.
    var since = 0
    var interval: Int
    var raised = 0
}
