// Momentum with gradients taken a step ahead.

import Tensors

/// The Nesterov iterative method; see `NIFGSM.md`.
public struct NIFGSM: GradientAttack {
    /// A run a budget.
    public static let facts = AttackFacts("ni-fgsm", norms: [.linf], budget: .each)

    let walk = IterativeSteps()
    @Setting(1, in: 0...10, "how much of the momentum a step keeps") var decay: Float

    /// As in the paper.
    public init() {}

    /// One step along the momentum, whose gradient is taken where it leads.
    public func step(_ batch: inout Batch<Void>, on oracle: inout some GradientOracle) throws {
        // Whether a run is over is asked at its point, which needs a pass of its own.
        if walk.stopEarly { batch.finish(whereFooledBy: try oracle.answers(at: batch)) }
        let logits = try oracle.logits(of: ahead(&batch), for: batch.owners)
        let gradient = try oracle.lossGradient(logits, of: batch)
        let width = walk.width
        batch.step(along: Momentum.add(gradient, to: &batch, decay: decay)) {
            $0.direction * width($0.epsilon)
        }
        batch.finish(after: walk.steps)
    }

    /// x + μα·m.
    private func ahead(_ batch: inout Batch<Void>) -> Tensor {
        var places = batch.points
        let length = places.rowLength
        let (decay, width) = (decay, walk.width)
        let widths = batch.rows.map { $0.direction * decay * width($0.epsilon) }
        batch[Momentum.sum].withFloats { momentum in
            places.withMutableFloats { places in
                for (row, ahead) in widths.enumerated() {
                    for index in row * length..<(row + 1) * length {
                        places[index] += ahead * momentum[index]
                    }
                }
            }
        }
        return places
    }
}
