// Carlini and Wagner's attack on the number of changes.

import Tensors

/// Carlini and Wagner's L0 attack: descents over ever fewer values, the least useful put back; see
/// `CarliniWagnerL0.md`.
public struct CarliniWagnerL0: GradientAttack {
    /// It looks for the least perturbation.
    public static let facts = AttackFacts("cw-l0", norms: [.l0], budget: .least)

    @Setting(200, in: 1...1_000_000, unit: "steps", "steps of a descent") var steps: Int
    @Setting(0.05, in: 1e-9...1e3, "Adam's step size") var stepSize: Double
    @Setting(0.1, in: 1e-9...1e9, "the first c") var initialConstant: Double
    @Setting(1000, in: 1e-9...1e9, "the last c") var largestConstant: Double
    @Setting(1.0 / 512, in: 0...1, unit: "pixels, 0…1", "changes up to this count as none")
    var threshold: Float

    /// As in the paper.
    public init() {}

    /// Where a run stands.
    public struct State: UnboundedRun {
        var variable: UnboundedPixels
        /// Which values may move.
        var isFree: [Bool]
        /// The weight c.
        var weight: Double
        /// Steps of this descent.
        var step = 0
        /// Whether it takes part in the next step.
        var isMoving = true
    }

    /// The first descent, over all values.
    public func start(_ run: inout Run) -> State {
        State(
            variable: run.unbound(),
            isFree: (0..<run.image.count).map { run.limits.mayChange($0) },
            weight: initialConstant)
    }

    /// A look at the points, and one step of the runs whose descent goes on.
    public func step(_ batch: inout Batch<State>, on oracle: inout some GradientOracle) throws {
        let held = held(batch)
        var logits = try oracle.logits(of: held, for: batch.owners)
        let answers = logits.argmaxOfRows()
        let margins = Margin.gradient(inPlaceOf: &logits, for: batch.samples)
        var gradient = try oracle.pixelGradient(logits, for: batch.owners)
        for row in batch.open {
            look(
                &batch, row, held, gradient,
                isFooled: batch[row].sample.isFooled(by: answers[row]))
        }
        addDistance(&gradient, batch, held, margins)
        let rate = stepSize
        for row in batch.open where batch[row].state.isMoving {
            batch[row].iterations += 1
            batch.descend(row, gradient, rate: rate)
        }
    }

    /// The points with every value that is not free, or hardly moved, as in the image.
    private func held(_ batch: Batch<State>) -> Tensor {
        var held = batch.points
        let (length, threshold) = (batch.length, threshold)
        batch.originals.withFloats { x in
            held.withMutableFloats { y in
                for (row, run) in batch.rows.enumerated() {
                    for index in 0..<length {
                        let place = row * length + index
                        let isKept =
                            run.state.isFree[index] && abs(y[place] - x[place]) > threshold
                        if !isKept { y[place] = x[place] }
                    }
                }
            }
        }
        return held
    }

    /// Takes the answer at a point: puts values back, raises c, or ends.
    private func look(
        _ batch: inout Batch<State>, _ row: Int, _ held: Tensor, _ gradient: Tensor,
        isFooled: Bool
    ) {
        batch[row].state.isMoving = true
        if isFooled {
            let changed = changedValues(held, batch.originals, row)
            batch.keepNearest(row, held, row: row, size: Double(changed.count))
            let useful = kept(changed, held, batch.originals, gradient, row)
            var isFree = Array(repeating: false, count: held.rowLength)
            for index in useful { isFree[index] = true }
            batch[row].state.isFree = isFree
            (batch[row].state.step, batch[row].state.isMoving) = (0, !useful.isEmpty)
            batch.restart(row, at: held, row: row)
        } else if batch[row].state.step == steps {
            let weight = 10 * batch[row].state.weight
            batch[row].state.weight = weight
            (batch[row].state.step, batch[row].state.isMoving) = (0, weight <= largestConstant)
            batch.restart(row, at: batch.originals, row: row)
        } else {
            batch[row].state.step += 1
        }
        if !batch[row].state.isMoving { batch.finishAtNearest(row) }
    }

    private func changedValues(_ y: Tensor, _ x: Tensor, _ row: Int) -> [Int] {
        let length = y.rowLength
        return x.withFloats { x in
            y.withFloats { y in
                (0..<length).filter { y[row * length + $0] != x[row * length + $0] }
            }
        }
    }

    /// The values that stay free: all that were changed but the third with the smallest |g·δ|.
    private func kept(
        _ changed: [Int], _ y: Tensor, _ x: Tensor, _ gradient: Tensor, _ row: Int
    ) -> [Int] {
        let start = row * y.rowLength
        let parts = x.withFloats { x in
            y.withFloats { y in
                gradient.withFloats { g in
                    changed.map { abs(g[start + $0] * (y[start + $0] - x[start + $0])) }
                }
            }
        }
        let order = changed.indices.sorted { (parts[$0], $0) < (parts[$1], $1) }
        return order.dropFirst(max(1, changed.count / 3)).map { changed[$0] }
    }

    /// c·∂M/∂x′ while the margin counts, and the slope of the squared distance; 0 for values that are
    /// not free.
    private func addDistance(
        _ gradient: inout Tensor, _ batch: Batch<State>, _ held: Tensor, _ margins: [Float]
    ) {
        let length = batch.length
        gradient.withMutableFloats { gradient in
            batch.originals.withFloats { x in
                held.withFloats { y in
                    for row in batch.open {
                        let weight = margins[row] >= 0 ? Float(batch[row].state.weight) : 0
                        let isFree = batch[row].state.isFree
                        for index in 0..<length {
                            let place = row * length + index
                            let slope = weight * gradient[place] + 2 * (y[place] - x[place])
                            gradient[place] = isFree[index] ? slope : 0
                        }
                    }
                }
            }
        }
    }
}
