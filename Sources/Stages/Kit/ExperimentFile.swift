// `pipeline/<experiment>/experiment.json`: what an experiment takes over from another, and which nodes
// it has that are not files of their own.

import Artifacts
import Formats

/// An `experiment.json`, with every key of the right kind.
public struct ExperimentFile {
    /// The name of the file in an experiment's folder.
    public static let name = "experiment.json"

    let path: String
    /// The experiment whose nodes are taken over.
    private(set) var extends: String?
    /// Of those, the ones to keep; nil for all. And the ones to drop.
    private(set) var keep: [(text: String, pattern: NodePattern)]?
    private(set) var drop: [(text: String, pattern: NodePattern)] = []
    /// New values for keys of nodes that are taken over, sorted by text; `null` takes a key away.
    private(set) var change: [(text: String, pattern: NodePattern, keys: [String: JSON])] = []
    /// Further nodes.
    private(set) var nodes: [String: [String: JSON]] = [:]
    /// Nodes to be multiplied: for each key, by name, the values and what they add to the node's name.
    private(set) var matrix: [(text: String, pattern: NodePattern, axes: [Axis])] = []

    /// A key of a matrix and its values.
    struct Axis {
        let key: String
        let values: [(label: String, value: JSON)]
    }

    /// Reads the file.
    /// - Throws: `FormatFault`; `ConfigFault` for what is no such file; `StageFault`.
    init(_ path: String) throws {
        self.path = path
        let json = try JSON.parse(try MappedFile.read(path), named: path, comments: true)
        guard let members = json.object else {
            throw ConfigFault.notAnObject(file: path, found: json.kind)
        }
        let known = ["extends", "keep", "drop", "change", "nodes", "matrix"]
        for (key, value) in members.sorted(by: { $0.key < $1.key }) {
            switch key {
            case NodeConfig.editorKey: break
            case "extends":
                guard let text = value.string, NodeFinder.isName(text) else {
                    throw wrong(key, "the name of an experiment", value)
                }
                extends = text
            case "keep": keep = try patterns(key, value)
            case "drop": drop = try patterns(key, value)
            case "change":
                change = try entries(of: value, key).map { text, keys in
                    (text, try pattern(text, key), try object(keys, "\(key): \(text)"))
                }
            case "nodes":
                for (name, keys) in try entries(of: value, key) {
                    guard NodeFinder.isName(name), !name.contains("*") else {
                        throw StageFault(
                            .badData, "\(path): nodes: \(Shown.text(name)) cannot be a node's name",
                            remedy: "name it by letters, digits, '.', '_' and '-' only")
                    }
                    nodes[name] = try object(keys, "\(key): \(name)")
                }
            case "matrix":
                matrix = try entries(of: value, key).map { text, axes in
                    (text, try pattern(text, key), try self.axes(axes, text))
                }
            default:
                throw ConfigFault.unknown(
                    key: Shown.text(key), nearest: Spelling.nearest(to: key, among: known),
                    known: known, file: path)
            }
        }
        for (key, isGiven) in [
            ("keep", keep != nil), ("drop", !drop.isEmpty), ("change", !change.isEmpty),
        ] where isGiven && extends == nil {
            throw StageFault(
                .badData,
                "\(path): \(key) is about nodes of another experiment, and extends names none",
                remedy:
                    "add \"extends\": \"\(Node.mainExperiment)\", or write the nodes under nodes")
        }
    }

    private func wrong(_ key: String, _ expected: String, _ value: JSON) -> ConfigFault {
        let found = value.canonical
        return .wrongKind(
            key: Shown.text(key), expected: expected,
            found: found.count <= 80 ? Shown.text(found) : value.kind, file: path)
    }

    private func object(_ value: JSON, _ key: String) throws -> [String: JSON] {
        guard let members = value.object else {
            throw wrong(key, "an object of keys and values", value)
        }
        return members
    }

    private func entries(of value: JSON, _ key: String) throws -> [(key: String, value: JSON)] {
        guard let members = value.object else {
            throw wrong(key, "an object, { \"node\": { … } }", value)
        }
        return members.sorted { $0.key < $1.key }
    }

    private func pattern(_ text: String, _ key: String) throws -> NodePattern {
        guard let pattern = NodePattern(text) else {
            throw StageFault(
                .badData, "\(path): \(key): \"\(Shown.text(text))\" names no nodes",
                remedy:
                    "name one (attack-fgsm), several (attack-fgsm, attack-pgd) or a group (attack-*)"
            )
        }
        return pattern
    }

    private func patterns(_ key: String, _ value: JSON) throws
        -> [(text: String, pattern: NodePattern)]
    {
        guard let items = value.array, items.allSatisfy({ $0.string != nil }) else {
            throw wrong(key, "a list of nodes, [\"attack-fgsm\", \"sample-*\"]", value)
        }
        return try items.compactMap(\.string).map { ($0, try pattern($0, key)) }
    }

    private func axes(_ value: JSON, _ text: String) throws -> [Axis] {
        let keys = try object(value, "matrix: \(text)").sorted { $0.key < $1.key }
        guard !keys.isEmpty else { throw wrong("matrix: \(text)", "a key and its values", value) }
        return try keys.map { key, values in
            var named: [(label: String, value: JSON)]
            if let items = values.array {
                named = try items.map { (try label($0, text, key), $0) }
            } else if let members = values.object {
                named = members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            } else {
                throw wrong(
                    "matrix: \(text): \(key)",
                    "a list of values, or an object of names and values", values)
            }
            guard !named.isEmpty else {
                throw wrong("matrix: \(text): \(key)", "at least one value", values)
            }
            for (index, item) in named.enumerated() {
                // The label becomes the end of a name.
                guard NodeFinder.isName("x\(item.label)"), !item.label.isEmpty else {
                    throw unnameable(item.label, text, key)
                }
                if named[..<index].contains(where: { $0.label == item.label }) {
                    throw StageFault(
                        .badData, "\(path): matrix: \(text): \(key) has \(item.label) twice",
                        remedy: "list each value once")
                }
            }
            return Axis(key: key, values: named)
        }
    }

    /// What a value adds to a node's name: itself, as JSON writes it.
    private func label(_ value: JSON, _ text: String, _ key: String) throws -> String {
        switch value {
        case .string(let word): return word
        case .integer, .number, .bool: return value.canonical
        case .null, .array, .object: throw unnameable(value.canonical, text, key)
        }
    }

    private func unnameable(_ label: String, _ text: String, _ key: String) -> StageFault {
        StageFault(
            .badData,
            "\(path): matrix: \(text): \(key): \(Shown.text(label)) cannot be part of a node's name",
            remedy: "give the values names, as in { \"small\": [0.1], \"large\": [0.3] }")
    }
}
