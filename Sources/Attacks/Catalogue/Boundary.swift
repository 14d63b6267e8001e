// A random walk along the boundary.

import Randomness
import Tensors

/// A random walk along the boundary towards the image, by decisions alone; see `Boundary.md`.
///
/// Starts as in HopSkipJump; a sample without one has failed, alone.
public struct Boundary: DecisionAttack {
    /// It looks for the least perturbation.
    public static let facts = AttackFacts(
        "boundary", norms: [.l2], budget: .least, drawsAtRandom: true)

    @Setting(25_000, in: 1...10_000_000, unit: "steps", "steps of the walk") var steps: Int
    @Setting(
        0.01, in: 1e-9...1, "the first step along the sphere, as a share of the distance")
    var sphericalStep: Double
    @Setting(
        0.01, in: 1e-9...1, "the first step towards the original, as a share of the distance")
    var sourceStep: Double
    @Setting(100, in: 1...1_000_000, unit: "images", "images of noise that are tried as a start")
    var starts: Int

    /// With the steps of foolbox.
    public init() {}

    /// How a run's walk goes.
    public struct State: Sendable {
        var random: Randomness.Stream
        var across: Double
        var inwards: Double
        var acrossTries = 0
        var acrossHits = 0
        var inwardTries = 0
        var inwardHits = 0
        var isOver = false
    }

    /// The first steps' sizes.
    public func start(_ run: inout Run) -> State {
        State(
            random: run.stream("\(Self.name)/steps"), across: sphericalStep, inwards: sourceStep)
    }

    /// A start for runs that have none; then one step.
    public func step(_ batch: inout Batch<State>, on oracle: inout some DecisionOracle) throws {
        let new = try DecisionSearch.start(
            batch.open.filter { batch[$0].iterations == 0 }, of: &batch, tries: starts,
            purpose: Self.name, on: &oracle)
        try DecisionSearch.toBoundary(
            new, of: &batch, norm: .l2, threshold: 0x1p-10, on: &oracle)
        let (open, images, steps, limits) = (batch.open, batch.originals, steps, batch.limits)
        guard !open.isEmpty else { return }
        var spheres = batch.points.gather(open)
        var ends = spheres
        for (place, row) in open.enumerated() {
            propose(&spheres, &ends, place, images, row, limits, &batch[row].state)
        }
        let isHeld = try held(spheres, open, of: batch, on: &oracle)
        let answers = try oracle.answers(to: ends, for: batch.owners(of: open))
        for (place, row) in open.enumerated() {
            batch[row].iterations += 1
            let isFooled = batch[row].sample.isFooled(by: answers[place])
            if isFooled { batch.points.copyRow(place, of: ends, to: row) }
            if let isHeld = isHeld[place] {
                batch[row].state.acrossTries += 1
                batch[row].state.acrossHits += isHeld ? 1 : 0
                if isHeld {
                    batch[row].state.inwardTries += 1
                    batch[row].state.inwardHits += isFooled ? 1 : 0
                }
                adapt(&batch[row].state)
            }
            if batch[row].state.isOver || batch[row].iterations == steps { batch.finish(row) }
        }
    }

    /// Whether the first halves of steps are adversarial, which every fifth asks; nil for others.
    private func held(
        _ spheres: Tensor, _ rows: [Int], of batch: Batch<State>,
        on oracle: inout some DecisionOracle
    ) throws -> [Bool?] {
        var isHeld = [Bool?](repeating: nil, count: rows.count)
        let asked = rows.indices.filter { batch[rows[$0]].iterations % 5 == 0 }
        guard !asked.isEmpty else { return isHeld }
        let answers = try oracle.answers(
            to: spheres.gather(asked), for: batch.owners(of: asked.map { rows[$0] }))
        for (place, answer) in zip(asked, answers) {
            isHeld[place] = batch[rows[place]].sample.isFooled(by: answer)
        }
        return isHeld
    }

    private func adapt(_ walk: inout State) {
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
        _ limits: PixelLimits, _ walk: inout State
    ) {
        let length = images.rowLength
        let free = limits.freeCount(of: length)
        let signs = limits.spread(RandomSigns.draw(&walk.random, count: free))
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
                    let size = (Double(free) - product * along).squareRoot()
                    guard size > 0 else { return }
                    let scale = walk.across * distance / size
                    // The step leaves the sphere by Pythagoras; this brings it back.
                    let back = 1 / (1 + walk.across * walk.across).squareRoot()
                    for index in 0..<length {
                        let way = Double(x[from + index]) - Double(y[at + index])
                        let sideways = scale * (Double(signs[index]) - along * way)
                        let there = Double(x[from + index]) + back * (sideways - way)
                        y[at + index] = limits.clamped(
                            Float(there), index, around: x[from + index])
                        let left = (Double(x[from + index]) - Double(y[at + index])) * walk.inwards
                        end[at + index] = limits.clamped(
                            Float(Double(y[at + index]) + left), index, around: x[from + index])
                    }
                }
            }
        }
    }
}
