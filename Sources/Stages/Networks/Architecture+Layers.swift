// A network that is no part of the catalogue: in a config, and in the metadata of a model.

import Formats
import Networks
import StageWork

extension Architecture {
    /// A network whose layers stand in JSON.
    ///
    /// - Parameters:
    ///   - name: What it is called.
    ///   - imageShape: [C, H, W].
    ///   - layers: A list of layers, first to last; see `WrittenLayer`.
    ///   - file: Where they stand, for messages.
    /// - Throws: `StageFault` for what is no layer, `NetworkFault` for layers that do not fit.
    public init(_ name: String, imageShape: [Int], layers: JSON, in file: String) throws {
        guard let list = layers.array, !list.isEmpty else {
            throw StageFault(
                .badData, "\(file): layers is \(layers.kind), expected a list of layers",
                remedy: "such as \"layers\": [{\"dense\": 100}, \"relu\", {\"dense\": 10}]")
        }
        try self.init(
            name, imageShape: imageShape,
            written: list.enumerated().map { index, layer in
                try WrittenLayer(layer, at: "\(file): layers[\(index)]")
            })
    }

    /// The layers as `init(_:imageShape:layers:in:)` reads them.
    public var layersJSON: JSON { .array(written.map(\.json)) }

    /// The network of a model in the store: of the catalogue, or of the layers in its metadata.
    ///
    /// - Throws: `FormatFault` for a file that is no model; `NetworkFault`, `StageFault` for layers
    ///   that are none.
    public init(of model: SafeTensors) throws {
        try model.requireSchema("mirage.model")
        let name = try model.text("architecture")
        guard let layers = model.metadata["layers"] else {
            self = try Architecture.named(name)
            return
        }
        let file = model.file.name
        let shape = try JSON.parse(model.text("image_shape"), named: file).array ?? []
        try self.init(
            name, imageShape: shape.map { $0.int ?? 0 }, layers: JSON.parse(layers, named: file),
            in: file)
    }

    /// What a model's metadata say of it: the name alone for a network of the catalogue.
    public var modelMetadata: [String: String] {
        let known = try? Architecture.named(name)
        let (written, shape) = (written, imageShape)
        if let known, known.imageShape == shape, known.written == written {
            return ["architecture": name]
        }
        return [
            "architecture": name,
            "layers": JSON.array(written.map(\.json)).canonical,
            "image_shape": JSON.array(shape.map { .integer(Int64($0)) }).canonical,
        ]
    }
}
