// A network from outside, before it is a model of the store: layers, weights, and what is to be said of them.

import Digests
import Formats
import Networks
import ONNX
import StageNetworks
import StageWeights
import StageWork
import Tensors

/// Layers, and weights that fit them.
struct FetchedNetwork: Sendable {
    let architecture: Architecture
    /// "ONNX (opset 13)", "safetensors".
    let format: String
    /// The digest of the file of weights.
    let digest: Digest
    /// Whose tensors were matched by order and shape: theirs by ours.
    let matched: [String: String]
    private let weights: Weights

    private enum Weights: Sendable {
        case file(WeightFile)
        case tensors([String: Tensor])
    }

    /// A parameter; one at a time is in memory where it comes from a file of weights.
    ///
    /// - Throws: As `WeightFile.tensor(_:)`.
    func tensor(_ name: String) throws -> Tensor {
        switch weights {
        case .file(let file): return try file.tensor(name)
        case .tensors(let tensors):
            guard let tensor = tensors[name] else {
                throw StageFault(.software, "\(architecture.name) has no parameter \(name)")
            }
            return tensor
        }
    }

    /// What is to be said once all have been read.
    var warnings: [String] {
        if case .file(let file) = weights { file.warnings } else { [] }
    }

    /// What a config names.
    ///
    /// - Parameters:
    ///   - config: The config.
    ///   - work: Where its files are.
    ///   - check: Looks at the layers before any weights are read.
    /// - Throws: `StageFault`, `ONNXFault`, `FormatFault`, `NetworkFault`.
    init(
        _ config: any ResolvedConfig, _ work: any Workspace,
        check: (Architecture) throws -> Void
    ) throws {
        let form = try NetworkForm(of: config)
        let isKnown =
            if case .catalogue(let name) = form {
                Architecture.all.contains { $0.name == name }
            } else { false }
        let stem = work.outputs.first.map(FetchedNetwork.stem) ?? ""
        let name = form.name(stem)
        if isKnown || form == .layers || form.isJSON, config.isSet("size") {
            throw StageFault(
                .usage, "\(config.file): size is for ONNX files that leave it open",
                remedy: "leave SIZE out: this network says which images it reads")
        }
        switch form {
        case .onnx:
            try self.init(onnx: work.open("network"), as: name, config, work, check)
        case .json:
            let file = try work.open("network")
            let json = try JSON.parse(file.contents, named: file.name, comments: true)
            let image = try config.isSet("image") ? Self.image(config) : Self.image(json, file)
            let architecture = try Architecture(
                name, imageShape: image ?? [], layers: json["layers"] ?? .null,
                in: Shown.text(file.name))
            try check(architecture)
            try self.init(architecture, config, work, weights: work.open("weights"))
        case .layers:
            guard let shape = try Self.image(config) else {
                throw StageFault(
                    .usage, "\(config.file): layers are given, but not for which images",
                    remedy: "add \"image\": [channels, height, width]")
            }
            let architecture = try Architecture(
                name, imageShape: shape, layers: config.structure("layers"), in: config.file)
            try check(architecture)
            try self.init(architecture, config, work, weights: work.open("weights"))
        case .catalogue(let name) where !isKnown && !config.isSet("weights"):
            // A pinned file that has the layers, too.
            try self.init(onnx: Self.pinned(name, work), as: name, config, work, check)
        case .catalogue(let name):
            let architecture = try Architecture.named(name)
            try check(architecture)
            let file =
                try config.isSet("weights")
                ? work.open("weights") : Self.pinned(name, work)
            try self.init(architecture, config, work, weights: file)
        }
    }

    private init(
        onnx file: MappedFile, as name: String, _ config: any ResolvedConfig,
        _ work: any Workspace, _ check: (Architecture) throws -> Void
    ) throws {
        let network = try ONNXNetwork(
            ONNXFile(file),
            .init(name: name, size: Self.size(config), imageShape: Self.image(config)))
        for note in network.notes { work.log.line("\(Shown.text(file.name)): \(note)") }
        try check(network.architecture)
        if config.isSet("weights") {
            try self.init(network.architecture, config, work, weights: work.open("weights"))
            return
        }
        guard !config.isSet("rename") else {
            throw StageFault(
                .usage, "\(config.file): rename is for a file of weights, and none is named",
                remedy: "leave it out: an ONNX file has its own weights")
        }
        self.init(
            architecture: network.architecture, format: "ONNX", digest: Digest(of: file.bytes),
            matched: [:], weights: .tensors(network.parameters))
    }

    private init(
        _ architecture: Architecture, _ config: any ResolvedConfig, _ work: any Workspace,
        weights file: MappedFile
    ) throws {
        let renaming =
            try config.isSet("rename")
            ? WeightRenaming(config.structure("rename"), in: config.file) : .none
        let weights = try WeightFile(file, for: architecture, renaming: renaming)
        for note in weights.notes { work.log.line(note) }
        self.init(
            architecture: architecture, format: weights.format, digest: Digest(of: file.bytes),
            matched: weights.matched, weights: .file(weights))
    }

    private init(
        architecture: Architecture, format: String, digest: Digest, matched: [String: String],
        weights: Weights
    ) {
        (self.architecture, self.format, self.digest) = (architecture, format, digest)
        (self.matched, self.weights) = (matched, weights)
    }

    private static func stem(_ output: String) -> String {
        let file = output.split(separator: "/").last ?? ""
        return String(file.prefix { $0 != "." })
    }

    /// [C, H, W] as a JSON file has it.
    private static func image(_ json: JSON, _ file: MappedFile) throws -> [Int] {
        let sizes = json["image"]?.array?.map(\.int) ?? []
        guard sizes.count == 3, !sizes.contains(nil) else {
            throw StageFault(
                .badData, "\(Shown.text(file.name)): image is missing or no list of three sizes",
                remedy: "add \"image\": [channels, height, width], such as [3, 224, 224]")
        }
        return sizes.compactMap { $0 }
    }

    /// [C, H, W] of a config.
    private static func image(_ config: any ResolvedConfig) throws -> [Int]? {
        guard config.isSet("image") else { return nil }
        let sizes = try config.wholeNumbers("image")
        guard sizes.count == 3 else {
            throw StageFault(
                .usage, "\(config.file): image is no list of three whole numbers",
                remedy: "write \"image\": [channels, height, width]")
        }
        return sizes
    }

    /// Rows and columns of a config: one number for both, or two.
    private static func size(_ config: any ResolvedConfig) throws -> [Int]? {
        guard config.isSet("size") else { return nil }
        let sizes = try config.wholeNumbers("size")
        switch sizes.count {
        case 1: return [sizes[0], sizes[0]]
        case 2: return sizes
        default:
            throw StageFault(
                .usage, "\(config.file): size is no whole number, nor two",
                remedy: "write \"size\": [224] or [rows, columns]; SIZE=224 or SIZE=224,320")
        }
    }

    private static func pinned(_ name: String, _ work: any Workspace) throws -> MappedFile {
        let downloads = try work.downloads(of: Source.named(name, .network, work))
        guard let found = downloads.first else {
            throw StageFault(.software, "\(name) has no file of weights")
        }
        return found.content
    }
}
