// What a network sees in each image of a sample: the likeliest classes, by name.

import Artifacts
import Datasets
import Formats
import Networks
import StageKit
import StageNetworks
import Tensors

/// The generated constant, under a name that the stage's own property does not hide.
private let digestOfSources = codeDigest

/// `stage-predict`: model and sample in, the logits and the five likeliest classes of every image out.
public enum PredictStage: Stage {
    /// "predict".
    public static let kind = "predict"
    /// One line.
    public static let summary = "Classify the images of a sample and name the likeliest classes."
    /// The digest of this stage's sources.
    public static let codeDigest = digestOfSources
    /// Examples.
    public static let discussion = """
        EXAMPLES
          stage-predict --config pipeline/imagenet/predict-network.json
        """

    /// The settings.
    public static func schema(_ json: JSON) throws -> Schema {
        Schema(
            "predict",
            [
                Parameter(
                    "model", .text,
                    help: "the model, as made by train-<model> or fetch-<model>"),
                Parameter("sample", .text, help: "the sample, as drawn by sample-<sample>"),
            ])
    }

    /// The model and the sample.
    public static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        let (model, maker) = node.model(try config.text("model"))
        let sample = try config.text("sample")
        return [
            NodeInput(role: "model", name: model, madeBy: node.command(maker)),
            NodeInput(
                role: "sample", name: node.artifact("sample", "\(sample).safetensors"),
                madeBy: node.command("sample-\(sample)")),
        ]
    }

    /// The likeliest classes for people, the logits for programs.
    public static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        [
            node.artifact("prediction", "\(node.stem).json"),
            node.artifact("prediction", "\(node.stem).safetensors"),
        ]
    }

    /// Classifies.
    public static func run(_ config: Config, _ node: Node, _ work: Workspace) throws -> JSON {
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
            node.artifact("prediction", "\(node.stem).safetensors"), schema: "mirage.prediction",
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
        let output = try work.create(node.artifact("prediction", "\(node.stem).json"))
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

    /// A line an image, for samples that fit a screen, and how many are as labelled.
    public static func present(_ summary: JSON, _ config: Config) -> [String] {
        let images = summary["images"]?.array ?? []
        var lines: [String] = []
        for image in images {
            let file = image["file"]?.string ?? "image \(image["index"]?.int ?? 0)"
            let label = image["label_name"]?.string.map { " (\($0))" } ?? ""
            let top = (image["top"]?.array ?? []).map { entry in
                "\(entry["name"]?.string ?? "") \(TextTable.percent(entry["confidence"]?.double))"
            }
            let isWrong =
                image["label"]?.int.map { $0 != image["top"]?[0]?["class"]?.int } ?? false
            lines.append("\(isWrong ? "✗" : "·") \(file)\(label): \(top.joined(separator: ", "))")
        }
        let left = (summary["count"]?.int ?? 0) - images.count
        if left > 0 { lines.append("… and \(left) more") }
        let labelled = summary["labelled"]?.int ?? 0
        let known =
            labelled == 0
            ? "no image has a label"
            : "\(summary["correct"]?.int ?? 0) of \(labelled) as labelled, "
                + "\(summary["correct_top_5"]?.int ?? 0) among the five likeliest"
        return lines + ["\(summary["architecture"]?.string ?? ""): \(known)"]
    }

    /// A Float's shortest decimal, as a Double: 0.1, not 0.10000000149.
    private static func shortest(_ value: Float) -> Double {
        Double(value.description) ?? Double(value)
    }
}
