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
    let distances: Distances
    let effort: Effort
    /// The proposal, projected, where it reached the goal.
    let image: Tensor?

    /// Judges what was proposed for some samples within one budget.
    static func of(
        _ samples: [AttackSample], epsilon: Int, in queue: AttackQueue,
        on pass: inout some ClassifierPass
    ) throws -> [Verdict] {
        guard !samples.isEmpty else { return [] }
        let kept = queue.projected(samples, epsilon: epsilon)
        let answers = try Answers(pass.logits(of: kept))
        let rounded = try pass.logits(of: queue.engine.roundedToBytes(kept)).argmaxOfRows()
        let sizes = queue.engine.distances(
            from: queue.images.gather(samples.map(\.row)), to: kept)
        return samples.enumerated().map { place, sample in
            let isFooled = sample.isFooled(by: answers.classes[place])
            return Verdict(
                sample: sample, success: isFooled,
                successIn8Bit: isFooled && sample.isFooled(by: rounded[place]),
                proposedClass: answers.classes[place],
                proposedConfidence: answers.confidences[place], distances: sizes[place],
                effort: queue.effort(epsilon: epsilon, row: sample.row),
                image: isFooled ? kept.rows(place..<place + 1) : nil)
        }
    }
}

extension AttackQueue {
    /// The proposals for some samples, within the ball and [0, 1].
    fileprivate func projected(_ samples: [AttackSample], epsilon: Int) -> Tensor {
        let x = images.gather(samples.map(\.row))
        var kept = proposals(of: samples, epsilon: epsilon)
        var scratch = Tensor(shape: [0])
        // Without a budget only the pixel bounds count; 1 is the diameter of the box.
        let (ball, radius) =
            epsilons.isEmpty ? (Ball.linf, 1) : (model.norm.ball, epsilons[epsilon])
        engine.project(
            &kept, around: x, in: ball, within: samples.map { _ in radius }, scratch: &scratch)
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
    /// What it took, the fresh pass included.
    public let effort: Effort
}

extension AttackQueue {
    /// Runs another attack on some samples and judges what it proposes.
    ///
    /// - Parameters:
    ///   - attack: The other attack.
    ///   - batch: Samples of this queue.
    ///   - model: What the other may do; its random draws are keyed by that seed and this restart.
    ///   - pass: The pass to use.
    /// - Returns: By epsilon (one if there are none), then by sample.
    /// - Throws: `NetworkFault`; `AttackFault` for a combination that the other refuses.
    public func attempt(
        _ attack: some Attack, on batch: Batch, model: ThreatModel,
        pass: inout some ClassifierPass
    ) throws -> [[Attempt]] {
        let inner = batch.samples.indices.map { row in
            let sample = batch.samples[row]
            return AttackSample(
                row: row, key: sample.key, label: sample.label, target: sample.target)
        }
        let queue = AttackQueue(
            images: batch.images, samples: inner, model: model, restart: restart, window: window,
            engine: engine)
        try attack.propose(for: queue, on: &pass)
        for sentence in queue.allWarnings() { warn(sentence) }
        if let (row, epsilon) = queue.firstMissing() {
            throw AttackFault.undelivered(
                attack: type(of: attack).name, sample: batch.samples[row].row, epsilon: epsilon)
        }
        return try (0..<max(1, model.epsilons.count)).map { epsilon in
            let kept = queue.projected(inner, epsilon: epsilon)
            guard !inner.isEmpty else { return [] }
            let answers = try pass.logits(of: kept).argmaxOfRows()
            let sizes = engine.distances(from: batch.images, to: kept)
            return inner.indices.map { row in
                Attempt(
                    image: kept.rows(row..<row + 1),
                    isFooled: inner[row].isFooled(by: answers[row]),
                    size: model.norm.size(of: sizes[row]),
                    effort: queue.effort(epsilon: epsilon, row: row) + Effort(forwardPasses: 1))
            }
        }
    }
}
