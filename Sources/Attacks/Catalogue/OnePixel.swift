// A handful of pixels, found by evolution.

import Randomness
import Tensors

/// Differential evolution over ε pixels and their values; see `OnePixel.md`.
///
/// A sample ends at the first member that reaches the goal. For images of several channels ε is
/// rounded down to whole pixels.
public struct OnePixel: ScoreAttack {
    /// A run a budget; a generation is a batch.
    public static let facts = AttackFacts(
        "one-pixel", norms: [.l0], budget: .each, drawsAtRandom: true, company: .alone)

    @Setting(400, in: 4...100_000, unit: "members", "members of a generation")
    var population: Int
    @Setting(75, in: 1...100_000, unit: "generations", "generations after the first")
    var generations: Int

    /// As in the paper.
    public init() {}

    /// A generation.
    public struct State: Sendable {
        var random: Randomness.Stream
        /// None where ε is less than a pixel.
        var members: [[Float]] = []
        var margins: [Float] = []
    }

    /// The first generation.
    public func start(_ run: inout Run) -> State {
        let pixels = Int(run.epsilon) / run.image.shape[1]
        var state = State(random: run.stream("one-pixel/\(pixels)"))
        guard pixels > 0 else { return state }
        let canvas = Canvas(run.image, run.limits)
        state.members = (0..<population).map { _ in
            (0..<pixels).flatMap { _ in canvas.randomPixel(&state.random) }
        }
        state.margins = [Float](repeating: .infinity, count: state.members.count)
        return state
    }

    /// One generation.
    public func step(_ batch: inout Batch<State>, on oracle: inout some ScoreOracle) throws {
        let generations = generations
        for row in batch.open {
            guard !batch[row].state.members.isEmpty else {
                batch.finish(row)
                continue
            }
            let canvas = Canvas(batch.originals.rows(row..<row + 1), batch.limits)
            let generation = batch[row].iterations
            let children = children(in: &batch[row].state, generation, canvas)
            let found = try answers(of: children, canvas, row, batch, on: &oracle)
            batch[row].iterations += 1
            if let winner = found.firstIndex(where: \.isFooled) {
                batch.finish(row, at: canvas.painted(children[winner..<winner + 1]), row: 0)
                continue
            }
            for (index, child) in found.enumerated()
            where child.margin <= batch[row].state.margins[index] {
                batch[row].state.members[index] = children[index]
                batch[row].state.margins[index] = child.margin
            }
            guard generation == generations else { continue }
            let (members, margins) = (batch[row].state.members, batch[row].state.margins)
            let least = margins.indices.min { margins[$0] < margins[$1] } ?? 0
            batch.finish(row, at: canvas.painted(members[least..<least + 1]), row: 0)
        }
    }

    /// The members at first; afterwards one child of each.
    private func children(
        in state: inout State, _ generation: Int, _ canvas: Canvas
    ) -> [[Float]] {
        guard generation > 0 else { return state.members }
        let members = state.members
        return members.indices.map { child(of: $0, members, canvas, &state.random) }
    }

    /// a + (b − c) / 2 of three members that are not this one.
    private func child(
        of index: Int, _ members: [[Float]], _ canvas: Canvas, _ random: inout Randomness.Stream
    ) -> [Float] {
        var chosen = [index]
        while chosen.count < 4 {
            let other = Int(random.below(UInt32(members.count)))
            if !chosen.contains(other) { chosen.append(other) }
        }
        let (a, b, c) = (members[chosen[1]], members[chosen[2]], members[chosen[3]])
        return a.indices.map { canvas.clamped(a[$0] + 0.5 * (b[$0] - c[$0]), gene: $0) }
    }

    private func answers(
        of members: [[Float]], _ canvas: Canvas, _ row: Int, _ batch: Batch<State>,
        on oracle: inout some ScoreOracle
    ) throws -> [(margin: Float, isFooled: Bool)] {
        let (sample, window) = (batch[row].sample, batch.window)
        return try stride(from: 0, to: members.count, by: window).flatMap { start in
            let part = members[start..<min(start + window, members.count)]
            let logits = try oracle.logits(
                of: canvas.painted(part), for: batch.owners(of: row, times: part.count))
            let (values, classes) = (logits.values, logits.rowLength)
            return logits.argmaxOfRows().enumerated().map { row, answer in
                (
                    Margin.of(values[row * classes..<(row + 1) * classes], for: sample),
                    sample.isFooled(by: answer)
                )
            }
        }
    }
}

/// The image that members are painted on. A member is, for each pixel, its row, its column and its
/// values, as shares of the way from the least to the largest that the pixel may have. One whose place may not
/// change is painted on the nearest that may.
private struct Canvas {
    let image: Tensor
    private let channels: Int
    private let height: Int
    private let width: Int
    private let limits: PixelLimits
    /// The pixels of which a channel may change, row by row; none without a mask.
    private let free: [Int]

    init(_ image: Tensor, _ limits: PixelLimits) {
        (self.image, self.limits) = (image, limits)
        (channels, height, width) = (image.shape[1], image.shape[2], image.shape[3])
        let area = height * width
        let planes = 0..<channels
        free =
            limits.freeCount(of: image.count) == image.count
            ? []
            : (0..<area).filter { place in
                planes.contains { limits.mayChange($0 * area + place) }
            }
    }

    /// The pixel itself, or the nearest one that may change; of equally near ones the first.
    private func nearestFree(_ place: Int) -> Int {
        func distance(_ other: Int) -> Int {
            let (down, across) = (other / width - place / width, other % width - place % width)
            return down * down + across * across
        }
        return free.min { distance($0) < distance($1) } ?? place
    }

    func randomPixel(_ random: inout Randomness.Stream) -> [Float] {
        let row = Float(random.below(UInt32(height)))
        let column = Float(random.below(UInt32(width)))
        return [row, column] + (0..<channels).map { _ in random.uniform() }
    }

    /// A gene within its bounds; places are rounded when they are painted.
    func clamped(_ value: Float, gene: Int) -> Float {
        switch gene % (2 + channels) {
        case 0: min(max(value, 0), Float(height - 1))
        case 1: min(max(value, 0), Float(width - 1))
        default: min(max(value, 0), 1)
        }
    }

    /// One copy of the image for each member, with its pixels.
    func painted(_ members: ArraySlice<[Float]>) -> Tensor {
        var result = Tensor(shape: [members.count] + image.shape.dropFirst())
        let (genes, length) = (2 + channels, image.count)
        image.withFloats { image in
            result.withMutableFloats { pixels in
                for (row, member) in members.enumerated() {
                    for index in 0..<length { pixels[row * length + index] = image[index] }
                    for start in stride(from: 0, to: member.count, by: genes) {
                        let place = nearestFree(
                            Int(member[start].rounded(.toNearestOrEven)) * width
                                + Int(member[start + 1].rounded(.toNearestOrEven)))
                        for channel in 0..<channels {
                            let index = channel * height * width + place
                            pixels[row * length + index] = limits.value(
                                at: member[start + 2 + channel], index, around: image[index])
                        }
                    }
                }
            }
        }
        return result
    }
}
