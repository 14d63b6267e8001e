// FAB towards one class after the other.

import Tensors

/// FAB towards each of the likeliest other classes, the nearest of which counts; see `TargetedFAB.md`.
public struct TargetedFAB: GradientAttack {
    /// It looks for the least perturbation.
    public static let facts = AttackFacts(
        "fab-targeted", norms: [.linf, .l2, .l1], budget: .least, drawsAtRandom: true)

    let walk = FABWalk()
    @Setting(
        9, in: 1...1000, unit: "classes", "how many of the likeliest other classes are tried")
    var targets: Int

    /// As in the paper.
    public init() {}

    /// The nearest success of all walks so far.
    private static let best = RowTensor("best", .image)

    /// The image itself; in later tries a random point near it.
    public func start(_ run: inout Run) -> FABState {
        walk.begin(&run, for: purpose(0))
        return FABState()
    }

    private func purpose(_ rank: Int) -> String { "\(Self.name)/\(rank)/start" }

    /// One step of every run's walk, and the next walk for those whose walk is over.
    public func step(
        _ batch: inout Batch<FABState>, on oracle: inout some GradientOracle
    ) throws {
        try chooseClasses(&batch, on: &oracle)
        for row in try walk.step(&batch, on: &oracle) {
            if batch[row].least < batch[row].state.least {
                batch[row].state.least = batch[row].least
                batch[Self.best].copyRow(row, of: batch[.nearest], to: row)
            }
            batch[row].state.done += 1
            let (done, classes) = (batch[row].state.done, batch[row].state.classes)
            if done == classes.count {
                batch.finish(row, at: batch[Self.best], row: row)
            } else {
                batch[row].state.rivals = [classes[done]]
                walk.begin(row, of: &batch, for: purpose(done))
            }
        }
    }

    /// By the answers to the images, for the runs that are new.
    private func chooseClasses(
        _ batch: inout Batch<FABState>, on oracle: inout some GradientOracle
    ) throws {
        let logits = try oracle.logits(
            of: batch.originals, for: batch.owners(where: \.state.classes.isEmpty))
        for row in batch.open where batch[row].state.classes.isEmpty {
            let classes =
                batch[row].sample.target.map { [$0] }
                ?? logits.likeliest(row, except: batch[row].sample.label, count: targets)
            batch[row].state.classes = classes
            batch[row].state.rivals = Array(classes.prefix(1))
            // A network of one class has no boundary.
            if classes.isEmpty { batch.finish(row) }
        }
    }
}
