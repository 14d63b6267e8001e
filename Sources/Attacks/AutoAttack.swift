// Four attacks with standard settings, one after the other on what is left.

import Networks
import Tensors

/// AutoAttack of Croce and Hein, "Reliable evaluation of adversarial robustness with an ensemble of
/// diverse parameter-free attacks" (2020), its standard version: APGD on the cross-entropy, APGD on the
/// targeted ratio, FAB towards nine classes, and Square, each on the samples that the ones before have
/// left standing. A sample has fallen as soon as one of them has found an image within ε.
///
/// Which one it was is on record as `winner`, which the authors' version forgets; and nothing here depends
/// on the batch size, as results do there. torchattacks runs 10 steps where the standard has 100. Every
/// part keeps its standard settings; `steps` and `queries` bound them for quick looks.
///
/// It warns by itself, as the authors' version does, of what makes an evaluation doubtful: a network that
/// answers differently when asked again, logits that are probabilities already, gradients of zeros,
/// and a black-box attack that finds what those with gradients missed.
public struct AutoAttack: Attack {
    /// "autoattack".
    public static let name = "autoattack"
    /// One line.
    public static let summary =
        "AutoAttack, standard: APGD-CE, targeted APGD, targeted FAB, Square on the survivors (Croce 2020)."
    /// Its parts, for every budget.
    public static let usesEpsilons = true
    /// Those of the standard.
    public static let norms = [Norm.linf, .l2]
    /// It evaluates robustness, not ways to a class.
    public static let goals = GoalSupport.untargeted
    /// Its parts draw.
    public static let isRandom = true
    /// The parts, in their order.
    public static let words = ["winner": Part.allCases.map(\.rawValue)]
    /// Those of the standard.
    public static let settings = [
        Setting(
            "steps", .integer(2...1_000_000), default: .integer(100), unit: "steps",
            help: "steps of a run of APGD and FAB"),
        Setting(
            "queries", .integer(1...10_000_000), default: .integer(5000), unit: "queries",
            help: "queries of Square"),
        Setting(
            "targets", .integer(1...1000), default: .integer(9), unit: "classes",
            help: "classes that the targeted parts try"),
    ]

    private enum Part: String, CaseIterable {
        case apgdCE = "apgd-ce"
        case apgdTargeted = "apgd-targeted"
        case fabTargeted = "fab-targeted"
        case square
    }

    private let values: SettingValues

    /// Takes its settings.
    public init(_ values: SettingValues) { self.values = values }

    /// Its targeted ratio needs a fourth logit; what Square asks for.
    public func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {
        guard classes >= 4 else {
            throw AttackFault.impossible(
                attack: Self.name,
                "the targeted difference of logits ratio needs 4 classes, and the network has "
                    + "\(classes); take apgd-ce and square.")
        }
        try Square(values.restricted(to: Square.settings, without: []))
            .check(model, classes: classes, imageShape: imageShape)
    }

    /// Part after part on the survivors.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        while true {
            let batch = queue.take(queue.window)
            guard !batch.samples.isEmpty else { return }
            try examine(batch, for: queue, on: &oracle)
            for (k, epsilon) in queue.epsilons.enumerated() {
                try run(batch, k, epsilon, for: queue, on: &oracle)
            }
        }
    }

    private func run(
        _ batch: AttackQueue.Batch, _ k: Int, _ epsilon: Float, for queue: AttackQueue,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws {
        var open = batch.samples.indices.filter { queue.isOpen(batch.samples[$0], epsilon: k) }
        var iterations = Array(repeating: 0, count: batch.samples.count)
        var last = batch.images
        for (index, part) in Part.allCases.enumerated() where !open.isEmpty {
            let rows = open
            let attempts = try attempt(part, batch.rows(rows), k, for: queue, on: &oracle)
            open = []
            for (row, attempt) in zip(rows, attempts) {
                let sample = batch.samples[row]
                iterations[row] += attempt.iterations
                // A perturbation of least size may be larger than the budget.
                if attempt.isFooled && attempt.size <= Double(epsilon) {
                    queue.note("winner", Float(index), for: sample, epsilon: k)
                    queue.deliver(
                        sample, epsilon: k, image: attempt.image, row: 0,
                        iterations: iterations[row])
                    if part == .square { queue.flag(Flag.square, sample, epsilon: k) }
                } else {
                    open.append(row)
                    if part != .fabTargeted { last.copyRow(0, of: attempt.image, to: row) }
                }
            }
        }
        for row in open {
            queue.deliver(
                batch.samples[row], epsilon: k, image: last, row: row,
                iterations: iterations[row])
        }
    }

    private func attempt(
        _ part: Part, _ batch: AttackQueue.Batch, _ k: Int, for queue: AttackQueue,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws -> [Attempt] {
        func settings(_ kind: any Attack.Type) -> SettingValues {
            values.restricted(to: kind.settings, without: [])
        }
        func within(_ attack: some Attack) throws -> [Attempt] {
            try queue.attempt(
                attack, on: batch, within: batch.samples.map { _ in queue.epsilons[k] }, budget: k,
                on: &oracle)
        }
        switch part {
        case .apgdCE:
            return try within(AutoProjectedGradient(settings(AutoProjectedGradient.self)))
        case .apgdTargeted:
            return try within(AutoTargetedGradient(settings(AutoTargetedGradient.self)))
        case .square:
            let plain = values.restricted(to: Square.settings, without: ["rescale_schedule"])
            return try within(Square(plain))
        case .fabTargeted:
            var model = queue.model
            model.epsilons = []
            return try queue.attempt(
                TargetedAdaptiveBoundary(settings(TargetedAdaptiveBoundary.self)), on: batch,
                model: model, budget: k, on: &oracle)[0]
        }
    }

    /// What a sample may show that the evaluation should be doubted for.
    private enum Flag {
        static let unsteady = "answers-differ"
        static let probabilities = "probabilities"
        static let zeroGradient = "zero-gradient"
        static let square = "square"
    }

    /// The share of samples that Square must turn, after all the others, for doubts: that of the
    /// authors' code.
    private static let mostBySquare = 0.002

    /// What the first look at the network tells of each sample.
    private func examine(
        _ batch: AttackQueue.Batch, for queue: AttackQueue,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws {
        let owners = batch.owners(nil)
        let first = try oracle.logits(of: batch.images, for: owners)
        var flow = try oracle.logits(of: batch.images, for: owners)
        let classes = first.rowLength
        let (values, again) = (first.values, flow.values)
        for (row, sample) in batch.samples.enumerated() {
            let own = row * classes..<(row + 1) * classes
            if values[own] != again[own] { queue.flag(Flag.unsteady, sample) }
            if values[own].allSatisfy({ (0...1).contains($0) })
                && abs(values[own].reduce(0) { $0 + Double($1) } - 1) < 1e-4
            {
                queue.flag(Flag.probabilities, sample)
            }
        }
        _ = CrossEntropy.gradient(
            inPlaceOf: &flow, targets: batch.samples.map(\.lossClass), scale: 1)
        let gradient = try oracle.pixelGradient(flow, for: owners)
        for (row, sample) in batch.samples.enumerated() where gradient.isZero(row: row) {
            queue.flag(Flag.zeroGradient, sample)
        }
    }

    /// Doubts, each decided over all samples.
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
