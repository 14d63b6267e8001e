// Method 2 of the original scripts.

import Networks
import Tensors

/// The fast gradient sign method: x′ = clamp(x + ε·sign(∂L/∂x), 0, 1); see `FGSM.md`.
///
/// One gradient serves every ε. The least ε of each image is searched along the same direction, and so
/// are the answers between the budgets recorded; the passes of both are noted by themselves, so that the
/// effort of an epsilon stays that of one gradient.
public struct FGSM: GradientAttack {
    /// One gradient, any number of budgets.
    public static let facts = AttackFacts("fgsm", norms: [.linf], budget: .shared)

    /// Where the step of ε is taken.
    enum Space: String, CaseIterable, SettingValue {
        /// In pixels.
        case pixels
        /// Behind the network's normalisation.
        case normalised
    }

    @Setting(
        Space.pixels,
        "where the step of ε is taken: in pixels, or behind the network's normalisation")
    var space: Space
    @Setting(true, "also search, image by image, for the least epsilon that reaches the goal")
    var leastEpsilon: Bool
    @Setting(255, in: 1...10_000, "equal steps from 0 to 1 in that search") var searchSteps: Int
    @Setting(8, in: 0...24, "halvings of the step in which the answer first changes")
    var searchBisections: Int
    @Setting(
        0, in: 0...257, unit: "values of ε",
        "also record direction and answers at so many ε, evenly from 0 to the largest of epsilons")
    var answers: Int

    /// In pixels, with the search.
    public init() {}

    /// A line of answers has two ends at least, and one direction in pixels.
    public func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {
        guard answers > 0 else { return }
        func refuse(_ reason: String) -> AttackFault {
            .impossible(attack: Self.name, "\"answers\" is \(answers), \(reason)")
        }
        if answers == 1 {
            throw refuse("and a line has two ends: set it to 2 or more, or to 0 for none.")
        }
        if space != .pixels {
            throw refuse(
                "and with \"space\" at \"\(space.rawValue)\" there is no line to record; leave one of "
                    + "them out.")
        }
        if model.goal == .eachOther {
            throw refuse(
                "and with the goal “\(model.goal.name)” every class has a line of its own; set "
                    + "\"answers\" to 0, or choose another goal.")
        }
    }

    /// All of it.
    public func step(_ batch: inout Batch<Void>, on oracle: inout some GradientOracle) throws {
        let gradient = try oracle.lossGradient(try oracle.logits(at: batch), of: batch)
        for row in batch.open { batch[row].iterations = 1 }
        var proposal = Tensor(shape: [0])
        for (budget, epsilon) in batch.epsilons.enumerated() {
            let steps = batch.rows.map { $0.direction * epsilon }
            if space == .normalised {
                proposal = batch.originals
                proposal.signStep(along: gradient, by: steps, times: oracle.deviations)
                try noteUnclipped(proposal, budget, &batch, &oracle)
            } else {
                batch.engine.signStep(batch.originals, along: gradient, by: steps, into: &proposal)
            }
            batch.propose(budget: budget, at: proposal)
        }
        if answers > 0 {
            for (row, line) in zip(
                batch.open,
                try SignLine.lines(of: batch, along: gradient, count: answers, on: &oracle))
            {
                batch.keep(line, of: row)
                batch.note("answers_passes", Float(line.answers.count), row)
            }
        }
        if leastEpsilon && space == .pixels {
            let before = batch.rows.indices.map { batch.passesAside($0) }
            let search = SignLineSearch(steps: searchSteps, bisections: searchBisections)
            let least = try search.leastEpsilons(of: batch, along: gradient, on: &oracle)
            for row in batch.open {
                batch.note("least_epsilon", least[row], row, keeping: .least)
                batch.note(
                    "least_epsilon_passes", Float(batch.passesAside(row) - before[row]), row,
                    keeping: .total)
            }
        }
        batch.finishProposed()
    }

    /// The answers to the unclipped images.
    private func noteUnclipped(
        _ proposal: Tensor, _ budget: Int, _ batch: inout Batch<Void>,
        _ oracle: inout some GradientOracle
    ) throws {
        let logits = try oracle.logits(of: proposal, for: batch.owners(ofBudget: budget))
        for (row, ranking) in Ranking.ofRows(logits).enumerated() {
            batch.note("unclipped_class", Float(ranking.classes[0]), row, budget: budget)
            batch.note("unclipped_confidence", ranking.confidences[0], row, budget: budget)
        }
    }
}

extension Tensor {
    /// Moves every row [C, H, W] by its step times the channel's factor, along the signs of a gradient.
    fileprivate mutating func signStep(
        along gradient: Tensor, by steps: [Float], times factors: [Double]
    ) {
        let area = rowLength / max(1, factors.count)
        gradient.withFloats { gradient in
            withMutableFloats { pixels in
                for (row, step) in steps.enumerated() {
                    for (channel, factor) in factors.enumerated() {
                        let size = Float(Double(step) * factor)
                        let start = (row * factors.count + channel) * area
                        for place in start..<start + area where gradient[place] != 0 {
                            pixels[place] += gradient[place] > 0 ? size : -size
                        }
                    }
                }
            }
        }
    }
}
