// What an attack is: facts, settings, a start and a step. It only proposes; the driver owns the runs,
// projects, judges, measures and keeps the books.

import Networks
import Tensors

/// What of an attack changes what is computed, beside its settings.
public struct AttackFacts: Sendable {
    /// The name that a config uses.
    public let name: String
    /// The norms it works in; the first is the one it takes if a config names none.
    public let norms: [Norm]
    /// How its runs relate to the budgets.
    public let budget: Budget
    /// The goals that it can follow.
    public let goals: GoalSupport
    /// Whether it draws at random, so that restarts make sense.
    public let drawsAtRandom: Bool
    /// Which runs share a batch.
    public let company: Company

    /// How runs relate to the budgets.
    public enum Budget: Sendable {
        /// A run for every sample and budget.
        case each
        /// A run for every sample, which serves all budgets.
        case shared
        /// A run for every sample, which looks for the least perturbation.
        case least
    }

    /// Which runs share a batch.
    public enum Company: Sendable {
        /// As many as the network handles well; no result depends on them.
        case any
        /// As many, and new ones when all of them are over: for attacks that run others, whose runs
        /// then are at the same of them, and fill its passes.
        case inStep
        /// None: a run asks for many rows at a time.
        case alone
        /// All samples, a batch for every budget: results belong to the whole set, and such an attack
        /// cannot serve within others.
        case all
    }

    /// Facts of an attack.
    public init(
        _ name: String, norms: [Norm], budget: Budget, goals: GoalSupport = .any,
        drawsAtRandom: Bool = false, company: Company = .any
    ) {
        (self.name, self.norms, self.budget) = (name, norms, budget)
        (self.goals, self.drawsAtRandom, self.company) = (goals, drawsAtRandom, company)
    }
}

/// A way of making adversarial examples.
///
/// An attack is a `GradientAttack`, a `ScoreAttack` or a `DecisionAttack`: what it may ask of the
/// network is its type. It declares its `facts`, its settings (`@Setting`) and, if its runs remember
/// something, a `State`. Its proposals may leave the ball and [0, 1]: the driver projects them. Nothing
/// about a sample may depend on which others share its batch.
public protocol Attack: Sendable {
    /// What a run remembers from step to step.
    associatedtype State: Sendable = Void

    /// What of it changes what is computed.
    static var facts: AttackFacts { get }
    /// What the values 0, 1, … of its notes stand for, by the note's name.
    static var words: [String: [String]] { get }
    /// Its settings where some depend on the words that a config gives for others.
    static func settings(choosing chosen: (String) -> String?) -> [SettingDescription]

    /// With its settings at their defaults.
    init()

    /// What must be made anew when the settings have been read.
    mutating func prepare(_ values: SettingValues)

    /// Refuses what it cannot do, before any work.
    ///
    /// - Throws: `AttackFault.impossible`.
    func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws

    /// What a run begins with; it may also move the run's first point away from the image.
    func start(_ run: inout Run) -> State

    /// What the user should know about all runs.
    ///
    /// - Parameters:
    ///   - flags: What `Batch.flag` was told, over all samples and tries.
    ///   - attacked: How many samples were attacked.
    ///   - samples: How many there are.
    /// - Returns: Sentences; none where all is well.
    func warnings(_ flags: Flags, attacked: Int, of samples: Int) -> [String]

    /// What it may ask. Given by the three kinds of attack below; so is the next.
    static var access: Access { get }
    /// One step with every door open, which the kinds narrow to their own.
    func stepOnAny(
        _ batch: inout Batch<State>, on network: inout NetworkOracle<some ClassifierPass>
    ) throws
}

/// An attack that sees logits and gradients.
public protocol GradientAttack: Attack {
    /// Advances every run of a batch, and ends those that are done.
    ///
    /// - Throws: What the oracle throws.
    func step(_ batch: inout Batch<State>, on oracle: inout some GradientOracle) throws
}

/// An attack that sees logits.
public protocol ScoreAttack: Attack {
    /// Advances every run of a batch, and ends those that are done.
    ///
    /// - Throws: What the oracle throws.
    func step(_ batch: inout Batch<State>, on oracle: inout some ScoreOracle) throws
}

/// An attack that sees which class the network answers, and no more.
public protocol DecisionAttack: Attack {
    /// Advances every run of a batch, and ends those that are done.
    ///
    /// - Throws: What the oracle throws.
    func step(_ batch: inout Batch<State>, on oracle: inout some DecisionOracle) throws
}

/// What an attacker may ask of the network.
public enum Access: String, Sendable {
    /// Logits and gradients.
    case gradients
    /// Logits.
    case scores
    /// The class that it answers.
    case decisions
}

extension GradientAttack {
    /// Logits and gradients.
    public static var access: Access { .gradients }
    /// The step.
    public func stepOnAny(
        _ batch: inout Batch<State>, on network: inout NetworkOracle<some ClassifierPass>
    ) throws {
        try step(&batch, on: &network)
    }
}

extension ScoreAttack {
    /// Logits.
    public static var access: Access { .scores }
    /// The step.
    public func stepOnAny(
        _ batch: inout Batch<State>, on network: inout NetworkOracle<some ClassifierPass>
    ) throws {
        try step(&batch, on: &network)
    }
}

extension DecisionAttack {
    /// The class that it answers.
    public static var access: Access { .decisions }
    /// The step.
    public func stepOnAny(
        _ batch: inout Batch<State>, on network: inout NetworkOracle<some ClassifierPass>
    ) throws {
        try step(&batch, on: &network)
    }
}

extension Attack {
    /// Plain numbers.
    public static var words: [String: [String]] { [:] }
    /// The same whatever a config says.
    public static func settings(choosing chosen: (String) -> String?) -> [SettingDescription] {
        settings
    }
    /// Nothing.
    public mutating func prepare(_ values: SettingValues) {}
    /// Nothing is refused.
    public func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {}
    /// Nothing.
    public func warnings(_ flags: Flags, attacked: Int, of samples: Int) -> [String] { [] }

    /// The settings that it declares.
    public static var settings: [SettingDescription] {
        DeclaredSettings.of(Self()).map { $0.setting.described(as: $0.name) }
    }
    /// With settings that are within their ranges; those not given are the defaults.
    public init(_ values: SettingValues) {
        self.init()
        for (name, setting) in DeclaredSettings.of(self) {
            if let value = values[name] { setting.take(value) }
        }
        prepare(values)
    }

    /// The name that a config uses.
    public static var name: String { facts.name }
    /// The norms it works in.
    public static var norms: [Norm] { facts.norms }
    /// The goals that it can follow.
    public static var goals: GoalSupport { facts.goals }
    /// Whether it draws at random.
    public static var isRandom: Bool { facts.drawsAtRandom }
    /// Whether it works within given budgets; otherwise it looks for the least perturbation.
    public static var usesEpsilons: Bool { facts.budget != .least }
    /// Whether a sample's result belongs to the whole set of samples.
    public static var dependsOnCompany: Bool { facts.company == .all }
}

extension Attack where State == Void {
    /// Nothing to remember, and the image itself to begin at.
    public func start(_ run: inout Run) {}
}

/// Which goals an attack can follow.
public enum GoalSupport: Sendable {
    /// Any.
    case any
    /// Only away from the label.
    case untargeted
    /// Only towards a class.
    case targeted

    /// Those of `Goal.names`.
    public var names: [String] {
        Goal.names.filter { name in
            switch self {
            case .any: true
            case .untargeted: name == Goal.untargeted.name
            case .targeted: name != Goal.untargeted.name
            }
        }
    }
}
