// Judging a proposal: project it, ask the network afresh, measure. For the driver, and for attacks
// that run others.

import Networks
import Tensors

/// What was found about one proposal.
struct Verdict: Sendable {
    let sample: AttackSample
    let success: Bool
    let successIn8Bit: Bool
    let proposedClass: Int
    let proposedConfidence: Float
    let ranking: Ranking
    let distances: Distances
    let effort: Effort
    let event: AttackEvent
    /// The proposal, projected, where it reached the goal.
    let image: Tensor?

    /// Judges what was proposed for some samples within one budget.
    static func of(
        _ samples: [AttackSample], epsilon: Int, in queue: AttackQueue,
        on pass: inout some ClassifierPass
    ) throws -> [Verdict] {
        guard !samples.isEmpty else { return [] }
        var kept = queue.projected(samples.map { ($0.row, epsilon) })
        var (logits, wrong) = try pass.finiteLogits(of: kept)
        if !wrong.isEmpty {
            // A network that overflows on a proposal has given no answer to it.
            let originals = queue.images.gather(samples.map(\.row))
            for row in wrong {
                queue.mark(samples[row], .notANumber, epsilon: epsilon)
                kept.copyRow(row, of: originals, to: row)
            }
            logits = try pass.finiteLogits(of: kept).0
        }
        let answers = Answers(logits)
        let rounded = try pass.finiteLogits(of: queue.engine.roundedToBytes(kept))
        let roundedAnswers = rounded.0.argmaxOfRows()
        let sizes = queue.engine.distances(
            from: queue.images.gather(samples.map(\.row)), to: kept)
        return samples.enumerated().map { place, sample in
            let isFooled = sample.isFooled(by: answers.classes[place])
            return Verdict(
                sample: sample, success: isFooled,
                successIn8Bit: isFooled && !rounded.notFinite.contains(place)
                    && sample.isFooled(by: roundedAnswers[place]),
                proposedClass: answers.classes[place],
                proposedConfidence: answers.confidences[place],
                ranking: answers.rankings[place], distances: sizes[place],
                effort: queue.effort(epsilon: epsilon, row: sample.row),
                event: queue.event(epsilon: epsilon, row: sample.row),
                image: isFooled ? kept.rows(place..<place + 1) : nil)
        }
    }
}

extension AttackQueue {
    /// The proposals for pairs of a row and a budget, within the ball and [0, 1].
    fileprivate func projected(_ places: [(row: Int, epsilon: Int)]) -> Tensor {
        let x = images.gather(places.map(\.row))
        var kept = proposals(places)
        var scratch = Tensor(shape: [0])
        // Without a budget only the pixel bounds count; 1 is the diameter of the box.
        engine.project(
            &kept, around: x, in: epsilons.isEmpty ? .linf : model.norm.ball,
            within: places.map { epsilons.isEmpty ? 1 : epsilons[$0.epsilon] }, scratch: &scratch)
        return kept
    }
}

/// What came of an attack that another attack has run.
public struct Attempt: Sendable {
    /// What was proposed, projected, [1, C, H, W].
    public let image: Tensor
    /// Whether it reaches the sample's goal, by a fresh forward pass.
    public let isFooled: Bool
    /// Its distance from the original, in the model's norm.
    public let size: Double
    /// Steps of the other's method.
    public let iterations: Int
}

extension AttackQueue {
    /// Runs another attack on some samples and judges what it proposes. Its passes, and those of
    /// the judgement, are booked for the samples here.
    ///
    /// - Parameters:
    ///   - attack: The other attack.
    ///   - batch: Samples of this queue.
    ///   - model: What the other may do; its random draws are keyed by that seed and this restart.
    ///   - budget: The place of the budget here that pays.
    ///   - oracle: The oracle to use.
    /// - Returns: By epsilon (one if there are none), then by sample.
    /// - Throws: `AttackFault.dependsOnCompany`; `NetworkFault`.
    public func attempt(
        _ attack: some Attack, on batch: Batch, model: ThreatModel, budget: Int = 0,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws -> [[Attempt]] {
        let count = batch.samples.count
        let inner = try proposals(of: attack, for: batch, model: model, isOpen: nil, on: &oracle)
        return try (0..<max(1, model.epsilons.count)).map { k in
            let places = (0..<count).map { ($0, k) }
            return try judge(places, of: inner, for: batch, budget, on: &oracle)
        }
    }

    /// Likewise, within one budget a sample; in this queue's norm, with its goal and seed.
    public func attempt(
        _ attack: some Attack, on batch: Batch, within epsilons: [Float], budget: Int = 0,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws -> [Attempt] {
        var model = model
        model.epsilons = Set(epsilons).sorted()
        let places = epsilons.enumerated().map { row, epsilon in
            (row, model.epsilons.firstIndex(of: epsilon) ?? 0)
        }
        var isOpen = Array(repeating: false, count: model.epsilons.count * epsilons.count)
        for (row, k) in places { isOpen[k * epsilons.count + row] = true }
        let inner = try proposals(of: attack, for: batch, model: model, isOpen: isOpen, on: &oracle)
        return try judge(places, of: inner, for: batch, budget, on: &oracle)
    }

    /// A queue of its own with what the other attack has handed in.
    private func proposals(
        of attack: some Attack, for batch: Batch, model: ThreatModel, isOpen: [Bool]?,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws -> AttackQueue {
        guard !type(of: attack).dependsOnCompany else {
            throw AttackFault.dependsOnCompany(attack: type(of: attack).name)
        }
        let samples = batch.samples.enumerated().map { row, sample in
            AttackSample(row: row, key: sample.key, label: sample.label, target: sample.target)
        }
        let inner = AttackQueue(
            images: batch.images, samples: samples, model: model, restart: restart,
            isOpen: isOpen, window: window, engine: engine)
        try oracle.serving(inner) { try attack.propose(for: inner, on: &$0) }
        take(inner.allFlags().moved(to: batch.samples.map(\.row)))
        if let (row, epsilon) = inner.firstMissing() {
            throw AttackFault.undelivered(
                attack: type(of: attack).name, sample: batch.samples[row].row, epsilon: epsilon)
        }
        return inner
    }

    /// Judges what was handed in for pairs of a sample and a budget.
    private func judge(
        _ places: [(row: Int, epsilon: Int)], of inner: AttackQueue, for batch: Batch,
        _ budget: Int, on oracle: inout Oracle<some ClassifierPass>
    ) throws -> [Attempt] {
        guard !places.isEmpty else { return [] }
        let kept = inner.projected(places)
        let owners = places.map { RowOwner(batch.samples[$0.row], budget: budget) }
        let answers = try oracle.answers(to: kept, for: owners)
        let isAnswered = places.indices.map { !oracle.notFinite.contains($0) }
        let sizes = engine.distances(from: inner.images.gather(places.map(\.row)), to: kept)
        return places.enumerated().map { index, place in
            var effort = inner.effort(epsilon: place.epsilon, row: place.row)
            let iterations = effort.iterations
            // Iterations are handed in with the proposal.
            effort.iterations = 0
            tally.add(
                effort, inner.event(epsilon: place.epsilon, row: place.row), for: owners[index])
            return Attempt(
                image: kept.rows(index..<index + 1),
                isFooled: isAnswered[index]
                    && inner.samples[place.row].isFooled(by: answers[index]),
                size: inner.model.norm.size(of: sizes[index]), iterations: iterations)
        }
    }
}
