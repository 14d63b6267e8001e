// Gradients through random views: made to fool other networks.

/// Diverse inputs: momentum steps through random resizing and padding; see `DIFGSM.md`.
public struct DIFGSM: GradientAttack {
    /// A run a budget, with random views.
    public static let facts = AttackFacts(
        "di-fgsm", norms: [.linf], budget: .each, drawsAtRandom: true)

    let walk = IterativeSteps()
    @Setting(0, in: 0...10, "how much of the momentum a step keeps") var decay: Float
    let views = RandomViews(diversity: 0.5)

    /// As in the paper.
    public init() {}

    /// One step along the momentum of what the views show.
    public func step(_ batch: inout Batch<Void>, on oracle: inout some GradientOracle) throws {
        // Whether a run is over is asked at its point, which needs a pass of its own.
        if walk.stopEarly { batch.finish(whereFooledBy: try oracle.answers(at: batch)) }
        let gradient = try views.lossGradient(of: batch, for: Self.name, on: &oracle)
        let width = walk.width
        batch.step(along: Momentum.add(gradient, to: &batch, decay: decay)) {
            $0.direction * width($0.epsilon)
        }
        batch.finish(after: walk.steps)
    }
}
