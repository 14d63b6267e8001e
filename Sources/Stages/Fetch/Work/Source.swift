// `pipeline/sources.json`: what can be fetched, pinned by digest, and where to look for it.

import Digests
import Formats
import StageWork

/// An entry of the list: files, and the places where they may be.
package struct Source {
    /// What the files make up.
    package enum Kind: String, CaseIterable {
        /// Labelled images in the four IDX files of MNIST.
        case dataset
        /// The weights of a network.
        case network
        /// Pictures in files of their own.
        case pictures
        /// The user's own data, which are in no list.
        case data

        /// What a config asks for: the first of these kinds that it has a key for. Networks and pictures
        /// may name a data set as well.
        /// - Parameter isGiven: whether the config has a key.
        package init(_ isGiven: (String) -> Bool) {
            self =
                [Kind.data, .network, .pictures].first { isGiven($0.rawValue) }
                ?? (isGiven("layers") ? .network : .dataset)
        }

        /// What a checked config asks for.
        package init(of config: any ResolvedConfig) { self.init(config.isSet) }

        /// As messages call it.
        var words: String { self == .dataset ? "data set" : rawValue }
    }

    /// One file, known by its content.
    package struct File: Equatable {
        /// What it holds, such as "train-images".
        package let role: String
        /// Its name in every place, compressed or not.
        package let name: String
        /// Its size, uncompressed.
        package let bytes: Int
        /// Its digest, uncompressed.
        let digest: Digest
        /// The class of what it shows, for a picture.
        var label: Int?
    }

    /// The roles that every data set has.
    static let roles = ["train-images", "train-labels", "test-images", "test-labels"]
    /// The role of a network's weights.
    static let weights = "weights"
    /// Where the list lies.
    package static let list = "pipeline/sources.json"
    /// The most bytes that a list may have, of sources or of the names of classes.
    package static let listLimit = 4 << 20

    package let name: String
    let kind: Kind
    /// The names of the classes; empty for a network.
    package let classes: [String]
    let places: [String]
    package let files: [File]

    /// Finds an entry in the list.
    /// - Throws: `StageFault` with what is wrong in the list.
    package init(_ name: String, _ kind: Kind, in list: JSON, named file: String) throws {
        func fault(_ what: String) -> StageFault {
            StageFault(
                .badData, "\(file): \(what)", remedy: "compare it with the one in the repository")
        }
        func isOfKind(_ entry: JSON) -> Bool {
            (entry["kind"]?.string ?? Kind.dataset.rawValue) == kind.rawValue
        }
        guard let entry = list[name], isOfKind(entry) else {
            let known = (list.object ?? [:]).filter { isOfKind($0.value) }.keys.sorted()
            throw StageFault(
                .badData,
                "\(file) knows no \(kind.words) “\(name)”, only \(known.joined(separator: ", "))",
                remedy: "name one of these as \"\(kind.rawValue)\", or add its files there")
        }
        let classes = entry["classes"]?.array?.compactMap(\.string) ?? []
        guard kind != .dataset || !classes.isEmpty else {
            throw fault("\(name) has no list of classes")
        }
        guard let places = entry["places"]?.array?.compactMap(\.string), !places.isEmpty else {
            throw fault("\(name) has no list of places")
        }
        let roles: [String] =
            switch kind {
            case .dataset: Source.roles
            case .network: [Source.weights]
            case .pictures, .data: (entry["files"]?.object ?? [:]).keys.sorted()
            }
        guard !roles.isEmpty else { throw fault("\(name) has no files") }
        (self.name, self.kind, self.classes, self.places) = (name, kind, classes, places)
        files = try roles.map { role in
            let file = entry["files"]?[role]
            guard let fileName = file?["name"]?.string, !fileName.contains("/"),
                let bytes = file?["bytes"]?.int, (1...8 << 30).contains(bytes),
                let digest = file?["sha256"]?.string.flatMap(Digest.init(hex:))
            else {
                throw fault("\(name) needs name, bytes and sha256 for \(role)")
            }
            return File(
                role: role, name: fileName, bytes: bytes, digest: digest,
                label: file?["label"]?.int)
        }
    }

    /// The folder of the user's own copies, with a slash at its end.
    package var ownFolder: String? { places.first { Place($0) == .own($0) } }
}

/// A place of the list.
enum Place: Equatable {
    /// A folder of the repository, `data/…`: its files are inputs of the node.
    case own(String)
    /// A folder of the system.
    case folder(String)
    /// A folder on a server.
    case mirror(String)
    /// A folder inside the wheel of a Python package: `pip:name==version/folder/`.
    case wheel(package: String, folder: String)

    init(_ words: String) {
        if words.contains("://") {
            self = .mirror(words)
        } else if words.hasPrefix("pip:") {
            let parts = words.dropFirst("pip:".count).split(separator: "/", maxSplits: 1)
            self = .wheel(
                package: parts.first.map(String.init) ?? "",
                folder: parts.count > 1 ? String(parts[1]) : "")
        } else {
            self = words.hasPrefix("/") ? .folder(words) : .own(words)
        }
    }
}
