// What an attack is. It only proposes; the driver projects, judges and measures.

import Networks
import Tensors

/// A way of making adversarial examples.
///
/// A type describes itself as data, so that configs, flags, `--help` and the report follow from
/// it, and does its work in `propose`. Its proposals may leave the ball and [0, 1]: the driver
/// projects them. Nothing about a sample may depend on which others share its batch.
public protocol Attack: Sendable {
    /// The name that a config uses.
    static var name: String { get }
    /// What it does, in a line, with its source.
    static var summary: String { get }
    /// Its own settings, beyond those of the threat model.
    static var settings: [Setting] { get }
    /// Its settings where some depend on the words that a config gives for others.
    static func settings(choosing chosen: (String) -> String?) -> [Setting]
    /// Whether it works within given budgets; otherwise it looks for the least perturbation.
    static var usesEpsilons: Bool { get }
    /// The norms it works in.
    static var norms: [Norm] { get }

    /// The goals that it can follow.
    static var goals: GoalSupport { get }
    /// Whether it draws at random, so that restarts make sense.
    static var isRandom: Bool { get }
    /// What the values 0, 1, … of its notes stand for, by the note's name.
    static var words: [String: [String]] { get }
    /// Whether a sample's result belongs to the whole set of samples; such an attack takes all of
    /// them at once, and cannot serve within others.
    static var dependsOnCompany: Bool { get }

    /// Takes its settings, already within their ranges.
    init(_ values: SettingValues)

    /// Refuses what it cannot do, before any work.
    ///
    /// - Throws: `AttackFault.impossible`.
    func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws

    /// Takes samples from the queue until it is empty and delivers a proposal for each (and for
    /// each epsilon).
    ///
    /// - Throws: `NetworkFault` from the network.
    func propose(
        for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>
    ) throws

    /// What the user should know about the run, in sentences.
    ///
    /// - Parameters:
    ///   - flags: What `AttackQueue.flag` was told, over all samples and tries.
    ///   - attacked: How many samples were attacked.
    ///   - samples: How many there are.
    /// - Returns: The sentences; none where all is well.
    func warnings(_ flags: Flags, attacked: Int, of samples: Int) -> [String]
}

extension Attack {
    /// The same whatever a config says.
    public static func settings(choosing chosen: (String) -> String?) -> [Setting] { settings }
    /// Any goal.
    public static var goals: GoalSupport { .any }
    /// Nothing random.
    public static var isRandom: Bool { false }
    /// Plain numbers.
    public static var words: [String: [String]] { [:] }
    /// A sample's result is its own.
    public static var dependsOnCompany: Bool { false }
    /// Nothing.
    public func warnings(_ flags: Flags, attacked: Int, of samples: Int) -> [String] { [] }
    /// Nothing is refused.
    public func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {}
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

/// The attacks that a config may name.
public enum AttackCatalogue {
    /// All of them. A new attack is a file of its own and a line here.
    public static let all: [any Attack.Type] = [
        FastGradientSign.self,
        FastGradient.self,
        RandomStartFastGradient.self,
        BasicIterative.self,
        ProjectedGradientDescent.self,
        MomentumIterative.self,
        NesterovIterative.self,
        DiverseInputs.self,
        TranslationInvariant.self,
        OptimisedNoise.self,
        AutoProjectedGradient.self,
        AutoRatioGradient.self,
        AutoTargetedGradient.self,
        AutoAttack.self,
        BoxedQuasiNewton.self,
        CarliniWagnerL2.self,
        CarliniWagnerLinf.self,
        CarliniWagnerL0.self,
        ElasticNet.self,
        DeepFool.self,
        DecoupledNorm.self,
        FastMinimumNorm.self,
        AdaptiveBoundary.self,
        TargetedAdaptiveBoundary.self,
        JacobianSaliencyMap.self,
        Square.self,
        HopSkipJump.self,
        Boundary.self,
        UniformNoise.self,
        GaussianNoise.self,
        SaltAndPepper.self,
        LeastEpsilon.self,
        UniversalPerturbation.self,
        SpatialTransformation.self,
        SimultaneousPerturbation.self,
        OnePixel.self,
    ]

    /// The attack of that name.
    ///
    /// - Throws: `AttackFault.unknownAttack`.
    public static func named(_ name: String) throws -> any Attack.Type {
        guard let found = all.first(where: { $0.name == name }) else {
            throw AttackFault.unknownAttack(name, known: all.map { $0.name })
        }
        return found
    }
}
