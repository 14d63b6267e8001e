// Noise of a given size: what any attack in L2 has to beat.

import Randomness

/// Gaussian noise of exactly the norm ε, the best of a few draws; see `GaussianNoise.md`.
///
/// A draw is the same for every ε.
public struct GaussianNoise: DecisionAttack {
    /// A run a budget.
    public static let facts = AttackFacts(
        "gaussian-noise", norms: [.l2], budget: .each, drawsAtRandom: true)

    let draws = NoiseDraws()

    /// One draw.
    public init() {}

    /// The sample's draws.
    public func start(_ run: inout Run) -> Randomness.Stream { run.stream("noise") }

    /// One draw.
    public func step(
        _ batch: inout Batch<Randomness.Stream>, on oracle: inout some DecisionOracle
    ) throws {
        try draws.step(&batch, on: &oracle) { count, random in
            BallStart.direction(count: count, random: &random)
        }
    }
}
