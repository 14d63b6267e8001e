// The full record of an attack: one entry a sample and epsilon.

import Networks
import Tensors

/// The record of a run over N samples and K epsilons (K = 1 for a minimum-norm attack).
///
/// Arrays over both are [K·N], epsilon by epsilon. A sample that failed, or that the network got
/// wrong from the start, is its own untouched original in `adversarial`.
public struct AttackResult: Sendable {
    /// What the attacker might do and wanted.
    public let model: ThreatModel
    /// The true classes, [N].
    public let labels: [Int]
    /// Indices in the data set, [N].
    public let keys: [Int]
    /// The classes to reach, [N]; nil if any wrong class would do, or each in turn.
    public let targets: [Int?]
    /// The answers to the clean images, [N].
    public let cleanClasses: [Int]
    /// Their softmax probabilities, [N].
    public let cleanConfidences: [Float]
    /// The likeliest classes of the clean images, [N].
    public let cleanRankings: [Ranking]
    /// Whether the sample was attacked, [N]: right at first and not yet at the goal.
    public internal(set) var isEligible: [Bool]
    /// The images, [K·N, C, H, W].
    public internal(set) var adversarial: Tensor
    /// Whether the goal was reached, judged by a fresh forward pass, [K·N].
    public internal(set) var success: [Bool]
    /// Whether it still is after rounding the pixels to k/255, [K·N].
    public internal(set) var successIn8Bit: [Bool]
    /// The answers to `adversarial`, [K·N].
    public internal(set) var finalClasses: [Int]
    /// Their softmax probabilities, [K·N].
    public internal(set) var finalConfidences: [Float]
    /// The likeliest classes of `adversarial`, [K·N].
    public internal(set) var finalRankings: [Ranking]
    /// The answers to what was proposed, whether it reached the goal or not, [K·N].
    public internal(set) var proposedClasses: [Int]
    /// Their softmax probabilities, [K·N].
    public internal(set) var proposedConfidences: [Float]
    /// Distances of `adversarial` from the original, [K·N].
    public internal(set) var distances: [Distances]
    /// Distances of what was proposed from the original, [K·N].
    public internal(set) var proposedDistances: [Distances]
    /// What all tries together took, [K·N].
    public internal(set) var efforts: [Effort]
    /// What happened on the way, in any of the tries, [K·N].
    public internal(set) var events: [AttackEvent]
    /// The attack's own numbers by name, each [N] or [K·N]; NaN for samples that were not attacked.
    /// They describe the image that is kept, whichever try it is from, but for those that the attack
    /// has asked to be the least or the sum of all tries (`NoteRule`).
    public internal(set) var notes: [String: [Float]] = [:]
    /// The names of those that are [K·N], also where K is 1.
    public internal(set) var notesByEpsilon: Set<String> = []
    /// The answers along a line, by sample, where the attack was told to record them and the sample was
    /// attacked.
    public internal(set) var lines: [Int: SignLine] = [:]
    /// What the attack wants to be known about the whole run.
    public internal(set) var warnings: [String] = []
    /// With the goal `eachOther`: whether each class was reached, [K·N·classes].
    public internal(set) var eachSuccess: [Bool] = []
    /// With the goal `eachOther`: the least distance at which each class was reached, in the
    /// model's norm, [K·N·classes]; NaN where it was not.
    public internal(set) var eachDistance: [Float] = []

    /// Where a proposal has been judged, [K·N].
    private var isJudged: [Bool]

    /// The number of samples.
    public var samples: Int { labels.count }

    init(
        model: ThreatModel, labels: [Int], keys: [Int], clean: Answers, targets: [Int?],
        images: Tensor
    ) {
        let count = labels.count
        let epsilons = max(1, model.epsilons.count)
        (self.model, self.labels, self.keys, self.targets) = (model, labels, keys, targets)
        (cleanClasses, cleanConfidences) = (clean.classes, clean.confidences)
        cleanRankings = clean.rankings
        isEligible = Array(repeating: false, count: count)
        adversarial = Tensor(shape: [epsilons * count] + images.shape.dropFirst())
        for index in 0..<epsilons { adversarial.replaceRows(from: index * count, with: images) }
        success = Array(repeating: false, count: epsilons * count)
        successIn8Bit = success
        isJudged = success
        finalClasses = Array((0..<epsilons).map { _ in clean.classes }.joined())
        finalConfidences = Array((0..<epsilons).map { _ in clean.confidences }.joined())
        finalRankings = Array((0..<epsilons).map { _ in clean.rankings }.joined())
        proposedClasses = finalClasses
        proposedConfidences = finalConfidences
        distances = Array(repeating: Distances(), count: epsilons * count)
        proposedDistances = distances
        efforts = Array(repeating: Effort(), count: epsilons * count)
        events = Array(repeating: .none, count: epsilons * count)
        if model.goal == .eachOther {
            let classes = clean.logits.rowLength
            eachSuccess = Array(repeating: false, count: epsilons * count * classes)
            eachDistance = Array(repeating: .nan, count: epsilons * count * classes)
        }
    }

    /// Takes verdicts of one try.
    ///
    /// - Returns: The places [K·N] whose record is now that of this try.
    mutating func take(_ verdicts: [Verdict], epsilon: Int, classes: Int) -> [Int] {
        verdicts.compactMap { take($0, at: epsilon * samples + $0.sample.row, classes: classes) }
    }

    private mutating func take(_ verdict: Verdict, at place: Int, classes: Int) -> Int? {
        let isFirst = !isJudged[place]
        isJudged[place] = true
        efforts[place] = efforts[place] + verdict.effort
        events[place] = max(events[place], verdict.event)
        if model.goal == .eachOther, let target = verdict.sample.target, verdict.success {
            let each = place * classes + target
            let size = Float(model.norm.size(of: verdict.distances))
            eachDistance[each] = eachSuccess[each] ? min(eachDistance[each], size) : size
            eachSuccess[each] = true
        }
        guard isFirst || isBetter(verdict, than: place) else { return nil }
        success[place] = verdict.success
        successIn8Bit[place] = verdict.successIn8Bit
        proposedClasses[place] = verdict.proposedClass
        proposedConfidences[place] = verdict.proposedConfidence
        proposedDistances[place] = verdict.distances
        if let image = verdict.image {
            adversarial.replaceRows(from: place, with: image)
            finalClasses[place] = verdict.proposedClass
            finalConfidences[place] = verdict.proposedConfidence
            finalRankings[place] = verdict.ranking
            distances[place] = verdict.distances
        }
        return place
    }

    /// A success beats a failure; of two, the nearer one where there is no budget, else the first.
    private func isBetter(_ verdict: Verdict, than place: Int) -> Bool {
        guard verdict.success else { return false }
        guard success[place] else { return true }
        return model.epsilons.isEmpty
            && model.norm.size(of: verdict.distances) < model.norm.size(of: distances[place])
    }

    /// Takes notes of one try, of which the record at the places `kept` is.
    mutating func take(_ found: [AttackNote], kept: Set<Int>) {
        let budgets = max(1, model.epsilons.count)
        for note in found {
            if note.epsilon != nil { notesByEpsilon.insert(note.name) }
            let length = (note.epsilon == nil ? 1 : budgets) * samples
            let place = (note.epsilon ?? 0) * samples + note.row
            let before =
                notes[note.name, default: Array(repeating: .nan, count: length)][place]
            let value: Float? =
                switch note.rule {
                case .least: before.isNaN ? note.value : min(before, note.value)
                case .total: before.isNaN ? note.value : before + note.value
                case .ofTheImage:
                    (note.epsilon.map { [$0] } ?? Array(0..<budgets)).contains {
                        kept.contains($0 * samples + note.row)
                    } ? note.value : nil
                }
            notes[note.name, default: Array(repeating: .nan, count: length)][place] =
                value ?? before
        }
    }
}
