// What a network sees in each image of a sample: the likeliest classes, by name.

import Datasets
import Formats
import Networks
import StageNetworks
import StageWork
import Tensors

/// Reads the roles `model` and `sample`, writes the likeliest classes for people and the logits for
/// programs.
package enum PredictComputation: StageComputation {
    package static let codeDigest = CodeDigest.value

    package static func run(
        _ config: any ResolvedConfig, _ work: any Workspace
    ) throws -> JSON {
        let model = try SafeTensors(work.open("model"))
        let network = try Network(reading: model, engine: work.engine)
        let file = try SafeTensors(work.open("sample"))
        let sample = try LabelledImages(reading: file, as: "mirage.sample")
        try network.check(model: model, sample: file, config: config.file)
        let indices = try file.int64s("indices", shape: [sample.count])
        let parts = try network.mapBatches(of: sample.count) { pass, rows in
            try pass.logits(of: sample.images.rows(rows))
        }
        let logits = Tensor(
            shape: [sample.count, network.classes], values: parts.flatMap(\.values))
        let rankings = Ranking.ofRows(logits)
        try work.write(
            work.output(endingIn: ".safetensors"), schema: "mirage.prediction",
            metadata: [
                "architecture": network.architecture.name, "classes": try file.text("classes"),
            ],
            columns: [Column("logits", logits), Column("label", sample.labels)])
        let images = rankings.enumerated().map { row, ranking -> JSON in
            var members: [String: JSON] = [
                "index": .integer(indices[row]),
                "top": .array(
                    zip(ranking.classes, ranking.confidences).map { label, confidence in
                        [
                            "class": .integer(Int64(label)), "name": .string(sample.classes[label]),
                            "confidence": .number(shortest(confidence)),
                        ]
                    }),
            ]
            if !sample.names.isEmpty { members["file"] = .string(sample.names[row]) }
            if sample.labels[row] != LabelledImages.unknown {
                members["label"] = .integer(Int64(sample.labels[row]))
                members["label_name"] = .string(sample.classes[sample.labels[row]])
            }
            return .object(members)
        }
        let output = try work.create(work.output(endingIn: ".json"))
        try output.write(
            JSON.object([
                "schema": "mirage.prediction", "version": 1,
                "architecture": .string(network.architecture.name),
                "sample_sha256": .string(try work.digest(of: "sample").hex),
                "images": .array(images),
            ]).pretty)
        let labelled = sample.labels.indices.filter { sample.labels[$0] != LabelledImages.unknown }
        return [
            "architecture": .string(network.architecture.name),
            "count": .integer(Int64(images.count)),
            // What fits a screen; all of them are in the artifact.
            "images": .array(Array(images.prefix(40))),
            "labelled": .integer(Int64(labelled.count)),
            "correct": .integer(
                Int64(labelled.count { rankings[$0].classes.first == sample.labels[$0] })),
            "correct_top_5": .integer(
                Int64(labelled.count { rankings[$0].classes.contains(sample.labels[$0]) })),
        ]
    }

    /// A Float's shortest decimal, as a Double: 0.1, not 0.10000000149.
    private static func shortest(_ value: Float) -> Double {
        Double(value.description) ?? Double(value)
    }
}
