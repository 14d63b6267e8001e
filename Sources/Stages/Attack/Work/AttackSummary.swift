// The figures of a run, as its record keeps them: the terminal and the report show these.

import Attacks
import Formats
import Tensors

/// Figures over the eligible samples of a run; distances are those of the successes.
struct AttackSummary {
    let json: JSON

    init(
        _ result: AttackResult, attack: any Attack.Type, forwardOperations: Int,
        predictedLabels: Int, limits: AttackLimits
    ) {
        let eligible = result.isEligible.indices.filter { result.isEligible[$0] }
        let rows = (0..<max(1, result.model.epsilons.count)).map { index in
            Self.row(
                result, epsilon: index, eligible: eligible, forwardOperations: forwardOperations)
        }
        var members: [String: JSON] = [
            "attack": .string(attack.name),
            "goal": .string(result.model.goal.name),
            "norm": .string(result.model.norm.rawValue),
            "samples": .integer(Int64(result.samples)),
            "eligible": .integer(Int64(eligible.count)),
            "rows": .array(rows),
        ]
        if eligible.isEmpty {
            members["misread"] = .integer(
                Int64(zip(result.cleanClasses, result.labels).count { $0 != $1 }))
        }
        if predictedLabels > 0 {
            members["predicted_labels"] = .integer(Int64(predictedLabels))
        }
        if !result.warnings.isEmpty {
            members["warnings"] = .array(result.warnings.map(JSON.string))
        }
        members.merge(limits.summary) { $1 }
        if let least = result.notes["least_epsilon"] {
            let found = eligible.map { Double(least[$0]) }.filter(\.isFinite)
            members["least_epsilon"] = [
                "found": .integer(Int64(found.count)), "median": number(Self.median(found)),
                "mean": number(Self.mean(found)),
            ]
        }
        json = .object(members)
    }

    private static func row(
        _ result: AttackResult, epsilon: Int, eligible: [Int], forwardOperations: Int
    ) -> JSON {
        let places = eligible.map { epsilon * result.samples + $0 }
        let successes = places.filter { result.success[$0] }
        let noise = places.map { result.proposedDistances[$0] }
        let pixels = Double(max(1, result.adversarial.rowLength))
        let sizes = successes.map { result.distances[$0] }
        let forward = mean(places.map { Double(result.efforts[$0].forwardPasses) })
        let backward = mean(places.map { Double(result.efforts[$0].backwardPasses) })
        let zeros = places.reduce(0) { $0 + result.efforts[$1].zeroGradients }
        let gradients = places.reduce(0) { $0 + result.efforts[$1].backwardPasses }
        let share =
            eligible.isEmpty ? nil : Double(successes.count) / Double(eligible.count)
        // A sample that needed no attack, since it is of the target's class, stands too.
        let right = zip(result.cleanClasses, result.labels).count { $0 == $1 }
        let standing = right - successes.count
        var members: [String: JSON] = [
            "success": .integer(Int64(successes.count)),
            "success_rate": number(share),
            "success_8bit": .integer(Int64(places.count { result.successIn8Bit[$0] })),
            "robust_accuracy": number(
                result.samples == 0 ? nil : Double(standing) / Double(result.samples)),
            "noise_mean": number(mean(noise.map { $0.sum / pixels })),
            "noise_max": number(noise.map(\.max).max()),
            "noise_min": number(noise.map(\.min).min()),
            "mean_abs": number(mean(sizes.map { $0.l1 / pixels })),
            "mean_l2": number(mean(sizes.map(\.l2))),
            "mean_linf": number(mean(sizes.map(\.linf))),
            "median_l2": number(median(sizes.map(\.l2))),
            "median_linf": number(median(sizes.map(\.linf))),
            "mean_l0": number(mean(sizes.map(\.l0))),
            "median_l0": number(median(sizes.map(\.l0))),
            "mean_l1": number(mean(sizes.map(\.l1))),
            "median_l1": number(median(sizes.map(\.l1))),
            "forward_passes": number(forward),
            "backward_passes": number(backward),
            "zero_gradients": number(
                gradients > 0 ? Double(zeros) / Double(gradients) : nil),
            "events": .object(
                Dictionary(grouping: places.map { result.events[$0] }) { $0.word }
                    .filter { !$0.key.isEmpty }.mapValues { .integer(Int64($0.count)) }),
            "flops": number(
                zipped(forward, backward).map { ($0 + $1) * Double(forwardOperations) }),
        ]
        if result.model.goal == .eachOther {
            let cases = EachCases(result, epsilon: epsilon, eligible: eligible)
            members["each_success_rate"] = number(cases.successRate)
            members["each_best"] = number(mean(cases.best))
            members["each_mean"] = number(mean(cases.all))
            members["each_worst"] = number(mean(cases.worst))
        }
        if !result.model.epsilons.isEmpty {
            let value = result.model.epsilons[epsilon]
            members["epsilon"] = .number(Double(value.description) ?? Double(value))
        }
        for (name, fold) in [
            ("noise_mean", { Self.mean($0) }), ("noise_max", { $0.max() }),
            ("noise_min", { $0.min() }),
        ] as [(String, ([Double]) -> Double?)] {
            guard let notes = result.notes[name] else { continue }
            members["raw_\(name)"] = number(fold(eligible.map { Double(notes[$0]) }))
        }
        return .object(members)
    }

    private static func zipped(_ a: Double?, _ b: Double?) -> (Double, Double)? {
        if let a, let b { (a, b) } else { nil }
    }

    /// In index order, in Double; nil for nothing.
    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// The middle value, or the mean of the two in the middle.
    private static func median(_ values: [Double]) -> Double? {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return nil }
        let (low, high) = (sorted[(sorted.count - 1) / 2], sorted[sorted.count / 2])
        return low == high ? low : (low + high) / 2
    }
}

/// What became of each class as a target: distances in the model's norm.
private struct EachCases {
    /// Of all pairs of a sample and another class, how many were reached.
    let successRate: Double?
    /// Of all pairs that were reached.
    let all: [Double]
    /// For each sample with a class that was reached, the nearest one and the farthest one.
    private(set) var best: [Double] = []
    private(set) var worst: [Double] = []

    init(_ result: AttackResult, epsilon: Int, eligible: [Int]) {
        let classes = result.samples == 0 ? 0 : result.eachSuccess.count / result.success.count
        var all: [Double] = []
        for row in eligible {
            let start = (epsilon * result.samples + row) * classes
            let reached = (start..<start + classes).filter { result.eachSuccess[$0] }
                .map { Double(result.eachDistance[$0]) }
            all += reached
            if let least = reached.min(), let most = reached.max() {
                best.append(least)
                worst.append(most)
            }
        }
        self.all = all
        let pairs = eligible.count * (classes - 1)
        successRate = pairs > 0 ? Double(all.count) / Double(pairs) : nil
    }
}

/// A number, or null for none or one that JSON cannot hold.
private func number(_ value: Double?) -> JSON {
    value.flatMap { $0.isFinite ? .number($0) : nil } ?? .null
}
