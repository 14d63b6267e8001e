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
            role: "class names", file: ClassNames.path(try config.text("dataset")))
        if config.isSet("weights") {
            return [names, NodeInput(role: "weights", file: try config.text("weights"))]
        }
        let source = try Source.named(config.text("network"), .network)
        return [names, NodeInput(role: "sources", file: Source.list)] + source.inputs
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
        let weights = try WeightFile(file)
        try check(weights, against: architecture)
        // One tensor at a time is in memory.
        let columns = architecture.parameters.map { parameter in
            Column(parameter.name, shape: parameter.shape) {
                let tensor = try weights.tensor(parameter.name)
                try architecture.checkFinite(tensor, parameter.name)
                return tensor
            }
        }
        let digest = Digest(of: file.bytes)
        try work.write(
            node.artifact("model", "\(node.stem).safetensors"), schema: "mirage.model",
            metadata: [
                "architecture": architecture.name, "dataset": try config.text("dataset"),
                "classes": JSON.array(names.all.map(JSON.string)).canonical,
            ],
            columns: columns)
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

    /// Refuses weights that do not fit, and says so where they fit another architecture.
    private static func check(_ weights: WeightFile, against architecture: Architecture) throws {
        do {
            try architecture.check(weights.shapes)
        } catch let fault as NetworkFault {
            let other = Architecture.all.first { (try? $0.check(weights.shapes)) != nil }
            throw StageFault(
                .badData, fault.description,
                remedy: other.map { "they are those of \($0.name): name that as the network" })
        }
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

/// A file of tensors, in any of the formats that weights come in.
struct WeightFile {
    private enum Content {
        case torch(TorchCheckpoint)
        case safeTensors(SafeTensors)
    }

    private let content: Content
    /// The format in words.
    let format: String
    /// The shapes of the tensors by name. A prefix that all of them share because the network was
    /// wrapped when it was saved is left out.
    let shapes: [String: [Int]]
    private let prefix: String

    /// Reads the table of contents; which format it is, its first bytes tell.
    /// - Throws: `FormatFault`.
    init(_ file: MappedFile) throws {
        // The header of safetensors begins with its length in eight bytes, then a brace.
        let isSafeTensors = file.bytes.count > 8 && file.bytes[8] == UInt8(ascii: "{")
        let all: [(name: String, shape: [Int])]
        if isSafeTensors, !file.bytes.starts(with: [0x50, 0x4B]) {
            let tensors = try SafeTensors(file)
            content = .safeTensors(tensors)
            format = "safetensors"
            all = tensors.entries.map { ($0.name, $0.shape) }
        } else {
            let checkpoint: TorchCheckpoint
            do {
                checkpoint = try TorchCheckpoint(file)
            } catch FormatFault.torch(_, _, .notCheckpoint(let start)) {
                throw StageFault(
                    .badData,
                    "\(file.name) holds no weights: it starts with the bytes "
                        + start.map(String.init).joined(separator: " "),
                    remedy: "name a PyTorch checkpoint (.pth, .pt) or a safetensors file")
            }
            content = .torch(checkpoint)
            format = "PyTorch checkpoint (\(checkpoint.container.rawValue))"
            all = checkpoint.tensors.map { ($0.name, $0.shape) }
        }
        // DataParallel's.
        let wrapper = "module."
        let prefix = !all.isEmpty && all.allSatisfy { $0.name.hasPrefix(wrapper) } ? wrapper : ""
        shapes = Dictionary(
            all.map { (String($0.name.dropFirst(prefix.count)), $0.shape) },
            uniquingKeysWith: { first, _ in first })
        self.prefix = prefix
    }

    /// A tensor of floats.
    /// - Throws: `FormatFault` for one of another type.
    func tensor(_ name: String) throws -> Tensor {
        switch content {
        case .safeTensors(let file): return try file.tensor(prefix + name)
        case .torch(let file):
            let tensor = try file.tensor(prefix + name)
            guard tensor.dtype == .f32 else {
                throw StageFault(
                    .badData,
                    "\(file.file.name): \(name) holds \(tensor.stored.rawValue), expected floats",
                    remedy: "save model.float().state_dict() in PyTorch")
            }
            return Tensor(shape: tensor.shape, values: file.floats(of: tensor))
        }
    }
}
