// The weights of a network that others have trained: converted once into a model of the store,
// after all its tensors have been compared with the architecture.

import Artifacts
import Datasets
import Formats
import Networks
import StageKit
import StageNetworks
import Tensors

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

    static func run(_ config: Config, _ node: Node, _ work: Workspace) throws -> JSON {
        let architecture = try Architecture.named(config.text("network"))
        let names = try ClassNames(work.open("class names"))
        guard names.all.count == architecture.classes else {
            throw StageFault(
                .badData,
                "\(names.file) names \(names.all.count) classes, and \(architecture.name) tells "
                    + "\(architecture.classes) apart",
                remedy: "name a network of that data set in \(config.file)")
        }
        let file = try weights(architecture.name, config, work)
        let weights = try WeightFile(file, for: architecture)
        for note in weights.notes { work.log.line(note) }
        // One tensor at a time is in memory.
        let columns = architecture.parameters.map { parameter in
            Column(parameter.name, shape: parameter.shape) { try weights.tensor(parameter.name) }
        }
        let digest = Digest(of: file.bytes)
        try work.write(
            node.artifact("model", "\(node.stem).safetensors"), schema: "mirage.model",
            metadata: [
                "architecture": architecture.name, "dataset": try config.text("dataset"),
                "classes": JSON.array(names.all.map(JSON.string)).canonical,
            ],
            columns: columns)
        for warning in weights.warnings { work.log.warn(warning) }
        let description = try work.create(node.artifact("model", "\(node.stem).curve.json"))
        try description.write(architecture.description(classes: names.all).pretty)
        return [
            "architecture": .string(architecture.name),
            "parameters": .integer(Int64(architecture.parameterCount)),
            "format": .string(weights.format),
            "weights_sha256": .string(digest.hex),
            "is_pinned": .bool(!config.isSet("weights")),
        ]
    }

    private static func weights(
        _ name: String, _ config: Config, _ work: Workspace
    ) throws -> MappedFile {
        if config.isSet("weights") { return try work.open("weights") }
        let downloads = try work.downloads(of: Source.named(name, .network, work))
        guard let found = downloads.first else {
            throw StageFault(.software, "\(name) has no file of weights")
        }
        return found.content
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
