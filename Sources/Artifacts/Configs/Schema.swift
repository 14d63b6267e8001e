// All parameters of a stage, and how a config file plus flags become a checked `Config`: every
// key known, every value in range, every default filled in. What passes here is canonical: two
// files that mean the same give the same bytes, so comments, spaces and order never matter.

import Formats

/// The parameters that a stage reads.
public struct Schema: Sendable {
    /// What the parameters are for, such as "train" or "attack fgsm"; for messages and help.
    public let name: String
    /// The parameters, in the order in which help lists them.
    public let parameters: [Parameter]

    /// A schema of these parameters; their names must differ.
    public init(_ name: String, _ parameters: [Parameter]) {
        precondition(
            Set(parameters.map(\.name)).count == parameters.count,
            "schema \(name) lists a parameter twice")
        self.name = name
        self.parameters = parameters
    }

    /// The parameter of this name, if there is one.
    public func parameter(_ name: String) -> Parameter? {
        parameters.first { $0.name == name }
    }

    /// Checks a config and fills in its defaults.
    /// - Parameters:
    ///   - json: the config file's content, an object.
    ///   - overrides: values given as flags, by key; they win over the file's.
    ///   - file: the config's name, for messages.
    ///   - origins: for keys that are from other files, those; for messages too.
    /// - Returns: the config with every parameter present, but for those that are left out.
    /// - Throws: `ConfigFault` for the first key, in alphabetical order, that is wrong.
    public func resolve(
        _ json: JSON, overrides: [String: String] = [:], file: String,
        origins: [String: String] = [:]
    ) throws -> Config {
        guard let members = json.object else {
            throw ConfigFault.notAnObject(file: file, found: json.kind)
        }
        for key in members.keys.sorted() where parameter(key) == nil {
            throw unknown(key, origins[key] ?? file)
        }
        for key in overrides.keys.sorted() where parameter(key) == nil {
            throw unknown(key, ConfigFault.commandLine)
        }
        var values: [String: JSON] = [:]
        for parameter in parameters.sorted(by: { $0.name < $1.name }) {
            if let text = overrides[parameter.name] {
                values[parameter.name] = try parameter.read(text)
            } else if let given = members[parameter.name],
                !(given.isNull && parameter.defaultValue == .null)
            {
                values[parameter.name] = try parameter.check(
                    given, file: origins[parameter.name] ?? file)
            } else if let value = parameter.defaultValue {
                if value.isNull, parameter.isLeftOut { continue }
                values[parameter.name] =
                    value.isNull
                    ? .null : try parameter.check(value, file: "the defaults of \(name)")
            } else {
                throw ConfigFault.missing(key: parameter.name, help: parameter.help, file: file)
            }
        }
        return Config(values: values, file: file)
    }

    /// Checks those values that are one word of a few. They may decide which other keys there are, so a
    /// slip in one of them has to be told before what follows from it.
    /// - Throws: `ConfigFault` for the first, in alphabetical order, that is none of its words.
    public func checkChoices(
        _ json: JSON, overrides: [String: String], file: String, origins: [String: String] = [:]
    ) throws {
        for parameter in parameters.sorted(by: { $0.name < $1.name }) {
            guard case .choice = parameter.kind else { continue }
            if let text = overrides[parameter.name] {
                _ = try parameter.read(text)
            } else if let given = json[parameter.name], !given.isNull {
                _ = try parameter.check(given, file: origins[parameter.name] ?? file)
            }
        }
    }

    private func unknown(_ key: String, _ file: String) -> ConfigFault {
        let names = parameters.map(\.name)
        return .unknown(
            key: key, nearest: Spelling.nearest(to: key, among: names), known: names, file: file)
    }
}
