// Turning and shifting: small changes to a person, however large they are in any norm.

import Tensors

/// The least rotation and shift of a grid that fools the network; see `SpatialTransformation.md`.
///
/// Sine and cosine are Taylor sums of products, so that every machine turns by the same angle.
public struct SpatialTransformation: DecisionAttack {
    /// It has no ball; the norms are how the result is reported.
    public static let facts = AttackFacts("spatial", norms: [.linf, .l2], budget: .least)

    @Setting(30, in: 0...180, unit: "degrees", "the largest angle, either way")
    var maxRotation: Float
    @Setting(13, in: 1...1001, unit: "angles", "angles of the grid") var rotations: Int
    @Setting(3, in: 0...1000, unit: "pixels", "the largest shift, in each direction")
    var maxTranslation: Float
    @Setting(7, in: 1...201, unit: "shifts", "shifts of the grid, across and down each")
    var translations: Int

    /// As in the paper for MNIST.
    public init() {}

    /// A grid of at most a million places, and all pixels to move.
    public func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {
        guard model.limits.isBox else {
            throw AttackFault.impossible(
                attack: Self.name,
                "it turns and shifts the image as a whole, and what a mask or channel_bounds left of "
                    + "that would be neither; leave them out, or take another attack.")
        }
        let places = rotations * translations * translations
        guard places <= 1_000_000 else {
            throw AttackFault.impossible(
                attack: Self.name,
                "rotations and translations make a grid of \(places) places; make them fewer, "
                    + "so that there are at most a million.")
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
        func grid(_ most: Float, _ count: Int) -> [Double] {
            guard count > 1 else { return [0] }
            return (0..<count).map { Double(most) * (2 * Double($0) / Double(count - 1) - 1) }
        }
        let angles = grid(maxRotation, rotations)
        let shifts = grid(maxTranslation, translations)
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
    public func step(_ batch: inout Batch<Void>, on oracle: inout some DecisionOracle) throws {
        let (moves, shape) = (moves, batch.originals.shape)
        var open = batch.open
        for (index, move) in moves.enumerated() where !open.isEmpty {
            let moved = Resampling(move, height: shape[2], width: shape[3])
                .applied(to: batch.originals.gather(open))
            let answers = try oracle.answers(to: moved, for: batch.owners(of: open))
            var left: [Int] = []
            for (place, row) in open.enumerated() {
                guard batch[row].sample.isFooled(by: answers[place]) || index + 1 == moves.count
                else {
                    left.append(row)
                    continue
                }
                batch.note("rotation", Float(move.angle), row)
                batch.note("shift_right", Float(move.across), row)
                batch.note("shift_down", Float(move.down), row)
                batch[row].iterations = index + 1
                batch.finish(row, at: moved, row: place)
            }
            open = left
        }
        // A grid of nothing but the identity.
        for row in open { batch.finish(row) }
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
