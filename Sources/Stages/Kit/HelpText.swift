// The part of `--help` that lists a stage's settings, made from its schemas.

import Artifacts

enum HelpText {
    /// The stage's own words, then its settings with range, unit, default and meaning.
    static func discussion<S: Stage>(of stage: S.Type) -> String {
        ([S.discussion] + S.helpSchemas.map(settings)).joined(separator: "\n\n")
    }

    static func settings(of schema: Schema) -> String {
        let lines = schema.parameters.map { parameter in
            "  \(parameter.flag) (\(facts(of: parameter)))\n      \(parameter.help)"
                + variants(of: parameter)
        }
        return "SETTINGS of \(schema.name), from the config, each also a flag:\n"
            + lines.joined(separator: "\n")
    }

    private static func facts(of parameter: Parameter) -> String {
        var facts = [parameter.domain]
        if let unit = parameter.unit { facts.append(unit) }
        switch parameter.defaultValue {
        case nil: facts.append("must be given")
        case .null?: facts.append("may be left out")
        case let value?: facts.append("default \(value.canonical)")
        }
        return facts.joined(separator: "; ")
    }

    /// The forms of an object of settings, with the keys of each.
    private static func variants(of parameter: Parameter) -> String {
        guard case .variants(let key, let variants) = parameter.kind else { return "" }
        return variants.map { variant in
            "\n      {\"\(key)\": \"\(variant.word)\"}: \(variant.help)"
                + variant.parameters.map {
                    "\n          \"\($0.name)\" (\(facts(of: $0))): \($0.help)"
                }.joined()
        }.joined()
    }
}
