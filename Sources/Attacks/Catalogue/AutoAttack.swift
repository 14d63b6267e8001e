// Four attacks with standard settings, one after the other on what is left.

import Networks
import Tensors

/// The standard ensemble: APGD on the cross-entropy, targeted APGD, targeted FAB and Square, each on
/// the survivors of the one before; see `AutoAttack.md`.
///
/// The note `winner` says which part was first. Before the attack the network is examined for signs
/// that its answers mislead attacks, which become warnings.
public struct AutoAttack: GradientAttack {
    /// A run a budget.
    public static let facts = AttackFacts(
        "autoattack", norms: [.linf, .l2], budget: .each, goals: .untargeted, drawsAtRandom: true,
        company: .inStep)
    /// The parts.
    public static let words = ["winner": Part.allCases.map(\.rawValue)]

    @Setting(100, in: 2...1_000_000, unit: "steps", "steps of a run of APGD and FAB")
    var steps: Int
    @Setting(5000, in: 1...10_000_000, unit: "queries", "queries of Square") var queries: Int
    @Setting(9, in: 1...1000, unit: "classes", "classes that the targeted parts try")
    var targets: Int

    /// As in the paper.
    public init() {}

    private enum Part: String, CaseIterable {
        case apgdCE = "apgd-ce"
        case apgdTargeted = "apgd-targeted"
        case fabTargeted = "fab-targeted"
        case square
    }

    /// A part with the settings that the whole gives it.
    private func attack(_ part: Part) -> any Attack {
        switch part {
        case .apgdCE:
            let attack = APGDCE()
            attack.walk.steps = steps
            return attack
        case .apgdTargeted:
            let attack = APGDTargeted()
            (attack.walk.steps, attack.targets) = (steps, targets)
            return attack
        case .fabTargeted:
            let attack = TargetedFAB()
            (attack.walk.steps, attack.targets) = (steps, targets)
            return attack
        case .square:
            let attack = Square()
            (attack.queries, attack.rescaleSchedule) = (queries, false)
            return attack
        }
    }

    /// What its parts need.
    public func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {
        guard classes >= 4 else {
            throw AttackFault.impossible(
                attack: Self.name,
                "the targeted difference of logits ratio needs 4 classes, and the network has "
                    + "\(classes); take apgd-ce and square.")
        }
        try attack(.square).check(model, classes: classes, imageShape: imageShape)
    }

    /// How many parts a run has been through.
    public typealias State = Int

    /// None.
    public func start(_ run: inout Run) -> Int { 0 }

    /// The next part of every run.
    public func step(_ batch: inout Batch<Int>, on oracle: inout some GradientOracle) throws {
        try examine(&batch, on: &oracle)
        let parts = Dictionary(grouping: batch.open) { batch[$0].state }
        for (index, rows) in parts.sorted(by: { $0.key < $1.key }) {
            let part = Part.allCases[index]
            let epsilons = part == .fabTargeted ? nil : rows.map { batch[$0].epsilon }
            let attempts = try oracle.attempt(
                attack(part), on: rows, of: batch, within: epsilons)
            for (row, attempt) in zip(rows, attempts) {
                take(attempt, of: part, index, row, &batch)
            }
        }
    }

    private func take(
        _ attempt: Attempt, of part: Part, _ index: Int, _ row: Int, _ batch: inout Batch<Int>
    ) {
        batch[row].iterations += attempt.iterations
        batch[row].state += 1
        // A perturbation of least size may be larger than the budget.
        if attempt.isFooled && attempt.size <= Double(batch[row].epsilon) {
            batch.note("winner", Float(index), row, budget: batch[row].budget)
            if part == .square { batch.flag(Flag.square, row, budget: batch[row].budget) }
            batch.finish(row, at: attempt.image, row: 0)
            return
        }
        // The last image within the budget is what a failure proposes.
        if part != .fabTargeted { batch.points.copyRow(0, of: attempt.image, to: row) }
        if batch[row].state == Part.allCases.count { batch.finish(row) }
    }

    private enum Flag {
        static let unsteady = "answers-differ"
        static let probabilities = "probabilities"
        static let zeroGradient = "zero-gradient"
        static let square = "square"
    }

    /// The share of samples that Square may win without a warning.
    private static let mostBySquare = 0.002

    /// Asks about the images of new runs twice, and for their gradients.
    private func examine(_ batch: inout Batch<Int>, on oracle: inout some GradientOracle) throws {
        let owners = batch.owners { $0.state == 0 }
        let first = try oracle.logits(of: batch.originals, for: owners)
        var logits = try oracle.logits(of: batch.originals, for: owners)
        let classes = first.rowLength
        let (values, again) = (first.values, logits.values)
        for row in batch.open where batch[row].state == 0 {
            let own = row * classes..<(row + 1) * classes
            if values[own] != again[own] { batch.flag(Flag.unsteady, row) }
            if values[own].allSatisfy({ (0...1).contains($0) })
                && abs(values[own].reduce(0) { $0 + Double($1) } - 1) < 1e-4
            {
                batch.flag(Flag.probabilities, row)
            }
        }
        _ = CrossEntropy.gradient(
            inPlaceOf: &logits, targets: batch.samples.map(\.lossClass), scale: 1)
        let gradient = try oracle.pixelGradient(logits, for: owners)
        for row in batch.open where batch[row].state == 0 && gradient.isZero(row: row) {
            batch.flag(Flag.zeroGradient, row)
        }
    }

    /// What the examination and the winners show.
    public func warnings(_ flags: Flags, attacked: Int, of samples: Int) -> [String] {
        var warnings: [String] = []
        if flags.count(Flag.unsteady) > 0 {
            warnings.append(
                "The network answers differently when it is asked again: its attacks should average "
                    + "over many answers, which these do not.")
        }
        if attacked > 0 && flags.count(Flag.probabilities) == attacked {
            warnings.append(
                "The logits look like probabilities: losses of probabilities flatten out, and "
                    + "attacks then seem weaker than they are.")
        }
        let zero = flags.count(Flag.zeroGradient)
        if zero > 0 {
            warnings.append(
                "The gradient at \(zero) of the \(attacked) images is zero: attacks that follow the "
                    + "cross-entropy see nothing there.")
        }
        let bySquare = flags.count(Flag.square)
        if Double(bySquare) > Self.mostBySquare * Double(samples) {
            warnings.append(
                "Square, which sees no gradients, found \(bySquare) images that the attacks with "
                    + "gradients had missed: the network may hide its gradients.")
        }
        return warnings
    }
}
