// The config of a node before its stage has checked it: layers of keys, the later over the earlier,
// each from one file. A config file by itself is one layer; a node of an experiment that extends
// another has the layers of what it extends below its own.

import Artifacts
import Formats

/// The keys of one node, and the files that they come from.
public struct NodeConfig: Sendable {
    struct Layer: Sendable {
        enum Keys: Sendable {
            /// The whole file is the config.
            case file
            /// Part of an `experiment.json`: the keys of a node.
            case given([String: JSON])
            /// Part of an `experiment.json`: changes, where `null` takes a key away, as in a JSON Merge
            /// Patch (RFC 7396). `exact`: they name the node, so that what they take away must be there.
            case changes([String: JSON], exact: Bool)
        }

        let file: String
        let keys: Keys
    }

    /// The node.
    public let node: String
    private(set) var layers: [Layer]

    init(node: String, layers: [Layer]) {
        self.node = node
        self.layers = layers
    }

    /// A config that is a file of its own.
    init(node: String, file: String) {
        self.init(node: node, layers: [Layer(file: file, keys: .file)])
    }

    /// The same keys under another name, with changes.
    func renamed(_ node: String, _ changes: [String: JSON] = [:], in file: String) -> NodeConfig {
        let top = Layer(file: file, keys: .changes(changes, exact: true))
        return NodeConfig(node: node, layers: layers + (changes.isEmpty ? [] : [top]))
    }

    mutating func change(_ changes: [String: JSON], exact: Bool, in file: String) {
        layers.append(Layer(file: file, keys: .changes(changes, exact: exact)))
    }

    /// The files that it comes from, the first the lowest.
    public var files: [String] {
        layers.map(\.file).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// What messages call it: its file, or the file of the last layer and the node's name.
    public var name: String {
        if layers.count == 1, case .file = layers[0].keys { return layers[0].file }
        return "\(layers.last?.file ?? ""), \(node)"
    }

    /// Reads the files and puts the layers together.
    /// - Returns: the config as its stage checks it, and for each key the file that it is from.
    /// - Throws: `FormatFault` for a file that cannot be read, `ConfigFault` for one below others
    ///   that is no object, `StageFault` when a change takes away what is not there.
    public func read() throws -> (json: JSON, origins: [String: String]) {
        var (members, origins): ([String: JSON], [String: String]) = ([:], [:])
        func put(_ key: String, _ value: JSON, from file: String) {
            members[key] = value
            origins[key] = file
        }
        for layer in layers {
            switch layer.keys {
            case .file:
                let bytes = try MappedFile.read(layer.file)
                let json = try JSON.parse(bytes, named: layer.file, comments: true)
                guard let read = json.object else {
                    if layers.count == 1 { return (json, [:]) }
                    throw ConfigFault.notAnObject(file: layer.file, found: json.kind)
                }
                // What an editor is told of the file is no setting.
                for (key, value) in read where key != NodeConfig.editorKey {
                    put(key, value, from: layer.file)
                }
            case .given(let keys):
                for (key, value) in keys { put(key, value, from: layer.file) }
            case .changes(let changes, let exact):
                for (key, value) in changes.sorted(by: { $0.key < $1.key }) {
                    guard value.isNull else {
                        put(key, value, from: layer.file)
                        continue
                    }
                    if exact, members[key] == nil { throw missing(key, members, layer.file) }
                    members[key] = nil
                    origins[key] = nil
                }
            }
        }
        return (.object(members), origins)
    }

    /// The key by which a JSON file names its schema.
    public static let editorKey = "$schema"

    private func missing(_ key: String, _ members: [String: JSON], _ file: String) -> StageFault {
        let keys = members.keys.sorted()
        return StageFault(
            .badData,
            "\(file): null takes \(Shown.text(key)) away from \(node), which has no such key",
            remedy: Spelling.nearest(to: key, among: keys).map { "did you mean \($0)?" }
                ?? "it has \(keys.joined(separator: ", "))")
    }
}
