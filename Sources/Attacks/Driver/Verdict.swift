// Judging a proposal: project it, ask the network afresh, measure.

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
    /// The proposals for pairs of a row and a budget, within the ball and the limits.
    func projected(_ places: [(row: Int, epsilon: Int)]) -> Tensor {
        let x = images.gather(places.map(\.row))
        var kept = proposals(places)
        var scratch = Tensor(shape: [0])
        // Without a budget only the pixel bounds count; 1 is the diameter of the box.
        engine.project(
            &kept, around: x, in: epsilons.isEmpty ? .linf : model.norm.ball,
            within: places.map { epsilons.isEmpty ? 1 : epsilons[$0.epsilon] },
            limits: model.limits, scratch: &scratch)
        return kept
    }
}
