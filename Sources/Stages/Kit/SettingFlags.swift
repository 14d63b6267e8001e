// `--learning-rate 0.1`, `--learning-rate=0.1`, `--verbose`, `--no-verbose`: what the argument parser
// does not know, matched with the keys of a config.

import Artifacts
import Formats

/// Flags that stand for keys of a config.
struct SettingFlags {
    private let given: [(flag: String, value: String?)]

    /// Splits what the argument parser left over.
    /// - Throws: `StageFault` with exit code 64.
    init(_ words: [String]) throws {
        var given: [(flag: String, value: String?)] = []
        var index = 0
        while index < words.count {
            let word = words[index]
            guard word.hasPrefix("--"), word.count > 2 else {
                throw StageFault(
                    .usage, "unexpected \"\(word)\"", remedy: "settings are written --name value")
            }
            index += 1
            if let equals = word.firstIndex(of: "=") {
                given.append((String(word[..<equals]), String(word[word.index(after: equals)...])))
            } else if index < words.count, !words[index].hasPrefix("--") {
                given.append((word, words[index]))
                index += 1
            } else {
                given.append((word, nil))
            }
        }
        self.given = given
    }

    /// A config with texts put in as given, for a schema that depends on them.
    func applied(to json: JSON) -> JSON {
        guard var members = json.object else { return json }
        for (flag, value) in given {
            if let value { members[SettingFlags.key(flag)] = .string(value) }
        }
        return .object(members)
    }

    /// The values by key.
    /// - Throws: `StageFault` with exit code 64 for a flag that is no key of the schema.
    func matched(with schema: Schema) throws -> [String: String] {
        var values: [String: String] = [:]
        for (flag, value) in given {
            let key = SettingFlags.key(flag)
            var text = value
            var parameter = schema.parameter(key)
            if case .flag? = parameter?.kind, value == nil { text = "true" }
            if parameter == nil, key.hasPrefix("no_"), value == nil,
                let negated = schema.parameter(String(key.dropFirst(3))), case .flag = negated.kind
            {
                parameter = negated
                text = "false"
            }
            guard let parameter else {
                let flags = schema.parameters.map(\.flag)
                let remedy =
                    Spelling.nearest(to: flag, among: flags).map { "did you mean \($0)?" }
                    ?? "the settings here are \(flags.sorted().joined(separator: ", "))"
                throw StageFault(.usage, "unknown flag \(flag)", remedy: remedy)
            }
            guard let text else {
                throw StageFault(
                    .usage, "\(flag) needs a value (\(parameter.domain))",
                    remedy: "write \(flag) value")
            }
            values[parameter.name] = text
        }
        return values
    }

    private static func key(_ flag: String) -> String {
        String(flag.dropFirst(2).map { $0 == "-" ? "_" : $0 })
    }
}
