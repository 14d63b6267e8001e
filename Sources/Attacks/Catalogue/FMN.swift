// A ball whose radius follows the boundary.

import Tensors

/// Steps within a ball whose radius follows the boundary, in four norms; see `FMN.md`.
public struct FMN: GradientAttack {
    /// It looks for the least perturbation.
    public static let facts = AttackFacts("fmn", norms: [.l2, .linf, .l1, .l0], budget: .least)

    @Setting(100, in: 1...1_000_000, unit: "steps", "gradient steps") var steps: Int
    @Setting(
        1, in: 1e-6...1e6, unit: "pixel units",
        "the first step's L2 norm; the last one's is a hundredth")
    var stepSize: Double
    @Setting(
        0.05, in: 1e-6...0.999, "by which share the radius changes at first; 0.001 at the end")
    var gamma: Double

    /// As in the paper.
    public init() {}

    /// The radius of a run's ball.
    public typealias State = Double

    /// No bound; in L0 one value.
    public func start(_ run: inout Run) -> Double { run.model.norm == .l0 ? 1 : .infinity }

    /// One step, and into the new ball.
    public func step(_ batch: inout Batch<Double>, on oracle: inout some GradientOracle) throws {
        let norm = batch.norm
        let most = Double(norm.budgets(count: batch.length).upperBound)
        let (steps, stepSize, gamma) = (steps, stepSize, gamma)
        var logits = try oracle.logits(at: batch)
        let sizes = batch.sizes
        let isFooled = batch.keepNearest(logits.argmaxOfRows())
        let margins = Margin.gradient(inPlaceOf: &logits, for: batch.samples)
        let gradient = try oracle.pixelGradient(logits, for: batch.owners)
        for row in batch.open {
            let fade = Cosine.fade(batch[row].iterations, of: steps)
            let boundary = abs(Double(margins[row])) / Self.dual(of: gradient, row: row, norm)
            batch[row].state = min(
                most,
                Self.radius(
                    after: batch[row].state, norm, 0.001 + (gamma - 0.001) * fade,
                    isFooled: isFooled[row], least: batch[row].least,
                    guess: sizes[row] + boundary))
            let size = gradient.l2(ofRow: row)
            guard size > 0 else { continue }
            let width = stepSize * (0.01 + 0.99 * fade)
            batch.points.addToRow(row, -width / size, gradient, row: row)
        }
        batch.project(within: batch.rows.map(\.state))
        for row in batch.open {
            batch[row].iterations += 1
            if batch[row].iterations == steps { batch.finishAtNearest(row) }
        }
    }

    /// The norm of a row in which the gradient measures distances to a boundary; infinite for zeros.
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
