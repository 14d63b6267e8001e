// All that a result depends on, and the key that stands for it. Equal keys mean equal results.
// Left out of the key on purpose: thread count, host, time, paths, and the names of the node, its
// experiment and its inputs, none of which a stage may write into what it makes.

import Formats

/// What goes into a run.
public struct Recipe: Sendable, Equatable {
    /// Raised when the meaning of a key changes; results of older formats are then made again.
    public static let format = 2

    /// The experiment, such as "mnist"; empty for nodes that all experiments share.
    public let experiment: String
    /// The node, such as "train-mlp".
    public let node: String
    /// The stage, such as "train".
    public let stage: String
    /// The digest of the sources of the stage and of all that it uses.
    public let code: String
    /// The config, defaults filled in.
    public let config: JSON
    /// The inputs, sorted by role.
    public let inputs: [Record.Input]

    /// A recipe of these parts.
    public init(
        experiment: String, node: String, stage: String, code: String, config: JSON,
        inputs: [Record.Input]
    ) {
        self.experiment = experiment
        self.node = node
        self.stage = stage
        self.code = code
        self.config = config
        self.inputs = inputs.sorted {
            ($0.role, $0.digest?.hex ?? "", $0.name) < ($1.role, $1.digest?.hex ?? "", $1.name)
        }
    }

    /// The hash of stage, code, config, and the role and content of each input, in canonical form.
    public var key: Digest {
        let parts: JSON = [
            "format": .integer(Int64(Recipe.format)), "stage": .string(stage),
            "code": .string(code), "config": config,
            "inputs": .array(
                inputs.map {
                    [
                        "role": .string($0.role),
                        "sha256": $0.digest.map { .string($0.hex) } ?? .null,
                    ]
                }),
        ]
        return Digest(of: parts.canonical)
    }

    /// The names that the node gives to what it makes.
    public var naming: Naming { Naming(experiment: experiment, node: node) }

    var members: [String: JSON] {
        [
            "experiment": .string(experiment), "node": .string(node), "stage": .string(stage),
            "code": .string(code), "config": config,
            "inputs": .array(
                inputs.map {
                    [
                        "role": .string($0.role), "name": .string($0.name),
                        "sha256": $0.digest.map { .string($0.hex) } ?? .null,
                    ]
                }),
        ]
    }

    init(_ json: JSON, path: String) throws {
        func text(_ key: String) throws -> String {
            guard let text = json[key]?.string else {
                throw StoreFault.malformed(path: path, why: "it has no text \"\(key)\"")
            }
            return text
        }
        let inputs = try (json["inputs"]?.array ?? []).map { item in
            guard let role = item["role"]?.string, let name = item["name"]?.string else {
                throw StoreFault.malformed(path: path, why: "an input lacks its role or name")
            }
            return Record.Input(
                role: role, name: name, digest: item["sha256"]?.string.flatMap { Digest(hex: $0) })
        }
        self.init(
            experiment: try text("experiment"), node: try text("node"), stage: try text("stage"),
            code: try text("code"), config: json["config"] ?? .null, inputs: inputs)
    }

    /// Which parts differ from an earlier run, in words: "config `epsilon` 0.1 → 0.2".
    public func differences(from earlier: Recipe) -> [String] {
        var found: [String] = []
        if stage != earlier.stage { found.append("stage \(earlier.stage) → \(stage)") }
        if code != earlier.code { found.append("code") }
        let (old, new) = (earlier.config.object ?? [:], config.object ?? [:])
        for key in Set(old.keys).union(new.keys).sorted() where old[key] != new[key] {
            let before = old[key]?.canonical ?? "(none)"
            let after = new[key]?.canonical ?? "(none)"
            found.append("config `\(key)` \(before) → \(after)")
        }
        func table(_ inputs: [Record.Input]) -> [String: String] {
            Dictionary(
                inputs.map { ("\($0.role) (\($0.name))", $0.digest?.short ?? "absent") },
                uniquingKeysWith: { first, _ in first })
        }
        let (oldInputs, newInputs) = (table(earlier.inputs), table(inputs))
        for role in Set(oldInputs.keys).union(newInputs.keys).sorted()
        where oldInputs[role] != newInputs[role] {
            found.append(
                "input \(role) \(oldInputs[role] ?? "(none)") → \(newInputs[role] ?? "(none)")")
        }
        return found
    }
}
