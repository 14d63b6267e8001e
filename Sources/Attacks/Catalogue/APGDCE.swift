// APGD on the cross-entropy.

/// Projected gradient descent that chooses its steps, on the cross-entropy; see `APGDCE.md`.
public struct APGDCE: GradientAttack {
    /// A run a budget. In L1 with sparse steps and the same schedule, which is not the adaptive sparsity
    /// of "Mind the box" (2021).
    public static let facts = AttackFacts(
        "apgd-ce", norms: [.linf, .l2, .l1], budget: .each, drawsAtRandom: true)

    let walk = APGDWalk()

    /// As in the paper.
    public init() {}

    /// A random start.
    public func start(_ run: inout Run) -> APGDState { walk.start(&run, for: Self.name) }

    /// One step.
    public func step(
        _ batch: inout Batch<APGDState>, on oracle: inout some GradientOracle
    ) throws {
        try walk.step(&batch, up: .crossEntropy, on: &oracle)
    }
}
