// APGD on a ratio of logits, whose size does not fade where a network is confident.

/// Projected gradient descent that chooses its steps, on the difference of logits ratio; see
/// `APGDDLR.md`.
public struct APGDDLR: GradientAttack {
    /// A run a budget; L1 as in `APGDCE`.
    public static let facts = AttackFacts(
        "apgd-dlr", norms: [.linf, .l2, .l1], budget: .each, drawsAtRandom: true)

    let walk = APGDWalk()

    /// As in the paper.
    public init() {}

    /// The ratio needs a third logit, and its targeted form a fourth.
    public func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {
        let needed = model.goal.isTargeted ? 4 : 3
        guard classes >= needed else {
            throw AttackFault.impossible(
                attack: Self.name,
                "the difference of logits ratio needs \(needed) classes, and the network has "
                    + "\(classes); take apgd-ce.")
        }
    }

    /// A random start.
    public func start(_ run: inout Run) -> APGDState { walk.start(&run, for: Self.name) }

    /// One step.
    public func step(
        _ batch: inout Batch<APGDState>, on oracle: inout some GradientOracle
    ) throws {
        try walk.step(&batch, up: .ratio, on: &oracle)
    }
}
