// Noise that knows nothing of the network, drawn a few times.

import Randomness
import Tensors

/// How many draws of a noise a sample has.
struct NoiseDraws: SettingGroup {
    @Setting(
        1, in: 1...100_000, unit: "draws",
        "draws a sample has, as long as none fools the network")
    var repeats: Int

    /// One draw of a unit noise for every run, scaled by its budget: the first that fools the
    /// network counts, else the last.
    ///
    /// - Parameters:
    ///   - batch: The runs.
    ///   - oracle: Who answers.
    ///   - draw: The next vector of a sample's stream, for so many values that may change.
    /// - Throws: What the oracle throws.
    func step(
        _ batch: inout Batch<Randomness.Stream>, on oracle: inout some DecisionOracle,
        draw: (_ count: Int, inout Randomness.Stream) -> [Float]
    ) throws {
        let (repeats, length, limits) = (repeats, batch.length, batch.limits)
        let free = batch.freeCount
        var moved = batch.originals
        for row in batch.open {
            let noise = limits.spread(draw(free, &batch[row].state))
            let epsilon = batch[row].epsilon
            moved.withMutableFloats { pixels in
                for index in 0..<length { pixels[row * length + index] += epsilon * noise[index] }
            }
            batch[row].iterations += 1
        }
        batch.project(&moved)
        batch.points = moved
        // The driver itself looks at the last draw.
        let answers = try oracle.answers(
            to: moved, for: batch.owners { $0.iterations < repeats })
        for row in batch.open
        where batch[row].iterations == repeats || batch[row].sample.isFooled(by: answers[row]) {
            batch.finish(row)
        }
    }
}
