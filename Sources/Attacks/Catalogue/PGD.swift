// Many small steps, each projected onto the ball.

/// Projected gradient descent of Madry and others, with the defaults of foolbox; see `PGD.md`.
///
/// A random start is keyed by seed, sample and restart, and is the same for every ε. Without one the
/// first run begins at the image itself, and only restarts are drawn.
public struct PGD: GradientAttack {
    /// A run a budget.
    public static let facts = AttackFacts(
        "pgd", norms: [.linf, .l2, .l1], budget: .each, drawsAtRandom: true)

    @Setting(40, in: 1...1_000_000, unit: "steps", "gradient steps of a run") var steps: Int
    @Setting(1.0 / 30, in: 1e-9...1e3, "how far a step goes, in the unit of step_unit")
    var stepSize: Float
    @Setting(
        StepUnit.epsilon,
        "whether step_size is a share of epsilon, or counted in pixel units 0…1")
    var stepUnit: StepUnit
    @Setting(true, "begin at a random point of the ball, not at the image") var randomStart: Bool
    @Setting(true, "end a sample's run at the first point that reaches the goal")
    var stopEarly: Bool
    @Setting(
        0.01, in: 0...1, "in the norm l1: the share of values that a step is spread over")
    var share: Double

    /// As in foolbox.
    public init() {}

    /// The random start.
    public func start(_ run: inout Run) {
        guard randomStart || run.restart > 0 else { return }
        var random = run.stream("pgd/start")
        let (ball, count) = (run.model.norm.ball, run.freeCount)
        guard ball == .l2 else {
            return run.move(by: BallStart.point(of: ball, count: count, random: &random))
        }
        // A uniform point of a ball of many dimensions lies at its edge; a uniform radius leaves
        // starts near the image too.
        let radius = random.uniform()
        run.move(by: BallStart.direction(count: count, random: &random).map { radius * $0 })
    }

    /// One step of steepest ascent, projected.
    public func step(_ batch: inout Batch<Void>, on oracle: inout some GradientOracle) throws {
        let logits = try oracle.logits(at: batch)
        if stopEarly { batch.finish(whereFooledBy: logits.argmaxOfRows()) }
        let gradient = try oracle.lossGradient(logits, of: batch)
        let (unit, size) = (stepUnit, stepSize)
        batch.step(along: gradient, share: share) {
            $0.direction * unit.width(size, $0.epsilon)
        }
        batch.finish(after: steps)
    }
}
