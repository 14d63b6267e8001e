// What an attacker may do and wants: the norm, the budget, the goal.

import Randomness

/// How the size of a perturbation is measured.
public enum Norm: String, CaseIterable, Sendable {
    /// The largest change of a pixel.
    case linf
    /// The root of the sum of squared changes.
    case l2
}

/// What counts as fooling the network.
public enum Goal: Equatable, Sendable {
    /// Any class but the label.
    case untargeted
    /// One other class, drawn for each sample: each of the others equally likely.
    case randomOther
    /// The class that the network finds least likely on the clean image.
    case leastLikely
    /// The same class for every sample.
    case fixed(Int)

    /// The names that a config may use.
    public static let names = ["untargeted", "random-other", "least-likely", "fixed"]

    /// The name without the class.
    public var name: String {
        switch self {
        case .untargeted: "untargeted"
        case .randomOther: "random-other"
        case .leastLikely: "least-likely"
        case .fixed: "fixed"
        }
    }

    /// The goal of that name; `fixed` takes its class from `target`.
    public init(name: String, target: Int?, classes: Int) throws {
        switch name {
        case "untargeted": self = .untargeted
        case "random-other": self = .randomOther
        case "least-likely": self = .leastLikely
        case "fixed":
            guard let target, (0..<classes).contains(target) else {
                throw AttackFault.wrongTarget(target, classes: classes)
            }
            self = .fixed(target)
        default:
            throw AttackFault.unknownGoal(name)
        }
        if case .fixed = self { return }
        if let target, target >= 0 { throw AttackFault.targetWithoutFixedGoal(target, goal: name) }
    }

    /// The class to reach, or nil if any wrong class will do.
    ///
    /// - Parameters:
    ///   - label: The true class.
    ///   - logits: The network's answer to the clean image.
    ///   - seed: The seed of the run.
    ///   - key: The sample's index in its data set: the draw belongs to the image, not to its
    ///     place in a batch.
    /// - Returns: A class, or nil.
    func target(label: Int, logits: ArraySlice<Float>, seed: UInt64, key: Int) -> Int? {
        switch self {
        case .untargeted:
            return nil
        case .randomOther:
            guard logits.count > 1 else { return nil }
            var random = Stream(
                seed: seed, name: "attack/target", step: UInt32(truncatingIfNeeded: key))
            let draw = Int(random.below(UInt32(logits.count - 1)))
            return draw < label ? draw : draw + 1
        case .leastLikely:
            return logits.enumerated().min { $0.element < $1.element }?.offset
        case .fixed(let target):
            return target
        }
    }
}

/// Norm, budget, goal and seed of an attack run.
public struct ThreatModel: Equatable, Sendable {
    /// How size is measured.
    public var norm: Norm
    /// The budgets, in pixel units 0…1; empty for attacks that look for the least perturbation.
    public var epsilons: [Float]
    /// What counts as success.
    public var goal: Goal
    /// Where random draws come from.
    public var seed: UInt64

    /// Says what an attacker may do.
    public init(norm: Norm, epsilons: [Float], goal: Goal, seed: UInt64) {
        (self.norm, self.epsilons, self.goal, self.seed) = (norm, epsilons, goal, seed)
    }
}
