// A handful of pixels, found by evolution.

import Networks
import Randomness
import Tensors

/// The one-pixel attack of Su, Vargas and Sakurai, "One Pixel Attack for Fooling Deep Neural Networks"
/// (2019): differential evolution over ε pixels, each a row, a column and a value for every channel.
///
/// A generation makes one child for each member: a + F·(b − c) of three other members, F = 0.5,
/// rounded to pixels and clamped; no crossover. A child takes its parent's place if its margin
/// Z_label − max_{j≠label} Z_j (towards a target: max_{j≠target} Z_j − Z_target) is not larger. The
/// paper follows the softmax probability, which orders nearly the same and rounds to 1 for confident
/// networks. A sample ends at the first member that reaches the goal.
///
/// ε counts pixels; a pixel has a value for every channel, so L0, which counts values, is up to
/// C times that, and for images of several channels ε is rounded down to whole pixels.
public struct OnePixel: Attack {
    /// "one-pixel".
    public static let name = "one-pixel"
    /// One line.
    public static let summary =
        "One pixel: differential evolution over a handful of pixels and their values (Su 2019)."
    /// The number of values that may change.
    public static let usesEpsilons = true
    /// It counts them.
    public static let norms = [Norm.l0]
    /// Its members and their parents.
    public static let isRandom = true
    /// Those of the paper.
    public static let settings = [
        Setting(
            "population", .integer(4...100_000), default: .integer(400), unit: "members",
            help: "members of a generation"),
        Setting(
            "generations", .integer(1...100_000), default: .integer(75), unit: "generations",
            help: "generations after the first"),
    ]

    private let population: Int
    private let generations: Int

    /// Takes its settings.
    public init(_ values: SettingValues) {
        population = values.integer("population")
        generations = values.integer("generations")
    }

    /// Sample by sample: a generation is a batch.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        while true {
            let batch = queue.take(1)
            guard let sample = batch.samples.first else { return }
            for (k, epsilon) in queue.epsilons.enumerated() where queue.isOpen(sample, epsilon: k) {
                let pixels = Int(epsilon) / batch.images.shape[1]
                var iterations = 0
                var image = batch.images
                if pixels > 0 {
                    image = try evolve(
                        sample, k, batch.images, pixels: pixels, for: queue, on: &oracle,
                        &iterations)
                }
                queue.deliver(sample, epsilon: k, image: image, row: 0, iterations: iterations)
            }
        }
    }

    private func evolve(
        _ sample: AttackSample, _ budget: Int, _ x: Tensor, pixels: Int, for queue: AttackQueue,
        on oracle: inout Oracle<some ClassifierPass>, _ iterations: inout Int
    ) throws -> Tensor {
        let canvas = Canvas(x)
        var random = queue.stream("one-pixel/\(pixels)", for: sample)
        var members = (0..<population).map { _ in
            (0..<pixels).flatMap { _ in canvas.randomPixel(&random) }
        }
        var margins = [Float](repeating: .infinity, count: population)
        for generation in 0...generations {
            let children =
                generation == 0
                ? members : members.indices.map { child(of: $0, members, canvas, &random) }
            let found = try answers(
                of: children, canvas, sample, budget, for: queue, on: &oracle)
            iterations += 1
            if let winner = found.firstIndex(where: \.isFooled) {
                return canvas.painted(children[winner..<winner + 1])
            }
            for index in members.indices where found[index].margin <= margins[index] {
                (members[index], margins[index]) = (children[index], found[index].margin)
            }
        }
        let least = margins.indices.min { margins[$0] < margins[$1] } ?? 0
        return canvas.painted(members[least..<least + 1])
    }

    /// a + (b − c) / 2 of three members that are not this one.
    private func child(
        of index: Int, _ members: [[Float]], _ canvas: Canvas, _ random: inout Randomness.Stream
    ) -> [Float] {
        var chosen = [index]
        while chosen.count < 4 {
            let other = Int(random.below(UInt32(population)))
            if !chosen.contains(other) { chosen.append(other) }
        }
        let (a, b, c) = (members[chosen[1]], members[chosen[2]], members[chosen[3]])
        return a.indices.map { canvas.clamped(a[$0] + 0.5 * (b[$0] - c[$0]), gene: $0) }
    }

    private func answers(
        of members: [[Float]], _ canvas: Canvas, _ sample: AttackSample, _ budget: Int,
        for queue: AttackQueue,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws -> [(margin: Float, isFooled: Bool)] {
        try stride(from: 0, to: members.count, by: queue.window).flatMap { start in
            let part = members[start..<min(start + queue.window, members.count)]
            let owners = Array(repeating: RowOwner(sample, budget: budget), count: part.count)
            let logits = try oracle.logits(of: canvas.painted(part), for: owners)
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
/// values.
private struct Canvas {
    let image: Tensor
    private let channels: Int
    private let height: Int
    private let width: Int

    init(_ image: Tensor) {
        self.image = image
        (channels, height, width) = (image.shape[1], image.shape[2], image.shape[3])
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
                        let place =
                            Int(member[start].rounded(.toNearestOrEven)) * width
                            + Int(member[start + 1].rounded(.toNearestOrEven))
                        for channel in 0..<channels {
                            pixels[row * length + channel * height * width + place] =
                                member[start + 2 + channel]
                        }
                    }
                }
            }
        }
        return result
    }
}
