// One step along the gradient itself.

/// The fast gradient method in other norms: one step of ε along the steepest direction; see `FGM.md`.
public struct FGM: GradientAttack {
    /// A gradient a budget.
    public static let facts = AttackFacts("fgm", norms: [.l2, .l1], budget: .each)

    /// No settings.
    public init() {}

    /// The one step.
    public func step(_ batch: inout Batch<Void>, on oracle: inout some GradientOracle) throws {
        let gradient = try oracle.lossGradient(try oracle.logits(at: batch), of: batch)
        batch.step(along: gradient) { $0.direction * $0.epsilon }
        batch.finish(after: 1)
    }
}
