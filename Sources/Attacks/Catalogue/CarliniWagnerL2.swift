// The nearest adversarial image by gradient descent, with a search for the right weight.

import Tensors

/// Carlini and Wagner's L2 attack: Adam on pixels without bounds, and a search for the weight of the
/// margin; see `CarliniWagnerL2.md`.
public struct CarliniWagnerL2: GradientAttack {
    /// It looks for the least perturbation.
    public static let facts = AttackFacts("cw-l2", norms: [.l2], budget: .least)

    let search = WeightSearch(steps: 1000)
    @Setting(0, in: 0...1e6, "the margin κ by which the goal must be reached")
    var confidence: Float

    /// As in the paper.
    public init() {}

    /// Where a run's search and descent stand.
    public struct State: UnboundedRun {
        var search: WeightSearch.State
        var variable: UnboundedPixels
    }

    /// The first search.
    public func start(_ run: inout Run) -> State {
        State(search: search.begin(), variable: run.unbound())
    }

    /// A look at the points, and one step of the runs whose search goes on.
    public func step(_ batch: inout Batch<State>, on oracle: inout some GradientOracle) throws {
        var logits = try oracle.logits(at: batch)
        let answers = logits.argmaxOfRows()
        let margins = Margin.gradient(inPlaceOf: &logits, for: batch.samples)
        let sizes = batch.engine.distances(from: batch.originals, to: batch.points)
        let (confidence, rate) = (confidence, search.stepSize)
        for row in batch.open {
            let size = sizes[row].l2 * sizes[row].l2
            let isFooled =
                batch[row].sample.isFooled(by: answers[row]) && margins[row] <= -confidence
            if isFooled { batch.keepNearest(row, batch.points, row: row, size: size) }
            let excess = max(0, Double(margins[row] + confidence))
            switch search.look(&batch[row].state.search, size, excess, isFooled: isFooled) {
            case .step: break
            case .restart: batch.restart(row, at: batch.originals, row: row)
            case .finish: batch.finishAtNearest(row)
            }
        }
        var gradient = try oracle.pixelGradient(
            logits, for: batch.owners(where: \.state.search.isMoving))
        gradient.addDistances(of: batch) { row in
            margins[row] + confidence > 0 ? Float(batch[row].state.search.weight) : 0
        }
        for row in batch.open where batch[row].state.search.isMoving {
            batch[row].iterations += 1
            batch.descend(row, gradient, rate: rate)
        }
    }
}

extension Tensor {
    /// g ← c·g + 2(y − x), the gradient of ‖y − x‖² + c·M, with a weight c a row.
    fileprivate mutating func addDistances<State>(
        of batch: Batch<State>, weight: (Int) -> Float
    ) {
        let length = rowLength
        withMutableFloats { gradient in
            batch.originals.withFloats { x in
                batch.points.withFloats { y in
                    for row in batch.open {
                        let weight = weight(row)
                        for index in row * length..<(row + 1) * length {
                            gradient[index] = weight * gradient[index] + 2 * (y[index] - x[index])
                        }
                    }
                }
            }
        }
    }
}
