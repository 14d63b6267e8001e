// Many small fast gradient steps.

/// The basic iterative method: small steps from the image itself; see `BIM.md`.
public struct BIM: GradientAttack {
    /// A run a budget.
    public static let facts = AttackFacts("bim", norms: [.linf, .l2], budget: .each)

    let walk = IterativeSteps()

    /// Ten steps of a fifth of ε.
    public init() {}

    /// One small step.
    public func step(_ batch: inout Batch<Void>, on oracle: inout some GradientOracle) throws {
        let logits = try oracle.logits(at: batch)
        if walk.stopEarly { batch.finish(whereFooledBy: logits.argmaxOfRows()) }
        let gradient = try oracle.lossGradient(logits, of: batch)
        let width = walk.width
        batch.step(along: gradient) { $0.direction * width($0.epsilon) }
        batch.finish(after: walk.steps)
    }
}
