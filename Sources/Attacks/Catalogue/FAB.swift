// FAB over all classes at once.

/// Projections onto the linear boundary, drawn towards the image; see `FAB.md`.
public struct FAB: GradientAttack {
    /// It looks for the least perturbation.
    public static let facts = AttackFacts(
        "fab", norms: [.linf, .l2, .l1], budget: .least, drawsAtRandom: true)

    let walk = FABWalk()

    /// As in the paper.
    public init() {}

    /// The image itself; in later tries a random point near it.
    public func start(_ run: inout Run) -> FABState {
        walk.begin(&run, for: "\(Self.name)/start")
        return FABState()
    }

    /// One step.
    public func step(
        _ batch: inout Batch<FABState>, on oracle: inout some GradientOracle
    ) throws {
        // The image itself is asked once, which tells how many classes there are.
        let classes = try oracle.logits(
            of: batch.originals, for: batch.owners(where: \.state.rivals.isEmpty)
        ).rowLength
        for row in batch.open where batch[row].state.rivals.isEmpty {
            let sample = batch[row].sample
            batch[row].state.rivals =
                sample.target.map { [$0] } ?? (0..<classes).filter { $0 != sample.label }
            // A network of one class has no boundary.
            if batch[row].state.rivals.isEmpty { batch.finish(row) }
        }
        for row in try walk.step(&batch, on: &oracle) { batch.finishAtNearest(row) }
    }
}
