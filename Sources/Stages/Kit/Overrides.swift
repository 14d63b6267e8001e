// `--set train-mlp.epochs=3`: values for keys of any node's config, for one run. Make hands the same
// list to every stage and to the tool that looks at the pipeline, so that a value counts everywhere
// at once: what it makes stale runs, and without it the old results come back from the store.

import Artifacts
import Formats

/// Values for keys of configs, given on the command line.
///
/// A word may name several nodes, `attack-*.epsilons=0.1`; it then counts for those whose config gives
/// such a key.
public struct Overrides: Sendable {
    private let given: [(node: String, key: String, value: String)]

    /// Reads words of the form `node.key=value`.
    /// - Throws: `StageFault` with exit code 64.
    public init(_ words: [String] = []) throws {
        given = try words.map { word in
            let sides = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            // A node's name may have a dot in it, a key has none.
            guard sides.count == 2, let dot = sides[0].lastIndex(of: "."),
                dot != sides[0].startIndex, sides[0].index(after: dot) != sides[0].endIndex
            else {
                throw StageFault(
                    .usage, "\(Shown.text(word)): expected node.key=value",
                    remedy:
                        "such as SET=\"train-mlp.epochs=3\" or --set train-mlp.epochs=3; a value "
                        + "with a space in it belongs into a config of your own, since SET is "
                        + "divided at spaces")
            }
            return (
                String(sides[0][..<dot]), String(sides[0][sides[0].index(after: dot)...]),
                String(sides[1])
            )
        }
    }

    /// The nodes that are named in full.
    public var nodes: Set<String> { Set(given.map(\.node).filter { !$0.contains("*") }) }

    /// Refuses a word for several nodes that none of them takes.
    /// - Parameter configs: the nodes of the experiment.
    /// - Throws: `StageFault` with exit code 64; what `NodeConfig.read` throws.
    public func checkGroups(_ configs: [String: NodeConfig]) throws {
        for (pattern, key, _) in given where pattern.contains("*") {
            let nodes = configs.keys.filter { NodePattern(pattern)?.matches($0) ?? false }
            guard !nodes.isEmpty else {
                throw StageFault(
                    .usage, "SET: \(Shown.text(pattern)) means no node",
                    remedy: "the nodes are \(configs.keys.sorted().joined(separator: ", "))")
            }
            let word = key.replacing("-", with: "_")
            let keys = try nodes.flatMap {
                try configs[$0]?.read().json.object?.keys.map { $0 } ?? []
            }
            guard keys.contains(word) else {
                throw StageFault(
                    .usage,
                    "SET: \(Shown.text(pattern)).\(Shown.text(key)): none of the \(nodes.count) nodes "
                        + "gives such a key",
                    remedy: Spelling.nearest(to: word, among: Set(keys).sorted())
                        .map { "did you mean \($0)?" }
                        ?? "they give \(Set(keys).sorted().joined(separator: ", "))")
            }
        }
    }

    /// A value for one node.
    struct Value {
        let key: String
        let value: String
        /// Whether the node is one of several that a word is for, so that it need not give the key.
        let isForGroup: Bool
    }

    /// The values for one node: those for a group first, so that what names it counts.
    func values(of node: String) -> [Value] {
        let values = given.compactMap { given -> Value? in
            let isForGroup = given.node.contains("*")
            let isMeant =
                isForGroup ? NodePattern(given.node)?.matches(node) ?? false : given.node == node
            return isMeant
                ? Value(key: given.key, value: given.value, isForGroup: isForGroup) : nil
        }
        return values.filter(\.isForGroup) + values.filter { !$0.isForGroup }
    }
}

extension Stage {
    /// A node's config from its files, with values given for keys of it.
    static func config(_ source: NodeConfig, with given: SettingFlags) throws -> Config {
        let (json, origins) = try source.read()
        let given = given.limited(to: json)
        // A setting may decide which others there are (an attack's name), so it is applied first, and a
        // word that is none is refused before a key that it would have brought.
        let schema = try self.schema(given.applied(to: json))
        try schema.checkChoices(
            json, overrides: given.texts, file: source.name, origins: origins)
        return try schema.resolve(
            json, overrides: given.matched(with: schema), file: source.name, origins: origins)
    }
}
