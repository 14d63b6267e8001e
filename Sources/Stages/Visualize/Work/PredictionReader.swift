// Reads predictions: JSON of the schema mirage.prediction.

import Formats
import Report
import StudyReading
import Tensors

/// Reads what a network sees in a sample.
struct PredictionReader {
    private let name: String
    private let node: String
    private let json: JSON

    init(_ file: MappedFile, node: String) throws {
        (name, self.node) = (file.name, node)
        json = try JSON.parse(file.contents, named: file.name)
        guard json["schema"]?.string == "mirage.prediction", json["version"]?.int == 1 else {
            throw fault(
                "`schema`", "mirage.prediction, version 1", json["schema"]?.canonical ?? "absent")
        }
    }

    /// The prediction, of one of the experiment's samples.
    func prediction(of samples: SampleOrigins) throws -> Prediction {
        let origin = try samples.origin(json["sample_sha256"]?.string ?? "", of: name)
        let pictures = origin.images
        let entries = try (json["images"]?.array ?? []).map(entry)
        guard entries.count == pictures.shape.first else {
            throw fault("`images`", "\(pictures.shape.first ?? 0) entries", "\(entries.count)")
        }
        return Prediction(
            name: NodeName.stem(node), architecture: json["architecture"]?.string ?? "",
            sample: origin.artifact, images: pictures, entries: entries)
    }

    private func entry(_ json: JSON) throws -> Prediction.Entry {
        let top = try (json["top"]?.array ?? []).map { guess in
            guard let label = guess["class"]?.int, let confidence = guess["confidence"]?.double
            else { throw fault("`top`", "a class and a confidence", guess.canonical) }
            return Guess(label: label, confidence: Float(confidence))
        }
        guard let index = json["index"]?.int else {
            throw fault("`index`", "a whole number", json["index"]?.kind ?? "absent")
        }
        return Prediction.Entry(
            index: index, file: json["file"]?.string, label: json["label"]?.int, top: top)
    }

    private func fault(_ what: String, _ expected: String, _ found: String) -> ReadingFault {
        .malformed(file: name, what: what, expected: expected, found: found)
    }
}
