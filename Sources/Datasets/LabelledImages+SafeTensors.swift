// Labelled images in a safetensors file: the artifacts under dataset/ and sample/.

import Formats
import Tensors

extension LabelledImages {
    /// Reads a dataset or a sample; the images stay in the mapped file.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - schema: What it must say it is: "mirage.dataset" or "mirage.sample".
    /// - Throws: `FormatFault` where the file is not what it should be; `DatasetFault`.
    public init(reading file: SafeTensors, as schema: String) throws {
        try file.requireSchema(schema)
        let images = try file.tensor("images", shape: [nil, nil, nil, nil])
        let labels = try file.int64s("labels", shape: [images.rowCount]).map(Int.init)
        let list = try JSON.parse(file.text("classes"), named: file.file.name)
        guard let classes = list.array?.map(\.string), !classes.contains(nil) else {
            throw DatasetFault.wrongClasses(file: file.file.name)
        }
        let names = try file.metadata["names"].map {
            try JSON.parse($0, named: file.file.name).array?.compactMap(\.string) ?? []
        }
        try self.init(
            name: file.text("dataset"), images: images, labels: labels,
            classes: classes.compactMap { $0 }, names: names ?? [])
    }

    /// The texts that go with the tensors in a file.
    public var metadata: [String: String] {
        var texts = ["dataset": name, "classes": JSON.array(classes.map(JSON.string)).canonical]
        if !names.isEmpty { texts["names"] = JSON.array(names.map(JSON.string)).canonical }
        return texts
    }
}

extension SafeTensors {
    /// A tensor of floats over the mapped file: nothing is copied, unless its place in a file of
    /// other origin is not a multiple of four.
    ///
    /// - Throws: `FormatFault` where it is missing or of another type or shape.
    public func tensor(_ name: String, shape: [Int?]? = nil) throws -> Tensor {
        let entry = try entry(name, .f32, shape: shape)
        let bytes = bytes(of: entry)
        guard UInt(bitPattern: bytes.baseAddress) % 4 == 0 else {
            return Tensor(shape: entry.shape, values: try floats(name))
        }
        return Tensor(mapping: bytes, shape: entry.shape, owner: file)
    }
}
