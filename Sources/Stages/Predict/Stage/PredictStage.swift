// `stage-predict`: its settings, what it reads and makes, and what it says.

import Artifacts
import Formats
import PredictWork
import StageKit

/// `stage-predict`: model and sample in, the logits and the five likeliest classes of every image out.
package enum PredictStage: Stage {
    package typealias Computation = PredictComputation

    package static let kind = "predict"
    package static let summary = "Classify the images of a sample and name the likeliest classes."
    package static let discussion = """
        EXAMPLES
          stage-predict --experiment imagenet
        """

    package static func schema(_ json: JSON) throws -> Schema {
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
    package static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        [
            node.model(try config.text("model")) { _ in "model" },
            node.sample(try config.text("sample")),
        ]
    }

    /// The likeliest classes for people, the logits for programs.
    package static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        [
            node.artifact("prediction", "\(node.stem).json"),
            node.artifact("prediction", "\(node.stem).safetensors"),
        ]
    }

    /// A line an image, for samples that fit a screen, and how many are as labelled.
    package static func present(_ summary: JSON, _ config: Config) -> [String] {
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
}
