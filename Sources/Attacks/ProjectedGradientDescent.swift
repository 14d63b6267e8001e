// Many small steps where the fast gradient sign method takes one.

import Networks
import Tensors

/// Projected gradient descent of Madry, Makelov, Schmidt, Tsipras and Vladu, "Towards Deep
/// Learning Models Resistant to Adversarial Attacks" (2018):
///
///     x₀ = project(x + ε·u),   xₜ₊₁ = project(xₜ + α·direction(∂L/∂xₜ))
///
/// with L the cross-entropy of the label (for a targeted goal, minus that of the target), u a
/// random point of the unit ball (0 without a random start), `direction` the sign for L∞ and the
/// gradient over its norm for L2, and `project` onto the ball of radius ε around x and [0, 1].
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
    public static let norms = [Norm.linf, .l2]
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
    ]

    private let steps: Int
    private let stepSize: Float
    private let isRelative: Bool
    private let startsAtRandom: Bool
    private let stopsEarly: Bool

    /// Takes its settings.
    public init(_ values: SettingValues) {
        steps = values.integer("steps")
        stepSize = values.float("step_size")
        isRelative = values.text("step_unit") == "epsilon"
        startsAtRandom = values.flag("random_start")
        stopsEarly = values.flag("stop_early")
    }

    /// Keeps a window of runs going, each a sample with one of its budgets; whoever is done
    /// makes room for the next.
    public func propose(for queue: AttackQueue, on pass: inout some ClassifierPass) throws {
        var window = RunWindow(queue)
        window.refill(from: start)
        while !window.runs.isEmpty {
            var flow = try pass.logits(of: window.points)
            let answers = flow.argmaxOfRows()
            _ = CrossEntropy.gradient(
                inPlaceOf: &flow, targets: window.runs.map(\.sample.lossClass), scale: 1)
            for (row, run) in window.runs.enumerated() {
                window.runs[row].effort.forwardPasses += 1
                if stopsEarly && run.sample.isFooled(by: answers[row]) { window.finish(row) }
            }
            if window.runs.contains(where: \.isWalking) {
                move(&window, along: try pass.pixelGradient(flow))
            }
            window.refill(from: start)
        }
    }

    /// One step of every run that is not over.
    private func move(_ window: inout RunWindow, along gradient: Tensor) {
        window.step(
            along: gradient,
            by: window.runs.map { run in
                guard run.isWalking else { return 0 }
                return run.sample.direction * (isRelative ? stepSize * run.epsilon : stepSize)
            })
        for (row, run) in window.runs.enumerated() where run.isWalking {
            window.runs[row].step += 1
            window.runs[row].effort.iterations += 1
            window.runs[row].effort.backwardPasses += 1
            // The driver itself looks at the last point.
            if run.step + 1 == steps { window.finish(row) }
        }
    }

    /// Where a run begins: a vector of the unit ball, or nil for the image itself.
    private func start(_ run: RunWindow.Run, in queue: AttackQueue, count: Int) -> [Float]? {
        guard startsAtRandom || queue.restart > 0 else { return nil }
        var random = queue.stream("pgd/start", for: run.sample)
        return BallStart.point(of: queue.model.norm.ball, count: count, random: &random)
    }
}
