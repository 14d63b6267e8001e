// APGD towards one class after the other.

import Tensors

/// APGD on the targeted difference of logits ratio, towards each of the likeliest other classes in turn
/// until any wrong answer comes; for a targeted goal, towards that class alone. See `APGDTargeted.md`.
public struct APGDTargeted: GradientAttack {
    /// A run a budget, with a walk a class; L1 as in `APGDCE`.
    public static let facts = AttackFacts(
        "apgd-targeted", norms: [.linf, .l2, .l1], budget: .each, drawsAtRandom: true,
        company: .inStep)

    let walk = APGDWalk()
    @Setting(
        9, in: 1...1000, unit: "classes", "how many of the likeliest other classes are tried")
    var targets: Int

    /// As in the paper.
    public init() {}

    /// Its ratio needs a fourth logit.
    public func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {
        guard classes >= 4 else {
            throw AttackFault.impossible(
                attack: Self.name,
                "the targeted difference of logits ratio needs 4 classes, and the network has "
                    + "\(classes); take apgd-ce.")
        }
    }

    /// The classes that a run walks towards, and how many of them are done.
    public struct State: Sendable {
        var classes: [Int] = []
        var done = 0
    }

    /// No class yet.
    public func start(_ run: inout Run) -> State { State() }

    /// A walk of every run towards its next class. The runs of a batch are at the same class, or over.
    public func step(_ batch: inout Batch<State>, on oracle: inout some GradientOracle) throws {
        try chooseClasses(&batch, on: &oracle)
        let ranks = Dictionary(grouping: batch.open) { batch[$0].state.done }
        for (rank, rows) in ranks.sorted(by: { $0.key < $1.key }) {
            let towards = Towards(
                walk: walk, classes: rows.map { batch[$0].state.classes[rank] },
                name: "\(Self.name)/\(rank)")
            let attempts = try oracle.attempt(
                towards, on: rows, of: batch, within: rows.map { batch[$0].epsilon })
            for (row, attempt) in zip(rows, attempts) {
                batch[row].iterations += attempt.iterations
                batch[row].state.done += 1
                if attempt.isFooled || batch[row].state.done == batch[row].state.classes.count {
                    batch.finish(row, at: attempt.image, row: 0)
                }
            }
        }
    }

    /// By the answers to the images, for the runs that are new.
    private func chooseClasses(
        _ batch: inout Batch<State>, on oracle: inout some GradientOracle
    ) throws {
        let logits = try oracle.logits(
            of: batch.originals, for: batch.owners(where: \.state.classes.isEmpty))
        for row in batch.open where batch[row].state.classes.isEmpty {
            batch[row].state.classes =
                batch[row].sample.target.map { [$0] }
                ?? logits.likeliest(row, except: batch[row].sample.label, count: targets)
        }
    }

    /// A walk towards one class of each sample, as an attack of its own.
    private struct Towards: GradientAttack {
        static let facts = AttackFacts(
            "towards", norms: APGDTargeted.norms, budget: .each, drawsAtRandom: true)

        var walk = APGDWalk()
        /// By the places of the samples.
        var classes: [Int] = []
        /// What names the random starts.
        var name = ""

        init() {}

        init(walk: APGDWalk, classes: [Int], name: String) {
            (self.walk, self.classes, self.name) = (walk, classes, name)
        }

        func start(_ run: inout Run) -> APGDState { walk.start(&run, for: name) }

        func step(
            _ batch: inout Batch<APGDState>, on oracle: inout some GradientOracle
        ) throws {
            let targets = batch.samples.map { classes[$0.row] }
            try walk.step(&batch, up: .targetedRatio(targets), on: &oracle)
        }
    }
}
