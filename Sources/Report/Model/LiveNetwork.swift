// Networks that the page takes along, so that it can compute with them by itself.

import Formats

/// A network as the page needs it.
public struct LiveNetwork: Sendable {
    /// What attacks call it: `mlp`.
    public var name: String
    /// Its artifact, `model/mlp.safetensors`, and that file's SHA-256 in hexadecimal.
    public var artifact: String, digest: String
    /// [C, H, W].
    public var imageShape: [Int]
    /// Its layers, as a config of `stage-train` writes them.
    public var layers: JSON
    /// Numbers that training adjusts.
    public var parameters: Int
    /// The artifact's bytes; empty for a network of more parameters than a page takes.
    public var file: [UInt8] = []

    /// How many parameters a network in the page may have.
    public static let parameterLimit = 400_000

    /// A network without its weights.
    public init(
        name: String, artifact: String, digest: String, imageShape: [Int], layers: JSON,
        parameters: Int
    ) {
        self.name = name
        self.artifact = artifact
        self.digest = digest
        self.imageShape = imageShape
        self.layers = layers
        self.parameters = parameters
    }
}
