// Many small steps where the fast gradient sign method takes one.

import Networks
import Tensors

/// Projected gradient descent of Madry, Makelov, Schmidt, Tsipras and Vladu, "Towards Deep
/// Learning Models Resistant to Adversarial Attacks" (2018):
///
///     x₀ = project(x + ε·u),   xₜ₊₁ = project(xₜ + α·direction(∂L/∂xₜ))
///
/// with L the cross-entropy of the label (for a targeted goal, minus that of the target), u a
/// random point of the unit ball (0 without a random start; for L2 with a uniform radius, as in
/// torchattacks, since uniform points of such a ball all lie at its edge), `direction` the sign for L∞ and the
/// gradient over its norm for L2, and `project` onto the ball of radius ε around x and [0, 1]. In L1 a
/// step is spread over the `share` of values with the largest gradients that have room, as in Tramèr
/// and Boneh, "Adversarial Training and Robustness for Multiple Perturbations" (2019), and the
/// projection is the one onto ball and box together, to 2⁻³⁰ of the largest change (its need is shown
/// by Croce and Hein, "Mind the box", 2021): projecting first onto one and then onto the other, as
/// foolbox does, wastes budget.
///
/// Defaults are foolbox's: 40 steps of ε/30, a random start. torchattacks counts its step α in
/// pixels: set `step_unit` to "pixels" for that. Like both, and unlike APGD, the step never
/// changes.
///
/// With `stop_early` a sample is done at the first point that reaches its goal, so more steps
/// never undo a success; without it the last point counts, as in those libraries. A draw is keyed
/// by seed, sample and restart, and is the same for every ε. Without a random start the first run
/// begins at the image itself, and only restarts are drawn.
public struct ProjectedGradientDescent: Attack {
    /// "pgd".
    public static let name = "pgd"
    /// One line.
    public static let summary =
        "Projected gradient descent: many small steps, each projected onto the ball (Madry 2018)."
    /// A run for every budget.
    public static let usesEpsilons = true
    /// Those with a step of steepest ascent and a projection.
    public static let norms = [Norm.linf, .l2, .l1]
    /// Its starts.
    public static let isRandom = true
    /// Those of the paper.
    public static let settings = [
        Setting(
            "steps", .integer(1...1_000_000), default: .integer(40), unit: "steps",
            help: "gradient steps of a run"),
        Setting(
            "step_size", .number(1e-9...1e3), default: .number(1.0 / 30),
            help: "how far a step goes, in the unit of step_unit"),
        Setting(
            "step_unit", .choice(["epsilon", "pixels"]), default: .text("epsilon"),
            help: "whether step_size is a share of epsilon, or counted in pixel units 0…1"),
        Setting(
            "random_start", .flag, default: .flag(true),
            help: "begin at a random point of the ball, not at the image"),
        Setting(
            "stop_early", .flag, default: .flag(true),
            help: "end a sample's run at the first point that reaches the goal"),
        Setting(
            "share", .number(0...1), default: .number(0.01),
            help: "in the norm l1: the share of values that a step is spread over"),
    ]

    private var walk: GradientWalk

    /// Takes its settings.
    public init(_ values: SettingValues) {
        walk = GradientWalk(values)
        walk.share = Double(values.float("share"))
        let startsAtRandom = values.flag("random_start")
        walk.start = { sample, queue, count in
            guard startsAtRandom || queue.restart > 0 else { return nil }
            var random = queue.stream("pgd/start", for: sample)
            guard queue.model.norm == .l2 else {
                return BallStart.point(of: queue.model.norm.ball, count: count, random: &random)
            }
            // A uniform point of a ball of many dimensions lies at its edge; a uniform radius leaves
            // starts near the image too.
            let radius = random.uniform()
            return BallStart.direction(count: count, random: &random).map { radius * $0 }
        }
    }

    /// Walks.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        try walk.propose(for: queue, on: &oracle)
    }
}
