// `--learning-rate 0.1`, `--learning-rate=0.1`, `--verbose`, `--no-verbose`: what the argument parser
// does not know, matched with the keys of a config.

import Artifacts
import Formats

/// Flags, and values of `SET`, that stand for keys of a config.
struct SettingFlags {
    private struct Given {
        let key: String
        let value: String?
        /// As it was written: `--step-size`, or `attack-pgd.step_size` where it is from `SET`.
        let shown: String
        /// The node that `SET` names; nil for a flag.
        var node: String?
        /// Whether it is for several nodes, so that this one need not give the key.
        var isForGroup = false
    }

    private let given: [Given]

    /// Splits what the argument parser left over.
    /// - Parameters:
    ///   - words: the flags, which win over the values.
    ///   - set: the values of `SET` for a node.
    ///   - node: the node.
    /// - Throws: `StageFault` with exit code 64.
    init(_ words: [String] = [], set: [Overrides.Value] = [], of node: String = "") throws {
        var given = set.map {
            Given(
                key: SettingFlags.key($0.key[...]), value: $0.value, shown: "\(node).\($0.key)",
                node: node, isForGroup: $0.isForGroup)
        }
        func add(_ flag: String, _ value: String?) {
            given.append(
                Given(key: SettingFlags.key(flag.dropFirst(2)), value: value, shown: flag))
        }
        var index = 0
        while index < words.count {
            let word = words[index]
            guard word.hasPrefix("--"), word.count > 2 else {
                throw StageFault(
                    .usage, "unexpected \"\(word)\"", remedy: "settings are written --name value")
            }
            index += 1
            if let equals = word.firstIndex(of: "=") {
                add(String(word[..<equals]), String(word[word.index(after: equals)...]))
            } else if index < words.count, !words[index].hasPrefix("--") {
                add(word, words[index])
                index += 1
            } else {
                add(word, nil)
            }
        }
        self.given = given
    }

    private init(given: [Given]) { self.given = given }

    /// Without what is for a group of nodes and not given in this one's config.
    func limited(to json: JSON) -> SettingFlags {
        SettingFlags(given: given.filter { !$0.isForGroup || json[$0.key] != nil })
    }

    /// The values by key, those that need no schema to be understood.
    var texts: [String: String] {
        given.reduce(into: [:]) { texts, item in
            if let value = item.value { texts[item.key] = value }
        }
    }

    /// A config with texts put in as given, for a schema that depends on them.
    func applied(to json: JSON) -> JSON {
        guard let members = json.object else { return json }
        return .object(members.merging(texts.mapValues(JSON.string)) { $1 })
    }

    /// The values by key.
    /// - Throws: `StageFault` with exit code 64 for what is no key of the schema.
    func matched(with schema: Schema) throws -> [String: String] {
        var values: [String: String] = [:]
        for item in given {
            var text = item.value
            var parameter = schema.parameter(item.key)
            if case .flag? = parameter?.kind, text == nil { text = "true" }
            if parameter == nil, item.key.hasPrefix("no_"), text == nil,
                let negated = schema.parameter(String(item.key.dropFirst(3))),
                case .flag = negated.kind
            {
                parameter = negated
                text = "false"
            }
            guard let parameter else { throw SettingFlags.unknown(item, schema) }
            guard let text else {
                throw StageFault(
                    .usage, "\(item.shown) needs a value (\(parameter.domain))",
                    remedy: "write \(item.shown) value")
            }
            values[parameter.name] = text
        }
        return values
    }

    private static func unknown(_ item: Given, _ schema: Schema) -> StageFault {
        guard let node = item.node else {
            let flags = schema.parameters.map(\.flag)
            return StageFault(
                .usage, "unknown flag \(item.shown)",
                remedy: Spelling.nearest(to: item.shown, among: flags).map { "did you mean \($0)?" }
                    ?? "the settings here are \(flags.sorted().joined(separator: ", "))")
        }
        let keys = schema.parameters.map(\.name)
        return StageFault(
            .usage, "SET: \(Shown.text(item.shown)): \(node) has no key \(Shown.text(item.key))",
            remedy: Spelling.nearest(to: item.key, among: keys).map {
                "did you mean \(node).\($0)?"
            }
                ?? "its keys are \(keys.sorted().joined(separator: ", "))")
    }

    private static func key(_ flag: Substring) -> String {
        String(flag.map { $0 == "-" ? "_" : $0 })
    }
}
