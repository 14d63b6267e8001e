// Reads a sample: its images, and where they come from.

import Digests
import Formats
import Report
import Tensors

/// Reads one sample of the schema mirage.sample.
package struct SampleReader {
    private let file: SafeTensors
    private let record: JSON

    /// A sample and the record of the node that drew it.
    package init(_ mapped: MappedFile, record: JSON) throws {
        file = try SafeTensors(mapped)
        try file.requireSchema("mirage.sample")
        self.record = record
    }

    /// The data set that it was drawn from: its name, and the digests of what was read.
    package var dataset: String {
        let digests = (record["inputs"]?.array ?? []).compactMap { $0["sha256"]?.string }
        return ([datasetName] + digests).joined(separator: " ")
    }

    /// The name of that data set; empty for a sample that names none.
    package var datasetName: String { file.metadata["dataset"] ?? "" }

    /// Its images and their classes.
    package func facts() throws -> SampleFacts {
        let count = try file.entry("labels", .i64, shape: [nil]).count
        var facts = SampleFacts(
            images: try file.images("images", count: count), classes: try file.classes(),
            seed: try file.text("seed"))
        facts.names =
            try file.metadata["names"].map {
                try JSON.parse($0, named: "\(file.file.name), metadata `names`").array?
                    .compactMap(\.string) ?? []
            } ?? []
        return facts
    }
}

/// The samples of an experiment by their contents, which is how attacks and predictions name them.
package struct SampleOrigins {
    /// A sample and where it lies.
    package struct Origin {
        package let artifact: String
        package let images: Tensor
        /// The files that its images come from, where it knows.
        package let names: [String]
        /// The data set that it was drawn from.
        package let dataset: String
    }

    private var origins: [String: Origin] = [:]

    /// None yet.
    package init() {}

    /// Adds a sample's file, which is hashed.
    package mutating func add(
        _ artifact: String, _ file: MappedFile, _ sample: SampleFacts, dataset: String
    ) {
        let digest = withExtendedLifetime(file) { Digest(of: file.bytes) }
        origins[digest.hex] = Origin(
            artifact: artifact, images: sample.images, names: sample.names, dataset: dataset)
    }

    /// The sample of a digest.
    /// - Throws: `ReadingFault.foreignSample` when the experiment has none such.
    package func origin(_ digest: String, of file: String) throws -> Origin {
        guard let origin = origins[digest] else {
            throw ReadingFault.foreignSample(
                file: file, sample: String(digest.prefix(12)),
                known: origins.map { "\($0.value.artifact) (\($0.key.prefix(12)))" }.sorted())
        }
        return origin
    }
}

extension SafeTensors {
    /// The class names of an artifact's metadata.
    package func classes() throws -> [String] {
        let json = try JSON.parse(try text("classes"), named: "\(file.name), metadata `classes`")
        guard let names = json.array?.compactMap(\.string), names.count == json.array?.count else {
            throw ReadingFault.malformed(
                file: file.name, what: "metadata `classes`", expected: "a JSON array of texts",
                found: json.kind)
        }
        return names
    }

    /// A batch of images [N, C, H, W] over the file's own memory.
    package func images(_ name: String, count: Int) throws -> Tensor {
        let entry = try entry(name, .f32, shape: [count, nil, nil, nil])
        return Tensor(mapping: bytes(of: entry), shape: entry.shape, owner: file)
    }
}
