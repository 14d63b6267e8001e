// One step from a random start.

/// The fast gradient sign method from a random point of the ball; see `RFGSM.md`.
public struct RFGSM: GradientAttack {
    /// A start and a gradient a budget.
    public static let facts = AttackFacts(
        "r-fgsm", norms: [.linf], budget: .each, drawsAtRandom: true)

    /// Whose start.
    enum Variant: String, CaseIterable, SettingValue {
        /// Uniform (Wong 2020).
        case wong
        /// Of random signs (Tramèr 2018).
        case tramer
    }

    @Setting(
        Variant.wong, "a uniform start and a step α, or a start of random signs α and a step ε − α")
    var variant: Variant
    @Setting(0, in: 0...10, "α as a share of epsilon; 0 for the paper's: 1.25, or 0.5")
    var alpha: Float

    /// As in the paper of Wong.
    public init() {}

    private var share: Float { alpha > 0 ? alpha : variant == .wong ? 1.25 : 0.5 }

    /// The random start.
    public func start(_ run: inout Run) {
        var random = run.stream("r-fgsm/start")
        if variant == .wong {
            run.move(by: BallStart.point(of: .linf, count: run.freeCount, random: &random))
        } else {
            let share = share
            run.move(by: (0..<run.freeCount).map { _ in random.next() & 1 == 0 ? share : -share })
        }
    }

    /// The one step.
    public func step(_ batch: inout Batch<Void>, on oracle: inout some GradientOracle) throws {
        let gradient = try oracle.lossGradient(try oracle.logits(at: batch), of: batch)
        let width = variant == .wong ? share : max(0, 1 - share)
        batch.step(along: gradient) { $0.direction * (width * $0.epsilon) }
        batch.finish(after: 1)
    }
}
