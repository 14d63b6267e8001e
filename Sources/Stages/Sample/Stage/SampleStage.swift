// Draws the images to attack.

import Artifacts
import Datasets
import Formats
import StageKit
import Tensors

/// The generated constant, under a name that the stage's own property does not hide.
private let digestOfSources = codeDigest

/// `stage-sample`: test set in, a random sample of it out.
public enum SampleStage: Stage {
    /// "sample".
    public static let kind = "sample"
    /// One line.
    public static let summary = "Draw images from the test set, each at most once."
    /// The digest of this stage's sources.
    public static let codeDigest = digestOfSources
    /// Examples.
    public static let discussion = """
        EXAMPLES
          stage-sample --out artifacts/
          stage-sample --count 1000 --seed 2
        """

    /// The settings.
    public static func schema(_ json: JSON) throws -> Schema {
        Schema(
            "sample",
            [
                Parameter("dataset", .text, help: "the data set, as fetched by fetch-<dataset>"),
                Parameter(
                    "count", .integer(1...Int64(Int32.max)), default: .null, unit: "images",
                    help: "how many images to draw from the test set; default: all, in their order"),
                Parameter("seed", .integer(0...Int64.max), help: "which images, and in what order"),
            ])
    }

    /// The test set.
    public static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        let dataset = try config.text("dataset")
        return [
            NodeInput(
                role: "test", name: node.artifact("dataset", "\(dataset)-test.safetensors"),
                madeBy: node.command("fetch-\(dataset)"))
        ]
    }

    /// One file.
    public static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        [node.artifact("sample", "\(node.stem).safetensors")]
    }

    /// Draws.
    public static func run(_ config: Config, _ node: Node, _ work: Workspace) throws -> JSON {
        let seed = try config.integer("seed")
        let test = try LabelledImages(
            reading: SafeTensors(work.open("test")), as: "mirage.dataset")
        let (drawn, indices) =
            config.isSet("count")
            ? try test.sample(config.integer("count"), seed: UInt64(seed))
            : (test, Array(0..<test.count))
        try work.write(
            node.artifact("sample", "\(node.stem).safetensors"), schema: "mirage.sample",
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

    /// What was drawn.
    public static func present(_ summary: JSON, _ config: Config) -> [String] {
        let histogram = (summary["histogram"]?.array ?? []).map { $0.int ?? 0 }
        let first =
            "\(summary["count"]?.int ?? 0) of \(summary["of"]?.int ?? 0) test images of "
            + "\(summary["dataset"]?.string ?? "")"
        // A thousand classes are more than a line can hold.
        guard histogram.count <= 100 else {
            return [first, "\(histogram.count { $0 > 0 }) of \(histogram.count) classes"]
        }
        return [first, "by class: " + histogram.map { "\($0)" }.joined(separator: " ")]
    }
}
