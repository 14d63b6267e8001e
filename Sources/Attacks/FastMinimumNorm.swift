// A ball whose radius follows the boundary.

import Networks
import Tensors

/// The fast minimum-norm attack of Pintor, Roli, Brendel and Biggio, "Fast Minimum-norm Adversarial
/// Attacks through Adaptive Norm Constraints" (2021): each step sets the ball's radius by whether the
/// point is adversarial, goes down the margin M, and projects onto ball and [0, 1],
///
///     adversarial:               ε ← min(ε·(1 − γ), the least norm so far)
///     not, but has been before:  ε ← ε·(1 + γ)
///     never yet:                 ε ← 1.01·(‖δ‖_p + |M| / ‖∇M‖_q)   (past the boundary of a linear M)
///     δ ← project(δ − α·∇M / ‖∇M‖₂)
///
/// with α falling from `step_size` to a hundredth and γ from 0.05 to 0.001 along cosines. For L0 the
/// radius is a number of values and changes by at least one. The nearest adversarial point of all steps
/// counts. Defaults and rules are the authors'; the projection here is onto ball and box together where
/// theirs are one after the other (in L1 that is a gain), and starts are the images themselves.
public struct FastMinimumNorm: Attack {
    /// "fmn".
    public static let name = "fmn"
    /// One line.
    public static let summary =
        "Fast minimum norm: steps within a ball whose radius follows the boundary (Pintor 2021)."
    /// It looks for the least perturbation.
    public static let usesEpsilons = false
    /// Those of the paper.
    public static let norms = [Norm.l2, .linf, .l1, .l0]
    /// Those of the paper.
    public static let settings = [
        Setting(
            "steps", .integer(1...1_000_000), default: .integer(100), unit: "steps",
            help: "gradient steps"),
        Setting(
            "step_size", .number(1e-6...1e6), default: .number(1), unit: "pixel units",
            help: "the first step's L2 norm; the last one's is a hundredth"),
        Setting(
            "gamma", .number(1e-6...0.999), default: .number(0.05),
            help: "by which share the radius changes at first; 0.001 at the end"),
    ]

    private let steps: Int
    private let stepSize: Double
    private let gamma: Double

    /// Takes its settings.
    public init(_ values: SettingValues) {
        steps = values.integer("steps")
        stepSize = Double(values.float("step_size"))
        gamma = Double(values.float("gamma"))
    }

    /// Every sample takes all steps.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        let norm = queue.model.norm
        var scratch = Tensor(shape: [0])
        while true {
            let batch = queue.take(queue.window)
            guard !batch.samples.isEmpty else { return }
            let most = Double(norm.budgets(count: batch.images.rowLength).upperBound)
            var search = NearestSearch(batch, for: queue)
            var radii = Array(
                repeating: norm == .l0 ? 1 : Double.infinity, count: batch.samples.count)
            for step in 0..<steps {
                let fade = Cosine.fade(step, of: steps)
                let width = stepSize * (0.01 + 0.99 * fade)
                let share = 0.001 + (gamma - 0.001) * fade
                var flow = try oracle.logits(of: search.points, for: batch.owners())
                let sizes = search.sizes()
                let isFooled = search.look(flow.argmaxOfRows())
                let margins = Margin.gradient(inPlaceOf: &flow, for: batch.samples)
                let gradient = try oracle.pixelGradient(flow, for: batch.owners())
                for row in batch.samples.indices {
                    let boundary =
                        abs(Double(margins[row])) / Self.dual(of: gradient, row: row, norm)
                    radii[row] = min(
                        most,
                        Self.radius(
                            after: radii[row], norm, share, isFooled: isFooled[row],
                            least: search.least[row], guess: sizes[row] + boundary))
                    let size = gradient.l2(ofRow: row)
                    guard size > 0 else { continue }
                    search.points.addToRow(row, -width / size, gradient, row: row)
                }
                queue.engine.project(
                    &search.points, around: batch.images, in: norm.ball,
                    within: radii.map { Float($0) }, scratch: &scratch)
                search.countStep()
            }
            search.deliver(to: queue)
        }
    }

    /// The norm in which a gradient tells how far a linear boundary is; infinite for none.
    private static func dual(of gradient: Tensor, row: Int, _ norm: Norm) -> Double {
        let size =
            switch norm {
            case .linf: gradient.l1(ofRow: row)
            case .l2: gradient.l2(ofRow: row)
            case .l1, .l0: Double(gradient.linf(ofRow: row))
            }
        return size > 0 ? size : .infinity
    }

    private static func radius(
        after radius: Double, _ norm: Norm, _ share: Double, isFooled: Bool, least: Double,
        guess: Double
    ) -> Double {
        if norm == .l0 {
            let smaller = min(radius - 1, (radius * (1 - share)).rounded(.down))
            let larger = max(radius + 1, (radius * (1 + share)).rounded(.down))
            return max(0, isFooled ? min(smaller, least) : larger)
        }
        if isFooled { return min(radius * (1 - share), least) }
        // Where the network is linear the guess is the boundary itself; a hundredth further is past it.
        return least.isFinite ? radius * (1 + share) : 1.01 * guess
    }
}
