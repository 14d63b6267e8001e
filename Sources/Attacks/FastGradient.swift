// One step: in other balls than that of the sign, and from a random start.

import Networks
import Tensors

/// The fast gradient method: the fast gradient sign method's step in the L2 and the L1 ball,
///
///     L2: x′ = clamp(x + ε·g / ‖g‖₂, 0, 1)
///     L1: the maximiser of g·r over ‖r‖₁ ≤ ε with x + r in [0, 1]
///
/// with g the gradient of the cross-entropy of the label; for a targeted goal, minus that of the
/// target (the general form in Kurakin, Goodfellow and Bengio, "Adversarial Machine Learning at Scale",
/// 2017). In L1 the pixel with the largest |g| goes to its bound, then the next, until ε is used up;
/// ART's and foolbox's versions divide g by its norm and spread ε over all pixels, which gains far
/// less: the loss is linear, and the best point of an L1 ball is a corner.
public struct FastGradient: Attack {
    /// "fgm".
    public static let name = "fgm"
    /// One line.
    public static let summary =
        "Fast gradient method: one step of ε along the gradient in L2 or L1 (after Goodfellow 2014)."
    /// One step for every budget.
    public static let usesEpsilons = true
    /// Those that the fast gradient sign method is not for.
    public static let norms = [Norm.l2, .l1]
    /// None.
    public static let settings: [Setting] = []

    /// Takes no settings.
    public init(_ values: SettingValues) {}

    /// One step.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        try GradientWalk(stopsEarly: false).propose(for: queue, on: &oracle)
    }
}

/// The fast gradient sign method from a random start, in two forms:
///
///     wong:    x′ = project(x + ε·u + α·sign(∂L/∂x)),  u uniform in the cube, α = 1.25·ε
///     tramer:  x′ = x + α·sign(n) + (ε − α)·sign(∂L/∂x),  n normal, α = ε / 2
///
/// (Wong, Rice and Kolter, "Fast is better than free", 2020; Tramèr, Kurakin, Papernot, Goodfellow,
/// Boneh and McDaniel, "Ensemble Adversarial Training", 2018.) torchattacks has the first as FFGSM and
/// the second as RFGSM.
public struct RandomStartFastGradient: Attack {
    /// "r-fgsm".
    public static let name = "r-fgsm"
    /// One line.
    public static let summary =
        "Fast gradient sign from a random start within the ball (Wong 2020; Tramèr 2018)."
    /// One step for every budget.
    public static let usesEpsilons = true
    /// The sign's.
    public static let norms = [Norm.linf]
    /// Its start.
    public static let isRandom = true
    /// The two papers' steps.
    public static let settings = [
        Setting(
            "variant", .choice(["wong", "tramer"]), default: .text("wong"),
            help: "a uniform start and a step α, or a start of random signs α and a step ε − α"),
        Setting(
            "alpha", .number(0...10), default: .number(0),
            help: "α as a share of epsilon; 0 for the paper's: 1.25, or 0.5"),
    ]

    private var walk = GradientWalk(stopsEarly: false)

    /// Takes its settings.
    public init(_ values: SettingValues) {
        let isUniform = values.text("variant") == "wong"
        let given = values.float("alpha")
        let alpha = given > 0 ? given : isUniform ? 1.25 : 0.5
        walk.stepSize = isUniform ? alpha : max(0, 1 - alpha)
        walk.start = { sample, queue, count in
            var random = queue.stream("r-fgsm/start", for: sample)
            if isUniform { return BallStart.point(of: .linf, count: count, random: &random) }
            return (0..<count).map { _ in random.next() & 1 == 0 ? alpha : -alpha }
        }
    }

    /// One step.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        try walk.propose(for: queue, on: &oracle)
    }
}
