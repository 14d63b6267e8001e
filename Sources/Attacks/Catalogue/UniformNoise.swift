// Noise of independent pixels: what any attack in L∞ has to beat.

import Randomness

/// Uniform random noise in the L∞ ball, the best of a few draws; see `UniformNoise.md`.
///
/// A draw is the same for every ε.
public struct UniformNoise: DecisionAttack {
    /// A run a budget.
    public static let facts = AttackFacts(
        "uniform-noise", norms: [.linf], budget: .each, drawsAtRandom: true)

    /// How far pixels move.
    enum Shape: String, CaseIterable, SettingValue {
        /// By ε or −ε, the largest noise that the ball holds.
        case signs
        /// By anything between.
        case uniform
    }

    @Setting(Shape.signs, "whether pixels move by ±epsilon, or by anything between")
    var shape: Shape
    let draws = NoiseDraws()

    /// One draw of signs.
    public init() {}

    /// The sample's draws.
    public func start(_ run: inout Run) -> Randomness.Stream { run.stream("noise") }

    /// One draw.
    public func step(
        _ batch: inout Batch<Randomness.Stream>, on oracle: inout some DecisionOracle
    ) throws {
        let shape = shape
        try draws.step(&batch, on: &oracle) { count, random in
            shape == .signs
                ? (0..<count).map { _ in random.next() & 1 == 0 ? 1 : -1 }
                : BallStart.point(of: .linf, count: count, random: &random)
        }
    }
}
