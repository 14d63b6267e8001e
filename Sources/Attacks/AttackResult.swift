// The full record of an attack: one entry a sample and epsilon.

import Tensors

/// What the driver found about one proposal.
struct Verdict: Sendable {
    let row: Int
    let success: Bool
    let successIn8Bit: Bool
    let proposedClass: Int
    let proposedConfidence: Float
    let distances: Distances
    let effort: Effort
    /// The adversarial image, where the proposal reached the goal.
    let image: Tensor?
}

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
    /// The classes to reach, [N]; nil if any wrong class would do.
    public let targets: [Int?]
    /// The answers to the clean images, [N].
    public let cleanClasses: [Int]
    /// Their softmax probabilities, [N].
    public let cleanConfidences: [Float]
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
    /// The answers to what was proposed, whether it reached the goal or not, [K·N].
    public internal(set) var proposedClasses: [Int]
    /// Their softmax probabilities, [K·N].
    public internal(set) var proposedConfidences: [Float]
    /// Distances of `adversarial` from the original, [K·N].
    public internal(set) var distances: [Distances]
    /// Distances of what was proposed from the original, [K·N].
    public internal(set) var proposedDistances: [Distances]
    /// What it took, [K·N].
    public internal(set) var efforts: [Effort]
    /// The attack's own numbers by name, each [N]; NaN for samples that were not attacked.
    public internal(set) var notes: [String: [Float]] = [:]

    /// The number of samples.
    public var samples: Int { labels.count }

    init(
        model: ThreatModel, labels: [Int], keys: [Int], clean: Answers, targets: [Int?],
        imageShape: [Int], epsilons: Int
    ) {
        let count = labels.count
        (self.model, self.labels, self.keys, self.targets) = (model, labels, keys, targets)
        (cleanClasses, cleanConfidences) = (clean.classes, clean.confidences)
        isEligible = Array(repeating: false, count: count)
        adversarial = Tensor(shape: [epsilons * count] + imageShape.dropFirst())
        success = Array(repeating: false, count: epsilons * count)
        successIn8Bit = success
        finalClasses = Array((0..<epsilons).map { _ in clean.classes }.joined())
        finalConfidences = Array((0..<epsilons).map { _ in clean.confidences }.joined())
        proposedClasses = finalClasses
        proposedConfidences = finalConfidences
        distances = Array(repeating: Distances(), count: epsilons * count)
        proposedDistances = distances
        efforts = Array(repeating: Effort(), count: epsilons * count)
    }

    mutating func take(_ verdicts: [Verdict], epsilon: Int, originals: Tensor) {
        let start = epsilon * samples
        adversarial.replaceRows(from: start, with: originals)
        for verdict in verdicts {
            let place = start + verdict.row
            success[place] = verdict.success
            successIn8Bit[place] = verdict.successIn8Bit
            proposedClasses[place] = verdict.proposedClass
            proposedConfidences[place] = verdict.proposedConfidence
            proposedDistances[place] = verdict.distances
            efforts[place] = verdict.effort
            guard let image = verdict.image else { continue }
            adversarial.replaceRows(from: place, with: image)
            finalClasses[place] = verdict.proposedClass
            finalConfidences[place] = verdict.proposedConfidence
            distances[place] = verdict.distances
        }
    }
}
