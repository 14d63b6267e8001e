// Brings a data set in: from a folder or a mirror, checked against its pins, as safetensors.

import Artifacts
import Datasets
import Formats
import StageKit
import Tensors

/// The generated constant, under a name that the stage's own property does not hide.
private let digestOfSources = codeDigest

/// `stage-fetch`: pinned sources in, the two splits of a data set out.
public enum FetchStage: Stage {
    /// "fetch".
    public static let kind = "fetch"
    /// One line.
    public static let summary = "Fetch a data set, check it against its pins and store it."
    /// The digest of this stage's sources.
    public static let codeDigest = digestOfSources
    /// Examples.
    public static let discussion = """
        EXAMPLES
          stage-fetch --out artifacts/
          stage-fetch --config pipeline/fashion-mnist/fetch-fashion-mnist.json

        Files are looked for in the places that pipeline/sources.json lists: data/<dataset>/ first,
        then the mirrors. Whatever the place, size and SHA-256 must be those pinned there.
        """

    /// The settings.
    public static func schema(_ json: JSON) throws -> Schema {
        Schema(
            "fetch", [Parameter("dataset", .text, help: "a data set of pipeline/sources.json")])
    }

    /// The pins, and the files of `data/` as far as they are there.
    public static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        guard let list = try? MappedFile.read(Source.list) else {
            throw StoreFault.missingFile(path: Source.list)
        }
        let source = try source(config, JSON.parse(list, named: Source.list, comments: true))
        let folder = source.places.first { !Source.isMirror($0) && !$0.hasPrefix("/") }
        let files = source.files.flatMap { file -> [NodeInput] in
            folder.map { [NodeInput(role: file.role, file: $0 + file.name, optional: true)] } ?? []
        }
        return [NodeInput(role: "sources", file: Source.list)] + files
    }

    /// The two splits.
    public static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        let dataset = try config.text("dataset")
        return ["train", "test"].map { node.artifact("dataset", "\(dataset)-\($0).safetensors") }
    }

    /// Fetches.
    public static func run(_ config: Config, _ node: Node, _ work: Workspace) throws -> JSON {
        let list = try JSON.parse(
            Array(work.open("sources").bytes), named: Source.list, comments: true)
        let source = try source(config, list)
        var splits: [String: JSON] = [:]
        for split in ["train", "test"] {
            do {
                let images = try idx("\(split)-images", as: .images, of: source, work)
                let labels = try idx("\(split)-labels", as: .labels, of: source, work)
                let set = try LabelledImages(
                    name: source.dataset, images: images, labels: labels, classes: source.classes)
                try work.write(
                    node.artifact("dataset", "\(source.dataset)-\(split).safetensors"),
                    schema: "mirage.dataset",
                    metadata: set.metadata.merging(["split": split]) { $1 },
                    columns: [Column("images", set.images), Column("labels", set.labels)])
                splits[split] = [
                    "count": .integer(Int64(set.count)),
                    "image_shape": .array(set.imageShape.map { .integer(Int64($0)) }),
                    "histogram": .array(set.histogram.map { .integer(Int64($0)) }),
                ]
            } catch let fault as DatasetFault {
                throw StageFault(.badData, fault.description)
            }
        }
        return [
            "dataset": .string(source.dataset), "splits": .object(splits),
            "classes": .array(source.classes.map(JSON.string)),
        ]
    }

    private static func source(_ config: Config, _ list: JSON) throws -> Source {
        try Source(config.text("dataset"), in: list, named: Source.list)
    }

    private static func idx(
        _ role: String, as content: IDX.Content, of source: Source, _ work: Workspace
    ) throws -> IDX {
        guard let file = source.files.first(where: { $0.role == role }) else {
            throw StageFault(.software, "\(role) is not among the roles")
        }
        let finder = Finder(source: source, log: work.log)
        let local = work.holds(role) ? try work.open(role) : nil
        return try IDX(finder.find(file, local: local), as: content, named: file.name)
    }

    /// What came in.
    public static func present(_ summary: JSON, _ config: Config) -> [String] {
        let splits = ["train", "test"].map { split -> String in
            let shape = summary["splits"]?[split]?["image_shape"]?.array ?? []
            let size = shape.map { "\($0.int ?? 0)" }.joined(separator: " × ")
            return "\(split) \(summary["splits"]?[split]?["count"]?.int ?? 0) images of \(size)"
        }
        return ["\(summary["dataset"]?.string ?? ""): " + splits.joined(separator: ", ")]
    }
}
