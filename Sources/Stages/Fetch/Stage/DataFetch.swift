// The settings of data of the user's own, and what is said of them.

import Artifacts
import FetchWork
import Formats
import StageKit

/// Images and labels from a folder or a file, in the form that people have them.
enum DataFetch: Fetch {
    static var schema: Schema {
        Schema(
            "fetch data",
            [
                Parameter("data", .text, help: "a folder or a file of your own"),
                Parameter("name", .text, default: "mine", help: "what the data set is called"),
                Parameter(
                    "layout", .choice(DataLayout.allCases.map(\.rawValue)), default: .null,
                    help: "how the data lie, where that is not clear from what lies there"),
                Parameter(
                    "classes", .text, default: .null,
                    help: "a file of the classes' names: one a line, or JSON"),
                Parameter(
                    "labels", .text, default: .null,
                    help: "a table of pictures and labels (CSV), or labels.npy for images.npy"),
                Parameter(
                    "model", .text, default: .null,
                    help: "a model of the experiment whose images these become"),
                Parameter(
                    "resize", .integer(1...4096), default: .null, unit: "pixels",
                    help: "the shorter side before the crop; 256/224 of the crop by default"),
                Parameter(
                    "crop", .integer(1...4096), default: .null, unit: "pixels",
                    help: "the side of the middle square that is kept; the model's by default"),
                Parameter(
                    "axes", .choice(PixelAxes.allCases.map(\.rawValue)), default: .null,
                    help: "the order of the axes of arrays, where two are possible"),
                Parameter(
                    "range", .choice(PixelRange.allCases.map(\.rawValue)), default: .null,
                    help: "what the numbers of arrays lie between, where that is not clear"),
                Parameter(
                    "train", .flag, default: false,
                    help: "bring the training split in too, where there is one"),
                Parameter(
                    "test", .number(0.0001...0.9999), default: .null, unit: "share",
                    help: "the share of images that is the test split; the rest is for training"),
                Parameter(
                    "limit", .integer(1...100_000_000), default: .null, unit: "images a split",
                    help:
                        "the most that are taken in, drawn by the seed; of pictures "
                        + "\(DataSettings.pictureLimit) by default, and at most \(DataSettings.largestPictureLimit)"
                ),
                Parameter("seed", .integer(0...Int64.max), default: 1, help: "of the draws"),
            ])
    }

    static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        let settings = try DataSettings(config, of: node.name)
        var inputs = try DataPlan(settings).files.map {
            NodeInput(role: $0.role, file: $0.path, limit: $0.limit)
        }
        if let classes = settings.classes {
            inputs.append(NodeInput(role: "classes", file: classes, limit: Source.listLimit))
        }
        if let model = settings.model { inputs.append(node.model(model) { _ in "model" }) }
        return inputs
    }

    /// Which splits there are follows from the config alone: a training split where one is asked for.
    static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        try (DataSettings(config, of: node.name).hasTrain ? ["train", "test"] : ["test"]).map {
            node.artifact("dataset", "\(node.stem)-\($0).safetensors")
        }
    }

    /// Splits and classes, then a line for each thing that was found or done.
    static func present(_ summary: JSON) -> [String] {
        let splits = ["train", "test"].compactMap { name -> String? in
            guard let split = summary["splits"]?[name] else { return nil }
            let shape = (split["image_shape"]?.array ?? []).map { "\($0.int ?? 0)" }
            return "\(name) \(split["count"]?.int ?? 0) images of "
                + "\(shape.joined(separator: " × ")), \(split["labelled"]?.int ?? 0) with a label"
        }
        let classes = summary["classes"]?.array?.count ?? 0
        return [
            "\(summary["dataset"]?.string ?? ""): " + splits.joined(separator: "; ")
                + "; \(classes) classes"
        ] + (summary["notes"]?.array ?? []).compactMap(\.string)
    }
}
