// `pipeline/sources.json`: what the data sets are, pinned by digest, and where to look for them.

import Artifacts
import Formats
import StageKit

/// A data set's files and the places where they may be.
struct Source {
    /// One file, known by its content.
    struct File: Equatable {
        /// What it holds, such as "train-images".
        let role: String
        /// Its name in every place, compressed.
        let name: String
        /// Its size, uncompressed.
        let bytes: Int
        /// Its digest, uncompressed.
        let digest: Digest
    }

    /// The roles that every data set has.
    static let roles = ["train-images", "train-labels", "test-images", "test-labels"]
    /// Where the list lies.
    static let list = "pipeline/sources.json"

    let dataset: String
    let classes: [String]
    let places: [String]
    let files: [File]

    /// Finds a data set in the list.
    /// - Throws: `StageFault` with what is wrong in the list.
    init(_ dataset: String, in list: JSON, named file: String) throws {
        func fault(_ what: String) -> StageFault {
            StageFault(
                .badData, "\(file): \(what)", remedy: "compare it with the one in the repository")
        }
        guard let entry = list[dataset] else {
            let known = (list.object ?? [:]).keys.sorted().joined(separator: ", ")
            throw StageFault(
                .badData, "\(file) knows no data set “\(dataset)”, only \(known)",
                remedy: "name one of these as \"dataset\", or add its files there")
        }
        guard let classes = entry["classes"]?.array?.compactMap(\.string), !classes.isEmpty else {
            throw fault("\(dataset) has no list of classes")
        }
        guard let places = entry["places"]?.array?.compactMap(\.string), !places.isEmpty else {
            throw fault("\(dataset) has no list of places")
        }
        self.dataset = dataset
        self.classes = classes
        self.places = places
        files = try Source.roles.map { role in
            let file = entry["files"]?[role]
            guard let name = file?["name"]?.string, let bytes = file?["bytes"]?.int, bytes > 0,
                let digest = file?["sha256"]?.string.flatMap(Digest.init(hex:))
            else {
                throw fault("\(dataset) needs name, bytes and sha256 for \(role)")
            }
            return File(role: role, name: name, bytes: bytes, digest: digest)
        }
    }

    /// Whether a place is a mirror and not a folder.
    static func isMirror(_ place: String) -> Bool { place.contains("://") }
}
