// The settings of a network that others have trained, and what is said of it.

import Artifacts
import Datasets
import FetchWork
import Formats
import Networks
import ONNX
import StageKit

/// A model from an ONNX file, or of layers and a PyTorch checkpoint or a safetensors file.
enum NetworkFetch: Fetch {
    static var schema: Schema {
        Schema(
            "fetch network",
            [
                Parameter(
                    "network", .text, default: .null,
                    help:
                        "a network of the catalogue, an .onnx file, or a .json file with \"image\" "
                        + "and \"layers\"; of the catalogue without weights, one of "
                        + "pipeline/sources.json"),
                Parameter(
                    "layers", .structure, default: .null,
                    help: "in place of network: a list of layers, as stage-train has it"),
                Parameter(
                    "image", .numbers(1...65_536), default: .null, unit: "pixels",
                    help: "[channels, height, width] of what the layers read; for an .onnx file "
                        + "whose input is a row: of what the row is"),
                Parameter(
                    "size", .numbers(1...65_536), default: .null, unit: "pixels",
                    help:
                        "side of the images, or [rows, columns], where an .onnx file leaves it open"
                ),
                Parameter(
                    "weights", .text, default: .null,
                    help: "a file of your own: a PyTorch checkpoint or safetensors"),
                Parameter(
                    "rename", .structure, default: .null,
                    help:
                        "names in that file, or what they begin with, and the network's for them: "
                        + "{\"features.conv1\": \"conv1\"}"),
                Parameter(
                    "dataset", .text, default: "imagenet",
                    help: "what it tells apart; data/<dataset>/labels.json has the names, else "
                        + "classes are called by their numbers"),
            ])
    }

    static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        let dataset = try config.text("dataset")
        let form = try NetworkForm(of: config)
        var inputs = [
            NodeInput(
                role: "class names", file: ClassNames.path(dataset),
                optional: dataset != "imagenet", limit: Source.listLimit)
        ]
        if let file = form.file {
            let limit =
                if case .json = form { NetworkForm.jsonLimit } else { ONNXFile.sizeLimit }
            inputs.append(NodeInput(role: "network", file: file, limit: limit))
        }
        if config.isSet("weights") {
            return inputs + [NodeInput(role: "weights", file: try config.text("weights"))]
        }
        switch form {
        case .catalogue(let name):
            let source = try pinned(name)
            return inputs + [Source.listInput] + source.inputs
        case .layers, .json:
            throw StageFault(
                .usage, "\(config.file): layers are given, but no weights",
                remedy: "name them, as \"weights\": \"net.pth\" or WEIGHTS=net.pth; "
                    + "`stage-train` trains a network of layers")
        case .onnx: return inputs
        }
    }

    /// The entry of a network whose weights are pinned.
    private static func pinned(_ name: String) throws -> Source {
        do {
            return try Source.named(name, .network)
        } catch let fault as StageFault where fault.code == .badData {
            let known = Architecture.all.map(\.name)
            guard !known.contains(name) else {
                throw StageFault(
                    .usage, "\(name) comes without weights",
                    remedy:
                        "say which: \"weights\": \"net.pth\", or WEIGHTS=net.pth for `make mine`")
            }
            throw StageFault(
                .badData, "there is no network \(Shown.text(name)); \(fault.message)",
                remedy: Spelling.nearest(to: name, among: known).map { "did you mean \($0)?" }
                    ?? "name an .onnx file, a .json file with \"image\" and \"layers\", or one of "
                    + known.joined(separator: ", "))
        }
    }

    static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        [
            node.artifact("model", "\(node.stem).safetensors"),
            node.artifact("model", "\(node.stem).curve.json"),
        ] + (try NetworkForm(of: config).isPinned(config) ? ["download/"] : [])
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
