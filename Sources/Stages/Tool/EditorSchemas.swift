// `make schemas`: JSON Schemas of all configs for editors, one file a stage and one for `experiment.json`,
// made from the stages' own parameters. A stage's keys may depend on values of the config (an attack's name,
// an optimizer), so its schema lists the cases, each with the keys that it has.

import Artifacts
import Formats
import StageKit

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The schemas of a list of stages.
public struct EditorSchemas {
    /// Where they are written, below what is built: no artifact, and ignored by git.
    public static let folder = ".build/schemas"

    /// The schemas by file name, such as "attack.json".
    public let files: [String: JSON]

    /// Makes the schemas of these stages.
    /// - Throws: what the stages' own `schema` throws.
    public init(_ stages: [any Stage.Type]) throws {
        var files: [String: JSON] = [:]
        for stage in stages { files["\(stage.kind).json"] = try EditorSchemas.schema(of: stage) }
        files["experiment.json"] = EditorSchemas.experiment(stages.map { $0.kind })
        self.files = files
    }

    /// Writes the files, and says how an editor is told of them.
    /// - Throws: `StageFault`, `StoreFault.system`.
    func write(to folder: String) throws {
        var path = ""
        for part in folder.split(separator: "/", omittingEmptySubsequences: false) {
            path += path.isEmpty && !folder.hasPrefix("/") ? part : "/\(part)"
            guard path.isEmpty || path == "/" || mkdir(path, 0o777) == 0 || Disk.isFolder(path)
            else {
                throw StoreFault.system(path: path, action: "make the folder", code: errno)
            }
        }
        for (name, schema) in files.sorted(by: { $0.key < $1.key }) {
            try Disk.replace("\(folder)/\(name)", with: schema.pretty)
        }
        Log.say(
            "schemas: \(files.count) files in \(folder)/; a config names its own as "
                + "\"\(NodeConfig.editorKey)\": "
                + "\"\(folder.hasPrefix("/") ? "" : "../../")\(folder)/attack.json\", or the editor is told "
                + "(\(NodeFinder.folder)/README.md)")
    }

    // MARK: A stage

    /// One case of a stage's config: the values that it is known by, and its keys.
    private struct Case {
        var fixed: [String: JSON]
        let schema: Schema
        /// What the stage says of each key under one word or another that decides about no keys, but may
        /// about the values of one, as a norm does about budgets.
        var values: [String: [JSON]] = [:]

        var json: JSON {
            let plain = schema.jsonSchema(fixed: fixed)
            guard var members = plain.object, var properties = members["properties"]?.object else {
                return plain
            }
            for (key, values) in values where values.count > 1 && fixed[key] == nil {
                properties[key] = ["anyOf": .array(values)]
            }
            members["properties"] = .object(properties)
            return .object(members)
        }
    }

    private static func schema(of stage: any Stage.Type) throws -> JSON {
        var cases = try cases(of: stage, given: [:])
        // Where a key decides by being there at all, the stage lists what follows.
        for schema in stage.helpSchemas
        where !cases.contains(where: { $0.schema.name == schema.name }) {
            cases.append(Case(fixed: [:], schema: schema))
        }
        // All keys that any case has, with all values that they take there: for parts of a config.
        let values = EditorSchemas.values(
            cases.map(\.schema), cases.flatMap { $0.values.map { ($0.key, $0.value) } })
        let keys = values.mapValues { JSON.array($0 + [["type": "null"]]) }.mapValues {
            JSON.object(["anyOf": $0])
        }
        return [
            "$schema": .string(draft), "title": .string("A config of stage-\(stage.kind)"),
            "anyOf": .array(cases.map(\.json)),
            "$defs": [
                "changes": [
                    "type": "object", "properties": .object(keys), "additionalProperties": false,
                ]
            ],
        ]
    }

    private static let draft = "https://json-schema.org/draft/2020-12/schema"

    /// The cases that follow from values given so far: a word of a choice, or the least value of a whole
    /// number, decides if with it the keys are others, or other ones must be given.
    private static func cases(of stage: any Stage.Type, given: [String: JSON]) throws -> [Case] {
        let base = try stage.schema(.object(given))
        for parameter in base.parameters where given[parameter.name] == nil {
            let words: [JSON]
            switch parameter.kind {
            case .choice(let all): words = all.map(JSON.string)
            case .integer(let range): words = [.integer(range.lowerBound)]
            default: continue
            }
            let deciding = try words.filter { word in
                form(try stage.schema(.object(given.merging([parameter.name: word]) { $1 })))
                    != form(base)
            }
            guard !deciding.isEmpty else { continue }
            var all = try deciding.flatMap {
                try cases(of: stage, given: given.merging([parameter.name: $0]) { $1 })
            }
            // What is left: the words that decide nothing, and the key not given.
            if case .choice = parameter.kind {
                let rest = words.filter { !deciding.contains($0) }
                for word in rest + (parameter.defaultValue == nil ? [] : [JSON.null])
                where word != .null || rest.isEmpty || parameter.defaultValue == .null {
                    all += try cases(of: stage, given: given.merging([parameter.name: word]) { $1 })
                }
            } else {
                // Another number; zero stands for none of those that decide.
                all += try cases(
                    of: stage, given: given.merging([parameter.name: .null]) { $1 })
            }
            return all
        }
        let probes = try base.parameters.flatMap { parameter -> [Schema] in
            guard case .choice(let words) = parameter.kind, given[parameter.name] == nil else {
                return []
            }
            return try words.map {
                try stage.schema(.object(given.merging([parameter.name: .string($0)]) { $1 }))
            }
        }
        return [
            Case(
                fixed: given.filter { !$0.value.isNull }, schema: base,
                values: values([base] + probes, []))
        ]
    }

    /// The different schemas of each key.
    private static func values(
        _ schemas: [Schema], _ further: [(String, [JSON])]
    ) -> [String: [JSON]] {
        var values: [String: [JSON]] = [:]
        func add(_ key: String, _ schema: JSON) {
            if values[key]?.contains(schema) != true { values[key, default: []].append(schema) }
        }
        for parameter in schemas.flatMap(\.parameters) { add(parameter.name, parameter.jsonSchema) }
        for (key, schemas) in further { schemas.forEach { add(key, $0) } }
        return values
    }

    /// What tells two schemas apart: the keys, and which of them must be given.
    private static func form(_ schema: Schema) -> [String] {
        schema.parameters.map { "\($0.name)\($0.defaultValue == nil ? "!" : "")" }.sorted()
    }

    // MARK: An experiment

    private static func experiment(_ kinds: [String]) -> JSON {
        let nodes = ["type": "array", "items": ["type": "string"]] as JSON
        func byKind(_ value: (String) -> JSON) -> JSON {
            // A name that begins with a star may be of any kind.
            let patterns =
                kinds.map { ("^\($0)(-|\\*|,|$)", value($0)) }
                + [("^[^,]*\\*", ["anyOf": .array(kinds.map(value))])]
            return [
                "type": "object",
                "patternProperties": .object(Dictionary(uniqueKeysWithValues: patterns)),
                "additionalProperties": false,
            ]
        }
        func changes(_ kind: String) -> JSON { ["$ref": .string("\(kind).json#/$defs/changes")] }
        let axis: JSON = ["type": ["array", "object"]]
        let properties: JSON = [
            "$schema": ["type": "string"],
            "extends": [
                "type": "string", "description": "the experiment whose nodes are taken over",
            ],
            "keep": described(nodes, "of those, the nodes to keep; default: all"),
            "drop": described(nodes, "of those, the nodes to leave out"),
            "change": described(
                byKind(changes),
                "new values for keys of nodes that are taken over; null takes one away"),
            "nodes": described(
                byKind { kind in
                    // Keys may be left to a matrix, or be those of another experiment's node.
                    ["anyOf": [changes(kind), ["type": "object", "required": ["extends"]]]]
                }, "further nodes; with extends, one of another experiment"),
            "matrix": described(
                byKind { _ in ["type": "object", "additionalProperties": axis] },
                "nodes to be multiplied: for each key a list of values, or an object of names and values"
            ),
        ]
        return [
            "$schema": .string(draft), "title": "An experiment", "type": "object",
            "properties": properties, "additionalProperties": false,
        ]
    }

    private static func described(_ schema: JSON, _ words: String) -> JSON {
        .object((schema.object ?? [:]).merging(["description": .string(words)]) { $1 })
    }
}
