// The iterative fast gradient sign method and its children with momentum.

import Networks
import Tensors

/// The basic iterative method of Kurakin, Goodfellow and Bengio, "Adversarial examples in the physical
/// world" (2017): fast gradient steps of 0.2·ε from the image itself, each projected.
///
/// It is projected gradient descent without a random start; defaults are foolbox's, 10 steps.
public struct BasicIterative: Attack {
    /// "bim".
    public static let name = "bim"
    /// One line.
    public static let summary =
        "Basic iterative method: small fast gradient steps from the image itself (Kurakin 2017)."
    /// A run for every budget.
    public static let usesEpsilons = true
    /// Those with a direction of steepest ascent.
    public static let norms = [Norm.linf, .l2]
    /// foolbox's.
    public static let settings = GradientWalk.stepSettings

    private let walk: GradientWalk

    /// Takes its settings.
    public init(_ values: SettingValues) { walk = GradientWalk(values) }

    /// Walks.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        try walk.propose(for: queue, on: &oracle)
    }
}

/// The momentum iterative method of Dong, Liao, Pang, Su, Zhu, Hu and Li, "Boosting Adversarial Attacks
/// with Momentum" (2018):
///
///     m ← μ·m + g / mean|g|,   x ← project(x + α·sign(m))
///
/// with μ = 1. The paper divides by the L1 norm, as by the mean here: of both the sign is the same.
/// Momentum carries over small dents of the loss, which helps where images are to fool other networks.
public struct MomentumIterative: Attack {
    /// "mi-fgsm".
    public static let name = "mi-fgsm"
    /// One line.
    public static let summary =
        "Momentum iterative method: fast gradient steps along a decaying sum of gradients (Dong 2018)."
    /// A run for every budget.
    public static let usesEpsilons = true
    /// Those of the paper.
    public static let norms = [Norm.linf, .l2]
    /// The paper's.
    public static let settings = GradientWalk.stepSettings + [GradientWalk.decaySetting(1)]

    private var walk: GradientWalk

    /// Takes its settings.
    public init(_ values: SettingValues) {
        walk = GradientWalk(values)
        walk.decay = values.float("decay")
    }

    /// Walks.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        try walk.propose(for: queue, on: &oracle)
    }
}

/// The Nesterov iterative method of Lin, Song, He, Wang and Hopcroft, "Nesterov Accelerated Gradient
/// and Scale Invariance for Adversarial Attacks" (2020): the momentum iterative method with the gradient
/// taken ahead, at x + α·μ·m.
///
/// Since m is made of gradients over their mean size, as in the authors' code, the look ahead is about
/// as long as a step. It may leave the ball and the box; the point itself never does.
public struct NesterovIterative: Attack {
    /// "ni-fgsm".
    public static let name = "ni-fgsm"
    /// One line.
    public static let summary =
        "Nesterov iterative method: momentum with gradients taken a step ahead (Lin 2020)."
    /// A run for every budget.
    public static let usesEpsilons = true
    /// That of the paper.
    public static let norms = [Norm.linf]
    /// The paper's.
    public static let settings = GradientWalk.stepSettings + [GradientWalk.decaySetting(1)]

    private var walk: GradientWalk

    /// Takes its settings.
    public init(_ values: SettingValues) {
        walk = GradientWalk(values)
        walk.decay = values.float("decay")
        walk.looksAhead = true
    }

    /// Walks.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        try walk.propose(for: queue, on: &oracle)
    }
}
