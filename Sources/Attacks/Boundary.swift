// A random walk along the boundary.

import Networks
import Randomness
import Tensors

/// The boundary attack of Brendel, Rauber and Bethge, "Decision-Based Adversarial Attacks: Reliable
/// Attacks Against Black-Box Machine Learning Models" (2018): from an adversarial image a random step
/// along the sphere around the original, then a step towards the original; the point moves where both
/// end on the adversarial side.
///
/// Both step sizes follow the sample's own successes: every fifth step also asks after the first half
/// alone; when more than half of 10 such tries succeed the walk takes larger steps, with fewer than a
/// fifth smaller ones; likewise the way towards the original after 10 tries, beyond a quarter and below a
/// tenth. foolbox looks at every tenth step and waits for 100 tries, which is slow to learn: after 2,000
/// steps on MNIST its median distance is 1.6 times as large. Directions are random signs, freed of their
/// part along the way to the original. A walk whose steps towards the original have become tiny ends.
///
/// Starts as in HopSkipJump; a sample without one has failed, alone.
public struct Boundary: Attack {
    /// "boundary".
    public static let name = "boundary"
    /// One line.
    public static let summary =
        "Boundary: a random walk along the boundary towards the image, by decisions alone (Brendel 2018)."
    /// It looks for the least perturbation.
    public static let usesEpsilons = false
    /// That of the paper.
    public static let norms = [Norm.l2]
    /// Its start and its steps.
    public static let isRandom = true
    /// The steps of foolbox.
    public static let settings = [
        Setting(
            "steps", .integer(1...10_000_000), default: .integer(25_000), unit: "steps",
            help: "steps of the walk"),
        Setting(
            "spherical_step", .number(1e-9...1), default: .number(0.01),
            help: "the first step along the sphere, as a share of the distance"),
        Setting(
            "source_step", .number(1e-9...1), default: .number(0.01),
            help: "the first step towards the original, as a share of the distance"),
        Setting(
            "starts", .integer(1...1_000_000), default: .integer(100), unit: "images",
            help: "images of noise that are tried as a start"),
    ]

    private let steps: Int
    private let across: Double
    private let inwards: Double
    private let starts: Int

    /// Takes its settings.
    public init(_ values: SettingValues) {
        steps = values.integer("steps")
        across = Double(values.float("spherical_step"))
        inwards = Double(values.float("source_step"))
        starts = values.integer("starts")
    }

    /// How a sample's walk goes.
    private struct Walk {
        var random: Randomness.Stream
        var across: Double
        var inwards: Double
        var acrossTries = 0
        var acrossHits = 0
        var inwardTries = 0
        var inwardHits = 0
        var isOver = false
    }

    /// A window of samples in step.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        while true {
            let all = queue.take(queue.window)
            guard !all.samples.isEmpty else { return }
            let found = try DecisionSearch.starts(
                all, tries: starts, purpose: Self.name, for: queue, on: &oracle)
            let rows = found.indices.filter { found[$0] != nil }
            for row in found.indices where found[row] == nil {
                queue.deliver(all.samples[row], image: all.images, row: row, iterations: 0)
            }
            guard !rows.isEmpty else { continue }
            let batch = all.rows(rows)
            var points = batch.images
            for (place, row) in rows.enumerated() {
                if let start = found[row] { points.replaceRows(from: place, with: start) }
            }
            try DecisionSearch.toBoundary(
                &points, of: batch.samples, around: batch.images, norm: .l2, threshold: 0x1p-10,
                on: &oracle)
            let iterations = try walk(batch, &points, for: queue, on: &oracle)
            for (row, sample) in batch.samples.enumerated() {
                queue.deliver(sample, image: points, row: row, iterations: iterations[row])
            }
        }
    }

    private func walk(
        _ batch: AttackQueue.Batch, _ points: inout Tensor, for queue: AttackQueue,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws -> [Int] {
        var iterations = Array(repeating: 0, count: batch.samples.count)
        var walks = batch.samples.map {
            Walk(
                random: queue.stream("\(Self.name)/steps", for: $0), across: across,
                inwards: inwards)
        }
        for step in 0..<steps {
            let open = walks.indices.filter { !walks[$0].isOver }
            guard !open.isEmpty else { break }
            var spheres = points.gather(open)
            var ends = spheres
            for (place, row) in open.enumerated() {
                propose(&spheres, &ends, place, batch.images, row, &walks[row])
            }
            let asksBoth = step % 5 == 0
            let owners = open.map { RowOwner(batch.samples[$0], budget: 0) }
            let halfway = asksBoth ? try oracle.answers(to: spheres, for: owners) : []
            let answers = try oracle.answers(to: ends, for: owners)
            for (place, row) in open.enumerated() {
                let sample = batch.samples[row]
                iterations[row] += 1
                let isFooled = sample.isFooled(by: answers[place])
                if isFooled { points.copyRow(place, of: ends, to: row) }
                if asksBoth {
                    let held = sample.isFooled(by: halfway[place])
                    walks[row].acrossTries += 1
                    walks[row].acrossHits += held ? 1 : 0
                    if held {
                        walks[row].inwardTries += 1
                        walks[row].inwardHits += isFooled ? 1 : 0
                    }
                    adapt(&walks[row])
                }
            }
        }
        return iterations
    }

    private func adapt(_ walk: inout Walk) {
        if walk.acrossTries == 10 {
            let factor = walk.acrossHits > 5 ? 1.5 : walk.acrossHits < 2 ? 1 / 1.5 : 1
            walk.across *= factor
            walk.inwards *= factor
            (walk.acrossTries, walk.acrossHits) = (0, 0)
        }
        if walk.inwardTries == 10 {
            let share = Double(walk.inwardHits) / 10
            walk.inwards *= share > 0.25 ? 1.5 : share < 0.1 ? 1 / 1.5 : 1
            (walk.inwardTries, walk.inwardHits) = (0, 0)
        }
        walk.isOver = walk.inwards < 1e-7
    }

    /// A step along the sphere, and from there towards the original.
    private func propose(
        _ spheres: inout Tensor, _ ends: inout Tensor, _ place: Int, _ images: Tensor, _ row: Int,
        _ walk: inout Walk
    ) {
        let length = images.rowLength
        let signs = RandomSigns.draw(&walk.random, count: length)
        let (from, at) = (row * length, place * length)
        images.withFloats { x in
            spheres.withMutableFloats { y in
                ends.withMutableFloats { end in
                    var (square, product) = (0.0, 0.0)
                    for index in 0..<length {
                        let way = Double(x[from + index]) - Double(y[at + index])
                        square += way * way
                        product += way * Double(signs[index])
                    }
                    guard square > 0 else { return }
                    let distance = square.squareRoot()
                    // Without its part along the way the sum of squares is that much less.
                    let along = product / square
                    let size = (Double(length) - product * along).squareRoot()
                    guard size > 0 else { return }
                    let scale = walk.across * distance / size
                    // The step leaves the sphere by Pythagoras; this brings it back.
                    let back = 1 / (1 + walk.across * walk.across).squareRoot()
                    for index in 0..<length {
                        let way = Double(x[from + index]) - Double(y[at + index])
                        let sideways = scale * (Double(signs[index]) - along * way)
                        let there = Double(x[from + index]) + back * (sideways - way)
                        y[at + index] = min(max(Float(there), 0), 1)
                        let left = (Double(x[from + index]) - Double(y[at + index])) * walk.inwards
                        end[at + index] = min(max(Float(Double(y[at + index]) + left), 0), 1)
                    }
                }
            }
        }
    }
}
