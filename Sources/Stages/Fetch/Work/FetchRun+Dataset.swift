// A data set in the four IDX files of MNIST.

import Artifacts
import Datasets
import Formats
import StageKit
import Tensors

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

    static func run(_ config: Config, _ node: Node, _ work: Workspace) throws -> JSON {
        let source = try Source.named(config.text("dataset"), .dataset, work)
        let finder = Finder(
            source: source, log: work.log,
            wheels: Wheels(in: work.temporaryFolder, log: work.log))
        var splits: [String: JSON] = [:]
        for split in ["train", "test"] {
            let images = try idx("\(split)-images", as: .images, by: finder, work)
            let labels = try idx("\(split)-labels", as: .labels, by: finder, work)
            let set = try LabelledImages(
                name: source.name, images: images, labels: labels, classes: source.classes)
            try work.write(
                node.artifact("dataset", "\(source.name)-\(split).safetensors"),
                schema: "mirage.dataset", metadata: set.metadata.merging(["split": split]) { $1 },
                columns: [Column("images", set.images), Column("labels", set.labels)])
            splits[split] = [
                "count": .integer(Int64(set.count)),
                "image_shape": .array(set.imageShape.map { .integer(Int64($0)) }),
                "histogram": .array(set.histogram.map { .integer(Int64($0)) }),
            ]
        }
        return [
            "dataset": .string(source.name), "splits": .object(splits),
            "classes": .array(source.classes.map(JSON.string)),
        ]
    }

    private static func idx(
        _ role: String, as content: IDX.Content, by finder: Finder, _ work: Workspace
    ) throws -> IDX {
        guard let file = finder.source.files.first(where: { $0.role == role }) else {
            throw StageFault(.software, "\(role) is not among the roles")
        }
        let local = work.holds(role) ? try work.open(role) : nil
        return try IDX(finder.find(file, local: local), as: content, named: file.name)
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
