// What an attacker may do and wants: the norm, the budget, the goal, the limits of pixels.

import Randomness
import Tensors

/// How the size of a perturbation is measured.
public enum Norm: String, CaseIterable, Sendable {
    /// The largest change of a pixel.
    case linf
    /// The root of the sum of squared changes.
    case l2
    /// The sum of the changes.
    case l1
    /// How many values are changed at all.
    case l0

    /// That distance.
    public func size(of distances: Distances) -> Double {
        switch self {
        case .linf: distances.linf
        case .l2: distances.l2
        case .l1: distances.l1
        case .l0: distances.l0
        }
    }

    /// The ball of this norm.
    var ball: Ball {
        switch self {
        case .linf: .linf
        case .l2: .l2
        case .l1: .l1
        case .l0: .l0
        }
    }
}

extension Norm {
    /// What budgets make sense for images of `count` values in [0, 1]: 0 to the box's diameter.
    public func budgets(count: Int) -> ClosedRange<Float> {
        switch self {
        case .linf: 0...1
        case .l2: 0...Float(count).squareRoot()
        case .l1, .l0: 0...Float(count)
        }
    }
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
    /// Each class but the label in turn: a run for every one of them. The best of them counts, and
    /// all of them are on record.
    case eachOther

    /// The names that a config may use.
    public static let names = [
        "untargeted", "random-other", "least-likely", "fixed", "each-other",
    ]

    /// Whether the attacker wants a certain class.
    public var isTargeted: Bool { self != .untargeted }

    /// The name without the class.
    public var name: String {
        switch self {
        case .untargeted: "untargeted"
        case .randomOther: "random-other"
        case .leastLikely: "least-likely"
        case .fixed: "fixed"
        case .eachOther: "each-other"
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
        case "each-other": self = .eachOther
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
    /// - Returns: A class, or nil; nil too for `eachOther`, whose classes the driver goes through.
    func target(label: Int, logits: ArraySlice<Float>, seed: UInt64, key: Int) -> Int? {
        switch self {
        case .untargeted, .eachOther:
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

/// Norm, budget, goal, seed and limits of an attack run.
public struct ThreatModel: Equatable, Sendable {
    /// How size is measured.
    public var norm: Norm
    /// The budgets, in pixel units (for L0: values changed); empty for attacks that look for the
    /// least perturbation.
    public var epsilons: [Float]
    /// What counts as success.
    public var goal: Goal
    /// Where random draws come from.
    public var seed: UInt64
    /// How often an attack with random draws tries, as long as it has not succeeded; the least
    /// perturbation of them counts where there is no budget.
    public var restarts: Int
    /// Which pixels may change, and between which values.
    public var limits: PixelLimits

    /// Says what an attacker may do.
    public init(
        norm: Norm, epsilons: [Float], goal: Goal, seed: UInt64, restarts: Int = 1,
        limits: PixelLimits = .box
    ) {
        (self.norm, self.epsilons, self.goal, self.seed) = (norm, epsilons, goal, seed)
        (self.restarts, self.limits) = (restarts, limits)
    }
}

extension ThreatModel {
    /// Refuses a norm, a goal or restarts that an attack cannot do.
    ///
    /// - Throws: `AttackFault`.
    func requireSuited(_ kind: any Attack.Type) throws {
        guard kind.norms.contains(norm) else {
            throw AttackFault.wrongNorm(
                attack: kind.name, norm: norm.rawValue, known: kind.norms.map(\.rawValue))
        }
        guard kind.goals.names.contains(goal.name) else {
            throw AttackFault.wrongGoal(
                attack: kind.name, goal: goal.name, known: kind.goals.names)
        }
        guard restarts == 1 || kind.isRandom else {
            throw AttackFault.restartsOfNothingRandom(attack: kind.name)
        }
    }
}
