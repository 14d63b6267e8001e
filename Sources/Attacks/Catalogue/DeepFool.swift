// The nearest boundary of a network made linear, again and again.

import Tensors

/// Steps to the nearest boundary of the network made linear, until it is crossed; see `DeepFool.md`.
public struct DeepFool: GradientAttack {
    /// It looks for the least perturbation, away from the label.
    public static let facts = AttackFacts(
        "deepfool", norms: [.l2, .linf], budget: .least, goals: .untargeted)

    @Setting(50, in: 1...1_000_000, unit: "steps", "steps after which a sample counts as failed")
    var steps: Int
    @Setting(0.02, in: 0...10, "how far past the boundary, as a share of the way")
    var overshoot: Double
    @Setting(
        10, in: 2...100_000, unit: "classes",
        "the likeliest classes that are looked at, the label included")
    var candidates: Int

    /// As in the paper.
    public init() {}

    /// The classes that a run looks at, chosen by its first answer.
    public typealias State = [Int]

    /// None yet.
    public func start(_ run: inout Run) -> [Int] { [] }

    /// The sum of the steps.
    private static let sum = RowTensor("sum", .zeros)

    /// One step to the nearest of the linear boundaries.
    public func step(_ batch: inout Batch<[Int]>, on oracle: inout some GradientOracle) throws {
        let logits = try oracle.logits(at: batch)
        let (answers, limit) = (logits.argmaxOfRows(), steps)
        for row in batch.open {
            if batch[row].state.isEmpty {
                batch[row].state = logits.likeliest(
                    row, except: batch[row].sample.label,
                    count: min(candidates, logits.rowLength) - 1)
            }
            if answers[row] != batch[row].sample.label || batch[row].iterations == limit {
                batch.finish(row)
            }
        }
        let (best, slopes) = try boundaries(of: batch, logits, on: &oracle)
        var steepest = slopes
        if batch.norm == .linf { steepest.becomeSigns() }
        let far = 1 + overshoot
        for row in batch.open {
            batch[row].iterations += 1
            guard let scale = best[row]?.scale else { continue }
            batch[Self.sum].addToRow(row, scale, steepest, row: row)
            batch.points.copyRow(row, of: batch.originals, to: row)
            batch.points.addToRow(row, far, batch[Self.sum], row: row)
            batch.confine(row)
        }
    }

    /// How near a boundary is, and how much of its slope leads there.
    private struct Boundary {
        let distance: Double
        let scale: Double
    }

    /// The nearest boundary of each run, and its slope; none where no slope is left.
    private func boundaries(
        of batch: Batch<[Int]>, _ logits: Tensor, on oracle: inout some GradientOracle
    ) throws -> ([Boundary?], slopes: Tensor) {
        let (values, classes) = (logits.values, logits.rowLength)
        var best = [Boundary?](repeating: nil, count: batch.rows.count)
        var slopes = Tensor(shape: batch.originals.shape)
        guard !batch.open.isEmpty else { return (best, slopes) }
        for rank in 0..<min(candidates, classes) - 1 {
            let slope = try oracle.pixelGradient(
                .differences(of: batch, classes) { _, state in state[rank] }, for: batch.owners)
            for row in batch.open {
                let rival = Double(values[row * classes + batch[row].state[rank]])
                let own = Double(values[row * classes + batch[row].sample.label])
                let gap = abs(rival - own)
                // What a float of that size cannot show, so that no step is lost in rounding.
                let unit = 0x1p-22 * max(abs(rival), abs(own))
                let size = batch.norm == .l2 ? slope.l2(ofRow: row) : slope.l1(ofRow: row)
                guard size > 0, gap / size < best[row]?.distance ?? .infinity else { continue }
                best[row] = Boundary(
                    distance: gap / size,
                    scale: (gap + unit) / (batch.norm == .l2 ? size * size : size))
                slopes.copyRow(row, of: slope, to: row)
            }
        }
        return (best, slopes)
    }
}
