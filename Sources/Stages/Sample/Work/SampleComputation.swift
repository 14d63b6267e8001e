// Draws the images to attack.

import Datasets
import Formats
import StageWork
import Tensors

/// Reads the role `test`, and `model` where that says how many images to draw; writes one artifact of the schema mirage.sample.
package enum SampleComputation: StageComputation {
    package static let codeDigest = CodeDigest.value

    package static func run(
        _ config: any ResolvedConfig, _ work: any Workspace
    ) throws -> JSON {
        let seed = try config.integer("seed")
        let test = try LabelledImages(
            reading: SafeTensors(work.open("test")), as: "mirage.dataset")
        let count = try count(of: test, config, work)
        let (drawn, indices) =
            try count.map { try test.sample($0, seed: UInt64(seed)) }
            ?? (test, Array(0..<test.count))
        try work.write(
            work.output(endingIn: ".safetensors"), schema: "mirage.sample",
            metadata: drawn.metadata.merging([
                "seed": count == nil ? "" : "\(seed)", "count": "\(drawn.count)",
            ]) { $1 },
            columns: [
                Column("images", drawn.images), Column("labels", drawn.labels),
                Column("indices", indices),
            ])
        return [
            "dataset": .string(drawn.name), "count": .integer(Int64(drawn.count)),
            "of": .integer(Int64(test.count)),
            "histogram": .array(drawn.histogram.map { .integer(Int64($0)) }),
        ]
    }

    /// How many images to draw; nil for all of them, in their order.
    private static func count(
        of test: LabelledImages, _ config: any ResolvedConfig, _ work: any Workspace
    ) throws -> Int? {
        guard work.holds("model") else {
            return config.isSet("count") ? try config.integer("count") : nil
        }
        let model = try SafeTensors(work.open("model"))
        let share = try config.isSet("share") ? config.text("share") : "quick"
        let key = "\(share)_images"
        guard let count = model.metadata[key].flatMap({ Int($0) }), count > 0 else {
            throw StageFault(
                .badData, "\(model.file.name) does not say \(key)",
                remedy: "name a network that stage-fit has made, or give count")
        }
        return min(count, test.count)
    }
}
