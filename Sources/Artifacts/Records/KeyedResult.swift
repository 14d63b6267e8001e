// What a key gave: outputs by role, and the figures. `.keys/ab/cdef….json` is this. It names neither
// node nor experiment, so that whoever asks for the same work is given it.

import Formats

/// A result, as it is kept under its key.
public struct KeyedResult: Sendable, Equatable {
    /// An output without the name that somebody gives to it.
    struct Output: Sendable, Equatable {
        let role: String
        let digest: Digest
        let bytes: Int
    }

    let key: Digest
    let outputs: [Output]
    let summary: JSON

    /// What a record says of its key.
    init(_ record: Record) {
        key = record.recipe.key
        outputs = record.outputs.map {
            Output(role: record.recipe.naming.role(of: $0.name), digest: $0.digest, bytes: $0.bytes)
        }.sorted { $0.role < $1.role }
        summary = record.summary
    }

    /// The record of a node whose recipe has this key.
    func record(of recipe: Recipe) -> Record {
        Record(
            recipe: recipe,
            outputs: outputs.map {
                Record.Output(
                    name: recipe.naming.name(of: $0.role), digest: $0.digest, bytes: $0.bytes)
            }, summary: summary)
    }

    var json: JSON {
        JSON.object([
            "schema": "mirage.result", "version": 1, "key": .string(key.hex),
            "outputs": .array(
                outputs.map {
                    [
                        "role": .string($0.role), "sha256": .string($0.digest.hex),
                        "bytes": .integer(Int64($0.bytes)),
                    ]
                }), "summary": summary,
        ]).addingOwnDigest()
    }

    /// Reads what `json` writes; nil for anything else, which is then no result at all.
    init?(_ json: JSON) {
        guard let json = json.checkedByOwnDigest(), json["schema"]?.string == "mirage.result",
            json["version"]?.int == 1, let key = json["key"]?.string.flatMap({ Digest(hex: $0) }),
            let items = json["outputs"]?.array
        else { return nil }
        self.key = key
        outputs = items.compactMap { item in
            guard let role = item["role"]?.string, let bytes = item["bytes"]?.int,
                let digest = item["sha256"]?.string.flatMap({ Digest(hex: $0) })
            else { return nil }
            return Output(role: role, digest: digest, bytes: bytes)
        }
        guard outputs.count == items.count else { return nil }
        summary = json["summary"] ?? .null
    }
}
