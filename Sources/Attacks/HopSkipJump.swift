// Along the boundary, feeling its slope by asking on both sides.

import Networks
import Randomness
import Tensors

/// HopSkipJump of Chen, Jordan and Wainwright, "HopSkipJumpAttack: A Query-Efficient Decision-Based
/// Attack" (2020): from a point on the boundary the direction of the boundary's normal is estimated from
/// decisions φ = ±1 at random steps δ·u,
///
///     g = mean of (φ_b − mean φ)·u_b over b = 1 … min(B₀·√t, B_max)
///
/// then a step of dist / √t along g (for L∞ along its sign), halved until it is adversarial, and
/// bisection back to the boundary. δ shrinks with the distance. The nearest point counts.
///
/// Directions are random signs, which have the covariance of the paper's normal deviates at a small part
/// of the cost. Starts are images of uniform noise, brought to the boundary; a sample for which none of
/// `starts` is adversarial has failed, alone (foolbox then fails the whole batch).
public struct HopSkipJump: Attack {
    /// "hop-skip-jump".
    public static let name = "hop-skip-jump"
    /// One line.
    public static let summary =
        "HopSkipJump: along the boundary by decisions alone, feeling its slope (Chen 2020)."
    /// It looks for the least perturbation.
    public static let usesEpsilons = false
    /// Those of the paper.
    public static let norms = [Norm.l2, .linf]
    /// Its starts and directions.
    public static let isRandom = true
    /// Those of the paper.
    public static let settings = [
        Setting(
            "steps", .integer(1...100_000), default: .integer(64), unit: "steps",
            help: "estimates of the slope"),
        Setting(
            "initial_evaluations", .integer(2...1_000_000), default: .integer(100),
            unit: "decisions", help: "decisions for the first estimate"),
        Setting(
            "max_evaluations", .integer(2...1_000_000), default: .integer(10_000),
            unit: "decisions", help: "decisions for an estimate at most"),
        Setting(
            "starts", .integer(1...1_000_000), default: .integer(100), unit: "images",
            help: "images of noise that are tried as a start"),
    ]

    private let steps: Int
    private let firstCount: Int
    private let mostCount: Int
    private let starts: Int

    /// Takes its settings.
    public init(_ values: SettingValues) {
        steps = values.integer("steps")
        firstCount = values.integer("initial_evaluations")
        mostCount = values.integer("max_evaluations")
        starts = values.integer("starts")
    }

    /// A window of samples in step.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        while true {
            let batch = queue.take(queue.window)
            guard !batch.samples.isEmpty else { return }
            try run(batch, for: queue, on: &oracle)
        }
    }

    private func run(
        _ all: AttackQueue.Batch, for queue: AttackQueue,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws {
        let found = try DecisionSearch.starts(
            all, tries: starts, purpose: Self.name, for: queue, on: &oracle)
        let rows = found.indices.filter { found[$0] != nil }
        for row in found.indices where found[row] == nil {
            queue.deliver(all.samples[row], image: all.images, row: row, iterations: 0)
        }
        guard !rows.isEmpty else { return }
        let batch = all.rows(rows)
        var points = batch.images
        for (place, row) in rows.enumerated() {
            if let start = found[row] { points.replaceRows(from: place, with: start) }
        }
        try walk(batch, &points, for: queue, on: &oracle)
    }

    private func walk(
        _ batch: AttackQueue.Batch, _ points: inout Tensor, for queue: AttackQueue,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws {
        let norm = queue.model.norm
        let dimensions = Double(batch.images.rowLength)
        // The paper's θ for γ = 1: how near to the boundary is near enough.
        let threshold =
            norm == .l2 ? 1 / (dimensions * dimensions.squareRoot()) : 1 / (dimensions * dimensions)
        var search = NearestSearch(batch, for: queue)
        var streams = batch.samples.map { queue.stream("\(Self.name)/directions", for: $0) }
        try DecisionSearch.toBoundary(
            &points, of: batch.samples, around: batch.images, norm: norm, threshold: threshold,
            on: &oracle)
        search.keep(points)
        for step in 1...steps {
            let sizes = search.sizes(of: points)
            let spread = norm == .l2 ? dimensions.squareRoot() : dimensions
            let count = min(Int(Double(firstCount) * Double(step).squareRoot()), mostCount)
            var directions = Tensor(shape: points.shape)
            for row in batch.samples.indices {
                let delta = step == 1 ? 0.1 : spread * threshold * sizes[row]
                try feel(
                    &directions, row, points, delta: Float(delta), count: count,
                    batch.samples[row], &streams[row], window: queue.window, on: &oracle)
            }
            search.countStep()
            if norm == .linf { directions.becomeSigns() }
            try jump(&points, along: directions, sizes, step, batch, on: &oracle)
            try DecisionSearch.toBoundary(
                &points, of: batch.samples, around: batch.images, norm: norm,
                threshold: threshold, on: &oracle)
            search.keep(points)
        }
        search.deliver(to: queue)
    }

    /// Estimates the boundary's normal at a point: a vector of norm 1 towards the adversarial side.
    private func feel(
        _ directions: inout Tensor, _ row: Int, _ points: Tensor, delta: Float, count: Int,
        _ sample: AttackSample, _ random: inout Randomness.Stream, window: Int,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws {
        let length = points.rowLength
        let point = points.rows(row..<row + 1)
        var sums = [Double](repeating: 0, count: length)
        var plain = [Double](repeating: 0, count: length)
        var total = 0
        var around = Tensor(shape: [0])
        for start in stride(from: 0, to: count, by: window) {
            let size = min(window, count - start)
            around.reserve([size] + points.shape.dropFirst())
            point.withFloats { point in
                around.withMutableFloats { around in
                    for place in 0..<size {
                        // One by one, so that no draw depends on how many fit into a batch.
                        let signs = RandomSigns.draw(&random, count: length)
                        let base = place * length
                        for index in 0..<length {
                            let moved = point[index] + delta * signs[index]
                            around[base + index] = min(max(moved, 0), 1)
                        }
                    }
                }
            }
            let owners = Array(repeating: RowOwner(sample, budget: 0), count: size)
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
        _ points: inout Tensor, along directions: Tensor, _ sizes: [Double], _ step: Int,
        _ batch: AttackQueue.Batch, on oracle: inout Oracle<some ClassifierPass>
    ) throws {
        var widths = sizes.map { $0 / Double(step).squareRoot() }
        var open = Array(batch.samples.indices)
        for _ in 0..<40 where !open.isEmpty {
            var tried = points.gather(open)
            for (place, row) in open.enumerated() {
                tried.addToRow(place, widths[row], directions, row: row)
                tried.clampRow(place)
            }
            let owners = open.map { RowOwner(batch.samples[$0], budget: 0) }
            let answers = try oracle.answers(to: tried, for: owners)
            var left: [Int] = []
            for (place, row) in open.enumerated() {
                if batch.samples[row].isFooled(by: answers[place]) {
                    points.copyRow(place, of: tried, to: row)
                } else {
                    widths[row] /= 2
                    left.append(row)
                }
            }
            open = left
        }
    }
}
