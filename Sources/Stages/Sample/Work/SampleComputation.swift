// Draws the images to attack.

import Datasets
import Formats
import StageWork
import Tensors

/// Reads the role `test`, writes one artifact of the schema mirage.sample.
package enum SampleComputation: StageComputation {
    package static let codeDigest = CodeDigest.value

    package static func run(
        _ config: any ResolvedConfig, _ work: any Workspace
    ) throws -> JSON {
        let seed = try config.integer("seed")
        let test = try LabelledImages(
            reading: SafeTensors(work.open("test")), as: "mirage.dataset")
        let (drawn, indices) =
            config.isSet("count")
            ? try test.sample(config.integer("count"), seed: UInt64(seed))
            : (test, Array(0..<test.count))
        try work.write(
            work.output(endingIn: ".safetensors"), schema: "mirage.sample",
            metadata: drawn.metadata.merging([
                "seed": config.isSet("count") ? "\(seed)" : "", "count": "\(drawn.count)",
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
}
