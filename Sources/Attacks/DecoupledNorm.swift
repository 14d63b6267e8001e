// Direction and norm of the perturbation, each on its own.

import Networks
import Tensors

/// The decoupled direction and norm attack of Rony, Hafemann, Oliveira, Ben Ayed, Sabourin and
/// Granger, "Decoupling Direction and Norm for Efficient Gradient-Based L2 Adversarial Attacks" (2019):
///
///     δ ← δ + α·g / ‖g‖₂;   ε ← (1 − γ)·ε if x + δ was adversarial, else (1 + γ)·ε
///     δ ← ε·δ / ‖δ‖₂, then clamped so that x + δ is in [0, 1]
///
/// from δ = 0 and ε = 1, with α falling from 1 to 0.01 along a cosine and g the gradient of the
/// cross-entropy of the label (towards a target: minus the target's). The nearest adversarial point of
/// all steps counts. Defaults are the paper's; quantisation to 8 bits, an option there, is not done: the
/// driver judges rounded images too. Where the gradient is exactly 0 a random direction takes its place, as
/// in the authors' code, and the sample's record says so.
public struct DecoupledNorm: Attack {
    /// "ddn".
    public static let name = "ddn"
    /// One line.
    public static let summary =
        "Decoupled direction and norm: a ball that shrinks at each success and grows else (Rony 2019)."
    /// It looks for the least perturbation.
    public static let usesEpsilons = false
    /// That of the paper.
    public static let norms = [Norm.l2]
    /// Those of the paper.
    public static let settings = [
        Setting(
            "steps", .integer(1...1_000_000), default: .integer(100), unit: "steps",
            help: "gradient steps"),
        Setting(
            "gamma", .number(1e-6...0.999), default: .number(0.05),
            help: "by which share the ball shrinks or grows"),
        Setting(
            "initial_norm", .number(1e-6...1e6), default: .number(1), unit: "pixel units",
            help: "the first ball's radius"),
    ]

    private let steps: Int
    private let gamma: Double
    private let initial: Double

    /// Takes its settings.
    public init(_ values: SettingValues) {
        steps = values.integer("steps")
        gamma = Double(values.float("gamma"))
        initial = Double(values.float("initial_norm"))
    }

    /// Every sample takes all steps.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        while true {
            let batch = queue.take(queue.window)
            guard !batch.samples.isEmpty else { return }
            var search = NearestSearch(batch, for: queue)
            var radii = Array(repeating: initial, count: batch.samples.count)
            for step in 0..<steps {
                let width = 0.01 + 0.99 * Cosine.fade(step, of: steps)
                var flow = try oracle.logits(of: search.points, for: batch.owners())
                let isFooled = search.look(flow.argmaxOfRows())
                _ = CrossEntropy.gradient(
                    inPlaceOf: &flow, targets: batch.samples.map(\.lossClass), scale: 1)
                let gradient = try oracle.pixelGradient(flow, for: batch.owners())
                for (row, sample) in batch.samples.enumerated() {
                    var (slope, place) = (gradient, row)
                    var size = gradient.l2(ofRow: row)
                    if size == 0 {
                        (slope, place, size) = (direction(of: sample, step, queue), 0, 1)
                        queue.mark(sample, .randomDirection)
                    }
                    search.points.addToRow(
                        row, Double(sample.direction) * width / size, slope, row: place)
                    // At the image itself there is no ball to leave yet.
                    if step > 0 || isFooled[row] {
                        // Far beyond any box, and far from what a Double cannot hold.
                        radii[row] = min(
                            0x1p100, radii[row] * (isFooled[row] ? 1 - gamma : 1 + gamma))
                    }
                    search.rescale(row, to: radii[row])
                }
                search.countStep()
            }
            search.deliver(to: queue)
        }
    }

    /// A random direction of norm 1, the sample's own at each step.
    private func direction(of sample: AttackSample, _ step: Int, _ queue: AttackQueue) -> Tensor {
        var random = queue.stream("\(Self.name)/direction/\(step)", for: sample)
        let count = queue.images.rowLength
        return Tensor(
            shape: [1] + queue.images.shape.dropFirst(),
            values: BallStart.direction(count: count, random: &random))
    }
}
