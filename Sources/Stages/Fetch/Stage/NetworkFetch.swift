// The settings of a network that others have trained, and what is said of it.

import Artifacts
import Datasets
import FetchWork
import Formats
import StageKit

/// A model from a PyTorch checkpoint or a safetensors file.
enum NetworkFetch: Fetch {
    static var schema: Schema {
        Schema(
            "fetch network",
            [
                Parameter(
                    "network", .text,
                    help: "the architecture; without weights, one of pipeline/sources.json"),
                Parameter(
                    "weights", .text, default: .null,
                    help: "a file of your own: a PyTorch checkpoint or safetensors"),
                Parameter(
                    "dataset", .text, default: "imagenet",
                    help: "what it tells apart; data/<dataset>/labels.json has the names"),
            ])
    }

    static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        let names = NodeInput(
            role: "class names", file: ClassNames.path(try config.text("dataset")),
            limit: Source.listLimit)
        if config.isSet("weights") {
            return [names, NodeInput(role: "weights", file: try config.text("weights"))]
        }
        let source = try Source.named(config.text("network"), .network)
        return [names, Source.listInput] + source.inputs
    }

    static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        [
            node.artifact("model", "\(node.stem).safetensors"),
            node.artifact("model", "\(node.stem).curve.json"),
        ] + (config.isSet("weights") ? [] : ["download/"])
    }

    static func present(_ summary: JSON) -> [String] {
        let isPinned = summary["is_pinned"]?.bool ?? false
        let digest = summary["weights_sha256"]?.string ?? ""
        return [
            "\(summary["architecture"]?.string ?? "") · \(summary["parameters"]?.int ?? 0) parameters · "
                + "\(summary["format"]?.string ?? "")",
            "weights: SHA-256 \(digest.prefix(16))…, "
                + (isPinned ? "as pinned in \(Source.list)" : "your own file, not pinned"),
        ]
    }
}
