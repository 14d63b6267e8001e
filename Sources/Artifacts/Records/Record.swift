// What a run read, with which settings and code, and what came out. `artifacts/records/<node>.json`
// is this, written last: a record that exists names only objects that exist.

import Formats

/// The account of one run of a stage.
public struct Record: Sendable, Equatable {
    /// An input: what it was for, its artifact name (or path), and its content.
    public struct Input: Sendable, Equatable {
        /// What the stage uses it for, such as "model".
        public let role: String
        /// Its artifact name, such as "model/mlp.safetensors", or the path of a file outside.
        public let name: String
        /// Its content; nil for an optional file that was not there.
        public let digest: Digest?

        /// An input of this role, name and content.
        public init(role: String, name: String, digest: Digest?) {
            self.role = role
            self.name = name
            self.digest = digest
        }
    }

    /// An artifact that came out.
    public struct Output: Sendable, Equatable {
        /// Its artifact name.
        public let name: String
        /// Its content.
        public let digest: Digest
        /// Its size.
        public let bytes: Int

        /// An output of this name, content and size.
        public init(name: String, digest: Digest, bytes: Int) {
            self.name = name
            self.digest = digest
            self.bytes = bytes
        }
    }

    /// What the run depends on.
    public let recipe: Recipe
    /// The artifacts made, sorted by name.
    public let outputs: [Output]
    /// Figures of the run, as the stage chose them; read by the report.
    public let summary: JSON

    /// The account of a run.
    public init(recipe: Recipe, outputs: [Output], summary: JSON) {
        self.recipe = recipe
        self.outputs = outputs.sorted { $0.name < $1.name }
        self.summary = summary
    }

    /// The record as its file holds it.
    public var json: JSON {
        var members = recipe.members
        members["schema"] = "mirage.record"
        members["version"] = 2
        members["key"] = .string(recipe.key.hex)
        members["outputs"] = .array(
            outputs.map {
                [
                    "name": .string($0.name), "sha256": .string($0.digest.hex),
                    "bytes": .integer(Int64($0.bytes)),
                ]
            })
        members["summary"] = summary
        return JSON.object(members).addingOwnDigest()
    }

    /// What stages that read records get to see: not the key, nor the digest of the code, so that an
    /// edit of the code that changes no result changes no page either.
    public var account: JSON {
        var members = recipe.members
        members["code"] = nil
        members["inputs"] = members["inputs"]?.array.map { inputs in
            .array(inputs.filter { $0["role"]?.string?.hasPrefix("record of ") != true })
        }
        members["outputs"] = json["outputs"]
        members["summary"] = summary
        return .object(members)
    }

    /// Whether it names only artifacts that the stage announces.
    public func fits(_ outputs: [String]) -> Bool {
        self.outputs.allSatisfy { ArtifactName.isAnnounced($0.name, by: outputs) }
    }

    /// Reads a record.
    /// - Throws: `StoreFault.malformed` when the JSON is no record, or not as it was written.
    public init(_ json: JSON, path: String) throws {
        guard json["schema"]?.string == "mirage.record" else {
            throw StoreFault.malformed(path: path, why: "its schema is not mirage.record")
        }
        guard json["version"]?.int == 2 else {
            throw StoreFault.malformed(path: path, why: "this program reads version 2 only")
        }
        guard let json = json.checkedByOwnDigest() else {
            throw StoreFault.malformed(
                path: path, why: "its content does not hash to what it says of itself")
        }
        guard json["key"]?.string == (try Recipe(json, path: path).key.hex) else {
            throw StoreFault.malformed(path: path, why: "its key is not the hash of its parts")
        }
        try self.init(parts: json, path: path)
    }

    /// Takes the parts of a record of any version as they stand.
    init(parts json: JSON, path: String) throws {
        recipe = try Recipe(json, path: path)
        outputs = try (json["outputs"]?.array ?? []).map { item in
            guard let name = item["name"]?.string, let bytes = item["bytes"]?.int,
                let digest = item["sha256"]?.string.flatMap({ Digest(hex: $0) }),
                ArtifactName.isSound(name)
            else {
                throw StoreFault.malformed(
                    path: path, why: "an output lacks a name, size or SHA-256")
            }
            return Output(name: name, digest: digest, bytes: bytes)
        }
        summary = json["summary"] ?? .null
    }
}
