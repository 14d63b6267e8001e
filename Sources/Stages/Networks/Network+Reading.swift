// A network from a model of the store.

import Datasets
import Formats
import Networks
import StageKit
import Tensors

extension Network {
    /// Reads a model: the architecture that it names, with its weights.
    ///
    /// - Throws: `FormatFault` where the file is no model; `NetworkFault` where its weights do not fit.
    public init(reading file: SafeTensors, engine: Engine) throws {
        try file.requireSchema("mirage.model")
        let architecture = try Architecture.named(file.text("architecture"))
        let parameters = try file.entries.filter { !architecture.isIgnored($0.name) }
            .map { ($0.name, try file.tensor($0.name)) }
        try self.init(
            architecture, parameters: Dictionary(uniqueKeysWithValues: parameters), engine: engine)
    }

    /// Refuses a sample that the network cannot read.
    ///
    /// - Throws: `NetworkFault.wrongImages`; `StageFault` where model and sample are of different
    ///   data sets. `config` is the file that names both, for the message.
    public func check(model: SafeTensors, sample: SafeTensors, config: String) throws {
        let shape = try sample.entry("images", .f32, shape: [nil, nil, nil, nil]).shape
        guard Array(shape.dropFirst()) == imageShape else {
            throw NetworkFault.wrongImages(
                architecture: architecture.name, expected: imageShape,
                found: Array(shape.dropFirst()))
        }
        for key in ["dataset", "classes"] where try model.text(key) != sample.text(key) {
            throw StageFault(
                .badData,
                "\(model.file.name) and \(sample.file.name) do not belong together: \(key) is "
                    + "\(try model.text(key).prefix(200)) in the one and "
                    + "\(try sample.text(key).prefix(200)) in the other",
                remedy: "name a model and a sample of the same data set in \(config)")
        }
    }
}
