// A network from a model of the store, and whether it belongs to the data that it is shown.

import Datasets
import Formats
import Networks
import StageWork
import Tensors

extension Network {
    /// Reads a model: the architecture that it names, with its weights.
    ///
    /// - Throws: `FormatFault` where the file is no model; `NetworkFault` where its weights do not fit.
    public init(reading file: SafeTensors, engine: Engine) throws {
        let architecture = try Architecture(of: file)
        let parameters = try file.entries.filter { !architecture.isIgnored($0.name) }
            .map { ($0.name, try file.tensor($0.name)) }
        try self.init(
            architecture, parameters: Dictionary(uniqueKeysWithValues: parameters), engine: engine)
    }

    /// Refuses a sample that the network cannot read, or of other classes than it tells apart.
    ///
    /// - Throws: `NetworkFault.wrongImages`; `StageFault` where the network gives more or fewer logits than
    ///   model or sample name classes, or model and sample are of different data sets. `config` is the
    ///   file that names both, for the message.
    public func check(model: SafeTensors, sample: SafeTensors, config: String) throws {
        let shape = try sample.entry("images", .f32, shape: [nil, nil, nil, nil]).shape
        guard Array(shape.dropFirst()) == imageShape else {
            throw NetworkFault.wrongImages(
                architecture: architecture.name, expected: imageShape,
                found: Array(shape.dropFirst()))
        }
        for file in [model, sample] {
            try architecture.check(
                classes: ClassList.read(file).count, of: file.file.name, config: config)
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

extension Architecture {
    /// Refuses a file of other classes: their names would belong to other logits, or to none.
    ///
    /// - Parameters:
    ///   - classes: How many classes the file names.
    ///   - file: The file.
    ///   - config: The file that names both, for the message.
    /// - Throws: `StageFault` with exit code 65.
    public func check(classes: Int, of file: String, config: String) throws {
        guard classes == self.classes else {
            throw StageFault(
                .badData,
                "\(file) names \(classes) classes, and \(name) tells \(self.classes) apart",
                remedy: "name data and a network of as many classes in \(config)")
        }
    }

    /// Refuses a split of a data set that a network of this kind cannot be trained or tested on.
    ///
    /// - Throws: `NetworkFault.wrongImages`; `StageFault` for other numbers of classes.
    public func check(_ split: LabelledImages, of file: String, config: String) throws {
        guard split.imageShape == imageShape else {
            throw NetworkFault.wrongImages(
                architecture: name, expected: imageShape, found: split.imageShape)
        }
        try check(classes: split.classes.count, of: file, config: config)
    }
}

/// The names of classes in a file's metadata.
enum ClassList {
    /// The names of a model's or a sample's classes.
    ///
    /// - Throws: `DatasetFault.wrongClasses`.
    static func read(_ file: SafeTensors) throws -> [String] {
        let list = try JSON.parse(file.text("classes"), named: file.file.name)
        let names = (list.array ?? []).compactMap(\.string)
        guard let array = list.array, names.count == array.count else {
            throw DatasetFault.wrongClasses(file: file.file.name)
        }
        return names
    }
}
