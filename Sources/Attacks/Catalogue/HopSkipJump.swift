// Along the boundary, whose normal is estimated from decisions on both sides.

import Randomness
import Tensors

/// Along the boundary by decisions alone, with an estimate of its normal; see `HopSkipJump.md`.
///
/// A sample for which none of its starts is adversarial has failed, alone.
public struct HopSkipJump: DecisionAttack {
    /// It looks for the least perturbation.
    public static let facts = AttackFacts(
        "hop-skip-jump", norms: [.l2, .linf], budget: .least, drawsAtRandom: true)

    @Setting(64, in: 1...100_000, unit: "steps", "estimates of the slope") var steps: Int
    @Setting(100, in: 2...1_000_000, unit: "decisions", "decisions for the first estimate")
    var initialEvaluations: Int
    @Setting(10_000, in: 2...1_000_000, unit: "decisions", "decisions for an estimate at most")
    var maxEvaluations: Int
    @Setting(100, in: 1...1_000_000, unit: "images", "images of noise that are tried as a start")
    var starts: Int

    /// As in the paper.
    public init() {}

    /// The sample's directions.
    public func start(_ run: inout Run) -> Randomness.Stream {
        run.stream("\(Self.name)/directions")
    }

    /// A start for runs that have none; then one estimate, one jump, and back to the boundary.
    public func step(
        _ batch: inout Batch<Randomness.Stream>, on oracle: inout some DecisionOracle
    ) throws {
        let norm = batch.norm
        // Within a mask of a few values the paper's θ would be as long as the way.
        let dimensions = Double(min(batch.length, max(batch.freeCount, 16)))
        // The paper's θ for γ = 1: how near to the boundary is near enough.
        let threshold =
            norm == .l2 ? 1 / (dimensions * dimensions.squareRoot()) : 1 / (dimensions * dimensions)
        let new = try DecisionSearch.start(
            batch.open.filter { batch[$0].iterations == 0 }, of: &batch, tries: starts,
            purpose: Self.name, on: &oracle)
        try land(new, of: &batch, threshold, on: &oracle)
        let open = batch.open
        guard !open.isEmpty else { return }
        let sizes = batch.sizes
        let spread = norm == .l2 ? dimensions.squareRoot() : dimensions
        let (steps, firstCount, mostCount) = (steps, initialEvaluations, maxEvaluations)
        var directions = Tensor(shape: batch.points.shape)
        for row in open {
            batch[row].iterations += 1
            let step = batch[row].iterations
            let count = min(Int(Double(firstCount) * Double(step).squareRoot()), mostCount)
            let delta = step == 1 ? 0.1 : spread * threshold * sizes[row]
            try estimateNormal(
                &directions, row, of: &batch, delta: Float(delta), count: count, on: &oracle)
        }
        if norm == .linf { directions.becomeSigns() }
        try jump(open, of: &batch, along: directions, sizes, on: &oracle)
        try land(open, of: &batch, threshold, on: &oracle)
        for row in open where batch[row].iterations == steps { batch.finishAtNearest(row) }
    }

    /// Brings runs back to the boundary, and remembers the nearest points.
    private func land(
        _ rows: [Int], of batch: inout Batch<Randomness.Stream>, _ threshold: Double,
        on oracle: inout some DecisionOracle
    ) throws {
        guard !rows.isEmpty else { return }
        try DecisionSearch.toBoundary(
            rows, of: &batch, norm: batch.norm, threshold: threshold, on: &oracle)
        let sizes = batch.sizes
        for row in rows { batch.keepNearest(row, batch.points, row: row, size: sizes[row]) }
    }

    /// Estimates the boundary's normal at a point: a vector of norm 1 towards the adversarial side.
    private func estimateNormal(
        _ directions: inout Tensor, _ row: Int, of batch: inout Batch<Randomness.Stream>,
        delta: Float, count: Int, on oracle: inout some DecisionOracle
    ) throws {
        let (length, window, sample) = (batch.length, batch.window, batch[row].sample)
        let (limits, image) = (batch.limits, batch.originals.rows(row..<row + 1).values)
        let point = batch.points.rows(row..<row + 1)
        var random = batch[row].state
        var sums = [Double](repeating: 0, count: length)
        var plain = [Double](repeating: 0, count: length)
        var total = 0
        var around = Tensor(shape: [0])
        for start in stride(from: 0, to: count, by: window) {
            let size = min(window, count - start)
            around.reserve([size] + point.shape.dropFirst())
            point.withFloats { point in
                around.withMutableFloats { around in
                    for place in 0..<size {
                        // One by one, so that no draw depends on how many fit into a batch.
                        let signs = RandomSigns.draw(&random, count: length)
                        let base = place * length
                        for index in 0..<length {
                            let moved = point[index] + delta * signs[index]
                            around[base + index] = limits.clamped(
                                moved, index, around: image[index])
                        }
                    }
                }
            }
            let owners = batch.owners(of: row, times: size)
            let answers = try oracle.answers(to: around, for: owners)
            // What was really asked: a step that the box cuts short is shorter.
            point.withFloats { point in
                around.withFloats { around in
                    for place in 0..<size {
                        let isFooled = sample.isFooled(by: answers[place])
                        total += isFooled ? 1 : -1
                        let base = place * length
                        let vote = isFooled ? 1.0 : -1.0
                        for index in 0..<length {
                            let way = Double(around[base + index]) - Double(point[index])
                            sums[index] += vote * way
                            plain[index] += way
                        }
                    }
                }
            }
        }
        batch[row].state = random
        let mean = Double(total) / Double(count)
        // All on one side: then every direction counts as it is.
        let shift = abs(total) == count ? 0 : mean
        for index in 0..<length { sums[index] -= shift * plain[index] }
        let size = sums.reduce(0) { $0 + $1 * $1 }.squareRoot()
        guard size > 0 else { return }
        directions.withMutableFloats { directions in
            for index in 0..<length { directions[row * length + index] = Float(sums[index] / size) }
        }
    }

    /// Steps along the directions, halved until they end on the adversarial side.
    private func jump(
        _ rows: [Int], of batch: inout Batch<Randomness.Stream>, along directions: Tensor,
        _ sizes: [Double], on oracle: inout some DecisionOracle
    ) throws {
        var widths = batch.rows.indices.map {
            sizes[$0] / Double(batch[$0].iterations).squareRoot()
        }
        var open = rows
        for _ in 0..<40 where !open.isEmpty {
            var tried = batch.points.gather(open)
            for (place, row) in open.enumerated() {
                tried.addToRow(place, widths[row], directions, row: row)
            }
            batch.confine(&tried, of: open)
            let answers = try oracle.answers(to: tried, for: batch.owners(of: open))
            var left: [Int] = []
            for (place, row) in open.enumerated() {
                if batch[row].sample.isFooled(by: answers[place]) {
                    batch.points.copyRow(place, of: tried, to: row)
                } else {
                    widths[row] /= 2
                    left.append(row)
                }
            }
            open = left
        }
    }
}
