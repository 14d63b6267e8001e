// Reads the networks that the page may take along to compute with.

import Formats
import Networks
import Report
import StageNetworks

/// Reads one model of the schema mirage.model.
struct LiveReader {
    private let file: SafeTensors
    private let artifact: String
    private let digest: String

    /// - Parameters:
    ///   - mapped: The model.
    ///   - artifact: Its name below `artifacts/`.
    ///   - record: The record of the node that made it, which holds its digest.
    /// - Throws: `FormatFault` for a file that is no safetensors.
    init(_ mapped: MappedFile, artifact: String, record: JSON) throws {
        file = try SafeTensors(mapped)
        self.artifact = artifact
        digest =
            (record["outputs"]?.array ?? []).first { $0["name"]?.string == artifact }?["sha256"]?
            .string ?? ""
    }

    /// The network, with its weights where it is small enough.
    func network(_ name: String) throws -> LiveNetwork {
        let architecture = try Architecture(of: file)
        var network = LiveNetwork(
            name: name, artifact: artifact, digest: digest,
            imageShape: architecture.imageShape, layers: architecture.layersJSON,
            parameters: architecture.parameterCount)
        if network.parameters <= LiveNetwork.parameterLimit {
            network.file = withExtendedLifetime(file) { Array(file.file.bytes) }
        }
        return network
    }
}
