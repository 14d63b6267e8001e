// The settings of a data set, and what is said of it.

import Artifacts
import FetchWork
import Formats
import StageKit

/// Labelled images, as two splits.
enum DatasetFetch: Fetch {
    static var schema: Schema {
        Schema(
            "fetch", [Parameter("dataset", .text, help: "a data set of pipeline/sources.json")])
    }

    static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        let source = try Source.named(config.text("dataset"), .dataset)
        return [Source.listInput] + source.inputs
    }

    static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        let dataset = try config.text("dataset")
        return ["train", "test"].map { node.artifact("dataset", "\(dataset)-\($0).safetensors") }
    }

    static func present(_ summary: JSON) -> [String] {
        let splits = ["train", "test"].map { split -> String in
            let shape = summary["splits"]?[split]?["image_shape"]?.array ?? []
            let size = shape.map { "\($0.int ?? 0)" }.joined(separator: " × ")
            return "\(split) \(summary["splits"]?[split]?["count"]?.int ?? 0) images of \(size)"
        }
        return ["\(summary["dataset"]?.string ?? ""): " + splits.joined(separator: ", ")]
    }
}
