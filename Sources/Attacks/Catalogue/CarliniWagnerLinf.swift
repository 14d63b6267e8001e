// Carlini and Wagner's attack on the largest change.

import Tensors

/// Carlini and Wagner's L∞ attack: a bound τ on every change, lowered at each success; see
/// `CarliniWagnerLinf.md`.
public struct CarliniWagnerLinf: GradientAttack {
    /// It looks for the least perturbation.
    public static let facts = AttackFacts("cw-linf", norms: [.linf], budget: .least)

    @Setting(1000, in: 1...1_000_000, unit: "steps", "steps of a descent") var steps: Int
    @Setting(0.005, in: 1e-9...1e3, "Adam's step size") var stepSize: Double
    @Setting(1e-3, in: 1e-9...1e9, "the first c") var initialConstant: Double
    @Setting(20, in: 1e-9...1e9, "the last c") var largestConstant: Double
    @Setting(0.9, in: 0.01...0.999, "what is left of τ after a success") var decrease: Double
    @Setting(1.0 / 256, in: 1e-6...1, unit: "pixels, 0…1", "the τ at which it is content")
    var leastBound: Double

    /// As in the paper.
    public init() {}

    /// Where a run stands.
    public struct State: UnboundedRun {
        var variable: UnboundedPixels
        /// The bound τ.
        var bound = 1.0
        /// The weight c.
        var weight: Double
        /// Steps of this descent.
        var step = 0
        /// Whether it takes part in the next step.
        var isMoving = true
    }

    /// The first descent.
    public func start(_ run: inout Run) -> State {
        State(variable: run.unbound(), weight: initialConstant)
    }

    /// A look at the points, and one step of the runs whose descent goes on.
    public func step(_ batch: inout Batch<State>, on oracle: inout some GradientOracle) throws {
        var logits = try oracle.logits(at: batch)
        let answers = logits.argmaxOfRows()
        let margins = Margin.gradient(inPlaceOf: &logits, for: batch.samples)
        for row in batch.open {
            look(&batch, row, isFooled: batch[row].sample.isFooled(by: answers[row]))
        }
        var gradient = try oracle.pixelGradient(logits, for: batch.owners(where: \.state.isMoving))
        addExcess(&gradient, batch, margins)
        let rate = stepSize
        for row in batch.open where batch[row].state.isMoving {
            batch[row].iterations += 1
            batch.descend(row, gradient, rate: rate)
        }
    }

    /// Takes the answer at a point: lowers τ, raises c, or ends.
    private func look(_ batch: inout Batch<State>, _ row: Int, isFooled: Bool) {
        batch[row].state.isMoving = true
        let image = batch.points.rows(row..<row + 1)
        let largest = batch.engine.distances(
            from: batch.originals.rows(row..<row + 1), to: image)[0].linf
        if isFooled { batch.keepNearest(row, image, row: 0, size: largest) }
        var state = batch[row].state
        if isFooled && largest <= state.bound {
            // A success within the bound: a tighter one, from here.
            state.bound = decrease * largest
            (state.step, state.isMoving) = (0, state.bound >= leastBound)
            batch[row].state = state
            batch.restart(row, at: image, row: 0)
        } else if state.step == steps {
            state.weight *= 2
            (state.step, state.isMoving) = (0, state.weight <= largestConstant)
            batch[row].state = state
            // From the nearest success, or from the image itself.
            batch.restart(row, at: batch[.nearest], row: row)
        } else {
            batch[row].state.step += 1
        }
        if !batch[row].state.isMoving { batch.finishAtNearest(row) }
    }

    /// c·∂M/∂x′ while the margin counts, and the signs of the changes beyond τ.
    private func addExcess(_ gradient: inout Tensor, _ batch: Batch<State>, _ margins: [Float]) {
        let length = batch.length
        gradient.withMutableFloats { gradient in
            batch.originals.withFloats { x in
                batch.points.withFloats { y in
                    for row in batch.open {
                        let weight = margins[row] >= 0 ? Float(batch[row].state.weight) : 0
                        let bound = Float(batch[row].state.bound)
                        for index in row * length..<(row + 1) * length {
                            let change = y[index] - x[index]
                            let sign: Float = change > bound ? 1 : change < -bound ? -1 : 0
                            gradient[index] = weight * gradient[index] + sign
                        }
                    }
                }
            }
        }
    }
}
