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
        let engine = classifier.engine
        let clean = try Judge(classifier).answers(to: images)
        let samples = labels.indices.compactMap { row in
            sample(row, label: labels[row], key: keys[row], clean: clean)
        }
        let eligible = samples.filter {
            clean.classes[$0.row] == $0.label && !$0.isFooled(by: $0.label)
        }
        let queue = AttackQueue(
            images: images, samples: eligible, model: model, window: classifier.batch,
            engine: engine, progress: progress)
        // As many takers as there are windows: the threads share them, and the last samples are
        // spread over all threads.
        let takers = (eligible.count + classifier.batch - 1) / classifier.batch
        _ = try engine.workers.map(count: takers) { _ in
            var pass = classifier.makePass()
            try attack.propose(for: queue, on: &pass)
        }
        if let (row, epsilon) = queue.firstMissing() {
            throw AttackFault.undelivered(
                attack: type(of: attack).name, sample: row, epsilon: epsilon)
        }
        var result = AttackResult(
            model: model, labels: labels, keys: keys, clean: clean, targets: samples.map(\.target),
            imageShape: images.shape, epsilons: max(1, model.epsilons.count))
        for sample in eligible { result.isEligible[sample.row] = true }
        result.notes = queue.notes()
        for index in 0..<max(1, model.epsilons.count) {
            try judge(
                index, of: queue, samples: samples, images: images, on: classifier, into: &result)
        }
        return result
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
        guard kind.norms.contains(model.norm) else {
            throw AttackFault.wrongNorm(
                attack: kind.name, norm: model.norm.rawValue, known: kind.norms.map(\.rawValue))
        }
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

    /// Projects and judges the proposals for one epsilon, chunk by chunk.
    private func judge(
        _ index: Int, of queue: AttackQueue, samples: [AttackSample], images: Tensor,
        on classifier: some Classifier, into result: inout AttackResult
    ) throws {
        let eligible = result.isEligible
        let epsilon = model.epsilons.isEmpty ? nil : model.epsilons[index]
        let verdicts = try classifier.mapBatches(of: samples.count) { pass, rows in
            let attacked = rows.filter { eligible[$0] }
            let originals = images.rows(rows)
            let places = attacked.map { $0 - rows.lowerBound }
            let x = originals.gather(places)
            let raw = queue.proposal(epsilon: index, rows: rows).gather(places)
            let kept = project(raw, around: x, epsilon: epsilon, on: queue.engine)
            let answers = try Answers(pass.logits(of: kept))
            let rounded = try pass.logits(of: queue.engine.roundedToBytes(kept)).argmaxOfRows()
            let sizes = queue.engine.distances(from: x, to: kept)
            var verdicts: [Verdict] = []
            for (place, row) in attacked.enumerated() {
                let sample = samples[row]
                let isFooled = sample.isFooled(by: answers.classes[place])
                verdicts.append(
                    Verdict(
                        row: row, success: isFooled,
                        successIn8Bit: isFooled && sample.isFooled(by: rounded[place]),
                        proposedClass: answers.classes[place],
                        proposedConfidence: answers.confidences[place], distances: sizes[place],
                        effort: queue.effort(epsilon: index, row: row),
                        image: isFooled ? kept.rows(place..<place + 1) : nil))
            }
            return verdicts
        }
        result.take(verdicts.flatMap { $0 }, epsilon: index, originals: images)
    }

    private func project(
        _ proposal: Tensor, around x: Tensor, epsilon: Float?, on engine: Engine
    ) -> Tensor {
        // Without a budget only the pixel bounds count; 1 is the diameter of the box.
        switch (model.norm, epsilon) {
        case (.linf, let epsilon?): engine.projectLinf(proposal, around: x, epsilon: epsilon)
        case (_, nil): engine.projectLinf(proposal, around: x, epsilon: 1)
        case (.l2, let epsilon?): engine.projectL2(proposal, around: x, epsilon: epsilon)
        }
    }
}

/// A network's answers to a batch.
struct Answers: Sendable {
    let logits: Tensor
    let classes: [Int]
    /// The softmax probability of the class that was answered.
    let confidences: [Float]

    init(_ logits: Tensor) {
        self.logits = logits
        classes = logits.rowCount == 0 ? [] : logits.argmaxOfRows()
        let probabilities = logits.softmaxOfRows().values
        let width = logits.rowLength
        confidences = classes.enumerated().map { probabilities[$0.offset * width + $0.element] }
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
