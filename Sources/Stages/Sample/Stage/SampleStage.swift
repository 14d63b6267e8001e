// `stage-sample`: its settings, what it reads and makes, and what it says.

import Artifacts
import Formats
import SampleWork
import StageKit

/// `stage-sample`: test set in, a random sample of it out.
package enum SampleStage: Stage {
    package typealias Computation = SampleComputation

    package static let kind = "sample"
    package static let summary = "Draw images from the test set, each at most once."
    package static let discussion = """
        EXAMPLES
          stage-sample --out artifacts/
          stage-sample --count 1000 --seed 2
        """

    package static func schema(_ json: JSON) throws -> Schema {
        Schema(
            "sample",
            [
                Parameter("dataset", .text, help: "the data set, as fetched by fetch-<dataset>"),
                Parameter(
                    "count", .integer(1...Int64(Int32.max)), default: .null, unit: "images",
                    help: "how many images to draw from the test set; default: all, in their order"),
                Parameter(
                    "model", .text, default: .null,
                    help: "a network of stage-fit, which says how many images it is worth to draw"),
                Parameter(
                    "share", .choice(["quick", "costly"]), default: .null,
                    help: "whether that is for quick attacks or for costly ones; default: quick"),
                Parameter("seed", .integer(0...Int64.max), help: "which images, and in what order"),
            ])
    }

    /// The test set.
    package static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        let test = node.dataset(try config.text("dataset"), "test", role: "test")
        guard config.isSet("model") else { return [test] }
        guard !config.isSet("count") else {
            throw StageFault(
                .usage, "\(config.file): count and model each say how many images there are to be",
                remedy: "leave one of them out")
        }
        return [test, node.model(try config.text("model")) { _ in "model" }]
    }

    package static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        [node.artifact("sample", "\(node.stem).safetensors")]
    }

    /// What was drawn.
    package static func present(_ summary: JSON, _ config: Config) -> [String] {
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
