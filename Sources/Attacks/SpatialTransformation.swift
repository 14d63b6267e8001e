// Turning and shifting: small changes to a person, however large they are in any norm.

import Networks
import Tensors

/// The spatial attack of Engstrom, Tran, Tsipras, Schmidt and Madry, "Exploring the Landscape of
/// Spatial Robustness" (2019): the image turned by an angle about its centre and shifted, bilinear
/// interpolation, black outside; every combination on a grid is tried.
///
/// The grid runs from −`max_rotation` to `max_rotation` in `rotations` equal steps and from
/// −`max_translation` to `max_translation` in `translations` steps each way, the identity included.
/// It is tried from the smallest change to the largest, |angle| and the shifts measured as shares of
/// their largest values; the first that reaches the goal counts, so that the least one is found
/// (foolbox and ART take the first in the order of their loops). Rotation and shifts are on record.
///
/// Sine and cosine are Taylor sums of products, so that every machine turns by the same angle.
public struct SpatialTransformation: Attack {
    /// "spatial".
    public static let name = "spatial"
    /// One line.
    public static let summary =
        "Spatial: the least rotation and shift of a grid that fools the network (Engstrom 2019)."
    /// It has no ball.
    public static let usesEpsilons = false
    /// How the result is reported; the method has no norm.
    public static let norms = [Norm.linf, .l2]
    /// Those of the paper for MNIST.
    public static let settings = [
        Setting(
            "max_rotation", .number(0...180), default: .number(30), unit: "degrees",
            help: "the largest angle, either way"),
        Setting(
            "rotations", .integer(1...1001), default: .integer(13), unit: "angles",
            help: "angles of the grid"),
        Setting(
            "max_translation", .number(0...1000), default: .number(3), unit: "pixels",
            help: "the largest shift, in each direction"),
        Setting(
            "translations", .integer(1...201), default: .integer(7), unit: "shifts",
            help: "shifts of the grid, across and down each"),
    ]

    private let angles: [Double]
    private let shifts: [Double]

    /// Takes its settings.
    public init(_ values: SettingValues) {
        func grid(_ most: Float, _ count: Int) -> [Double] {
            guard count > 1 else { return [0] }
            return (0..<count).map { Double(most) * (2 * Double($0) / Double(count - 1) - 1) }
        }
        angles = grid(values.float("max_rotation"), values.integer("rotations"))
        shifts = grid(values.float("max_translation"), values.integer("translations"))
    }

    /// A grid of at most a million places.
    public func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {
        let places = angles.count * shifts.count * shifts.count
        guard places <= 1_000_000 else {
            throw AttackFault.impossible(
                attack: Self.name,
                "rotations and translations make a grid of \(places) places; make them fewer, so that "
                    + "there are at most a million.")
        }
    }

    /// One place of the grid.
    struct Move: Equatable {
        /// In degrees, turning counterclockwise.
        let angle: Double
        /// In pixels, to the right and down.
        let across: Double
        let down: Double
    }

    /// All places but the identity, the smallest first.
    var moves: [Move] {
        let (most, far) = (angles.last ?? 0, shifts.last ?? 0)
        func share(_ value: Double, _ most: Double) -> Double { most > 0 ? abs(value) / most : 0 }
        let all = angles.flatMap { angle in
            shifts.flatMap { down in
                shifts.map { Move(angle: angle, across: $0, down: down) }
            }
        }
        let sizes = all.map {
            share($0.angle, most) + share($0.across, far) + share($0.down, far)
        }
        return all.indices.filter { sizes[$0] > 0 }
            .sorted { (sizes[$0], $0) < (sizes[$1], $1) }.map { all[$0] }
    }

    /// Every place of the grid for the samples that still stand.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        let moves = moves
        while true {
            let batch = queue.take(queue.window)
            guard !batch.samples.isEmpty else { return }
            let shape = batch.images.shape
            var open = Array(batch.samples.indices)
            for (index, move) in moves.enumerated() where !open.isEmpty {
                let moved = Resampling(move, height: shape[2], width: shape[3])
                    .applied(to: batch.images.gather(open))
                let owners = open.map { RowOwner(batch.samples[$0], budget: 0) }
                let answers = try oracle.answers(to: moved, for: owners)
                var left: [Int] = []
                for (place, row) in open.enumerated() {
                    let sample = batch.samples[row]
                    guard sample.isFooled(by: answers[place]) || index + 1 == moves.count else {
                        left.append(row)
                        continue
                    }
                    queue.note("rotation", Float(move.angle), for: sample)
                    queue.note("shift_right", Float(move.across), for: sample)
                    queue.note("shift_down", Float(move.down), for: sample)
                    queue.deliver(sample, image: moved, row: place, iterations: index + 1)
                }
                open = left
            }
            // A grid of nothing but the identity.
            for row in open {
                queue.deliver(batch.samples[row], image: batch.images, row: row, iterations: 0)
            }
        }
    }
}

extension Resampling {
    /// The image turned about its centre, then shifted; black outside.
    init(_ move: SpatialTransformation.Move, height: Int, width: Int) {
        let (sine, cosine) = Trigonometry.sineAndCosine(ofDegrees: move.angle)
        let (middleY, middleX) = (Double(height - 1) / 2, Double(width - 1) / 2)
        self.init(height: height, width: width) { row, column in
            let y = Double(row) - middleY - move.down
            let x = Double(column) - middleX - move.across
            return (sine * x + cosine * y + middleY, cosine * x - sine * y + middleX)
        }
    }
}
