// Steps along a decaying sum of gradients.

/// The momentum iterative method; see `MIFGSM.md`.
public struct MIFGSM: GradientAttack {
    /// A run a budget.
    public static let facts = AttackFacts("mi-fgsm", norms: [.linf, .l2], budget: .each)

    let walk = IterativeSteps()
    @Setting(1, in: 0...10, "how much of the momentum a step keeps") var decay: Float

    /// As in the paper.
    public init() {}

    /// One step along the momentum.
    public func step(_ batch: inout Batch<Void>, on oracle: inout some GradientOracle) throws {
        let logits = try oracle.logits(at: batch)
        if walk.stopEarly { batch.finish(whereFooledBy: logits.argmaxOfRows()) }
        let gradient = try oracle.lossGradient(logits, of: batch)
        let width = walk.width
        batch.step(along: Momentum.add(gradient, to: &batch, decay: decay)) {
            $0.direction * width($0.epsilon)
        }
        batch.finish(after: walk.steps)
    }
}
