// The driver: picks the samples worth attacking, lets the attack propose, projects, judges with
// a fresh forward pass, and measures. An attack never judges itself.

import Networks
import Tensors

/// Runs attacks under one threat model.
public struct AttackDriver: Sendable {
    /// What the attacker may do and wants.
    public let model: ThreatModel

    /// A driver for a threat model.
    public init(_ model: ThreatModel) { self.model = model }

    /// Attacks every image that the classifier gets right.
    ///
    /// - Parameters:
    ///   - attack: The attack.
    ///   - classifier: The network.
    ///   - images: [N, C, H, W], pixels in [0, 1].
    ///   - labels: The true classes.
    ///   - keys: Each image's index in its data set: random draws are keyed by it.
    ///   - progress: Called for every proposal that is handed in, from any thread, with how many
    ///     there will be.
    /// - Returns: The full record.
    /// - Throws: `AttackFault` for impossible combinations, before any work; `NetworkFault`.
    public func run(
        _ attack: some Attack, on classifier: some Classifier, images: Tensor, labels: [Int],
        keys: [Int], progress: @escaping @Sendable (_ of: Int) -> Void = { _ in }
    ) throws -> AttackResult {
        try check(attack, classifier, images, labels, keys)
        let clean = try Judge(classifier).answers(to: images)
        let samples = labels.indices.compactMap { row in
            sample(row, label: labels[row], key: keys[row], clean: clean)
        }
        let eligible = samples.filter {
            clean.classes[$0.row] == $0.label && !$0.isFooled(by: $0.label)
        }
        var result = AttackResult(
            model: model, labels: labels, keys: keys, clean: clean, targets: samples.map(\.target),
            images: images)
        for sample in eligible { result.isEligible[sample.row] = true }
        var flags = Flags()
        for round in rounds(eligible, classes: classifier.classes) {
            for restart in 0..<model.restarts {
                flags.formUnion(
                    try propose(
                        attack, round, restart, images, on: classifier, into: &result, progress))
            }
        }
        result.warnings =
            attack.warnings(flags, attacked: eligible.count, of: labels.count)
            + ResultWarnings.of(result)
        return result
    }

    /// The samples as often as they are attacked: once, or with each class in turn as the target.
    private func rounds(_ samples: [AttackSample], classes: Int) -> [[AttackSample]] {
        guard model.goal == .eachOther else { return [samples] }
        return (0..<classes).map { target in
            samples.filter { $0.label != target }.map {
                AttackSample(row: $0.row, key: $0.key, label: $0.label, target: target)
            }
        }
    }

    /// One try for every sample and budget that is still open.
    ///
    /// - Returns: What the attack has flagged.
    private func propose(
        _ attack: some Attack, _ round: [AttackSample], _ restart: Int, _ images: Tensor,
        on classifier: some Classifier, into result: inout AttackResult,
        _ progress: @escaping @Sendable (_ of: Int) -> Void
    ) throws -> Flags {
        let budgets = max(1, model.epsilons.count)
        var isOpen = Array(repeating: false, count: budgets * result.samples)
        for sample in round {
            for index in 0..<budgets {
                // Without budgets a later try may still come nearer.
                isOpen[index * result.samples + sample.row] =
                    restart == 0 || model.epsilons.isEmpty
                    || !hasReached(sample, index, result, classes: classifier.classes)
            }
        }
        let samples = round.filter { sample in
            (0..<budgets).contains { isOpen[$0 * result.samples + sample.row] }
        }
        let kind = type(of: attack)
        // Few samples are spread over all threads: what is done between passes is done by one.
        let workers = classifier.engine.workers
        let share = (samples.count + workers.threads - 1) / workers.threads
        let window = max(1, min(classifier.batch, share))
        let queue = AttackQueue(
            images: images, samples: samples, model: model, restart: restart, isOpen: isOpen,
            window: window, classes: classifier.classes, engine: classifier.engine,
            progress: progress)
        // As many takers as there are windows: the threads share them, and the last samples are
        // spread over all threads.
        let takers = kind.dependsOnCompany ? 1 : (samples.count + window - 1) / window
        _ = try workers.map(count: takers) { _ in
            var oracle = NetworkOracle(classifier.makePass(), for: queue)
            try queue.run(attack, on: &oracle)
        }
        try queue.requireAll(of: kind.name)
        var kept: Set<Int> = []
        for index in 0..<budgets {
            let verdicts = try classifier.mapBatches(of: samples.count) { pass, places in
                let judged = samples[places].filter { queue.isOpen($0, epsilon: index) }
                return try Verdict.of(judged, epsilon: index, in: queue, on: &pass)
            }
            kept.formUnion(
                result.take(
                    verdicts.flatMap { $0 }, epsilon: index, classes: classifier.classes))
        }
        result.take(queue.allNotes(), kept: kept)
        result.lines.merge(queue.allLines()) { $1 }
        return queue.allFlags()
    }

    /// Whether an earlier try has reached the sample's goal; with each other class in turn, that class.
    private func hasReached(
        _ sample: AttackSample, _ index: Int, _ result: AttackResult, classes: Int
    ) -> Bool {
        let place = index * result.samples + sample.row
        guard model.goal == .eachOther, let target = sample.target else {
            return result.success[place]
        }
        return result.eachSuccess[place * classes + target]
    }

    private func check(
        _ attack: some Attack, _ classifier: some Classifier, _ images: Tensor, _ labels: [Int],
        _ keys: [Int]
    ) throws {
        let kind = type(of: attack)
        if kind.usesEpsilons && model.epsilons.isEmpty {
            throw AttackFault.needsEpsilons(attack: kind.name)
        }
        if !kind.usesEpsilons && !model.epsilons.isEmpty {
            throw AttackFault.takesNoEpsilons(attack: kind.name)
        }
        try model.requireSuited(kind)
        let budgets = model.norm.budgets(count: Tensor.count(of: classifier.imageShape))
        if let wrong = model.epsilons.first(where: { !budgets.contains($0) }) {
            throw AttackFault.wrongEpsilon(wrong, norm: model.norm.rawValue, expected: budgets)
        }
        if let count = model.limits.count {
            let shape = classifier.imageShape
            guard count == Tensor.count(of: shape) else {
                throw AttackFault.wrongLimits(count: count, imageShape: shape)
            }
            guard model.limits.freeCount(of: count) > 0 else { throw AttackFault.nothingMayChange }
        }
        try attack.check(model, classes: classifier.classes, imageShape: classifier.imageShape)
        guard images.rowCount == labels.count && labels.count == keys.count else {
            throw AttackFault.unequalCounts(
                images: images.rowCount, labels: labels.count, keys: keys.count)
        }
        if let sample = labels.firstIndex(where: { !(0..<classifier.classes).contains($0) }) {
            throw NetworkFault.wrongLabel(
                labels[sample], sample: sample, classes: classifier.classes)
        }
        let length = max(1, images.rowLength)
        let outside = images.withFloats { $0.firstIndex { !($0 >= 0 && $0 <= 1) } }
        if let outside {
            throw AttackFault.pixelOutside(
                value: images.withFloats { $0[outside] }, sample: outside / length)
        }
    }

    private func sample(_ row: Int, label: Int, key: Int, clean: Answers) -> AttackSample {
        AttackSample(
            row: row, key: key, label: label,
            target: model.goal.target(
                label: label, logits: clean.logits(of: row), seed: model.seed, key: key))
    }
}

/// A network's answers to a batch.
struct Answers: Sendable {
    let logits: Tensor
    let classes: [Int]
    /// The softmax probability of the class that was answered.
    let confidences: [Float]
    /// The likeliest classes.
    let rankings: [Ranking]

    init(_ logits: Tensor) {
        self.logits = logits
        rankings = Ranking.ofRows(logits)
        classes = rankings.map { $0.classes[0] }
        confidences = rankings.map { $0.confidences[0] }
    }

    func logits(of row: Int) -> ArraySlice<Float> {
        ArraySlice(logits.rows(row..<row + 1).values)
    }
}

/// Fresh forward passes over any number of images.
struct Judge<C: Classifier>: Sendable {
    let classifier: C

    init(_ classifier: C) { self.classifier = classifier }

    func answers(to images: Tensor) throws -> Answers {
        let parts = try classifier.mapBatches(of: images.rowCount) { pass, rows in
            try pass.logits(of: images.rows(rows))
        }
        var logits = Tensor(shape: [images.rowCount, classifier.classes])
        for (part, rows) in parts.enumerated() {
            logits.replaceRows(from: part * classifier.batch, with: rows)
        }
        return Answers(logits)
    }
}
