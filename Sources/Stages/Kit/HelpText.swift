// The part of `--help` that lists a stage's settings, made from its schemas.

import Artifacts

enum HelpText {
    /// The stage's own words, then its settings with range, unit, default and meaning.
    static func discussion<S: Stage>(of stage: S.Type) -> String {
        ([S.discussion] + S.helpSchemas.map(settings)).joined(separator: "\n\n")
    }

    static func settings(of schema: Schema) -> String {
        let lines = schema.parameters.map { parameter in
            var facts = [parameter.domain]
            if let unit = parameter.unit { facts.append(unit) }
            switch parameter.defaultValue {
            case nil: facts.append("must be given")
            case .null?: facts.append("may be left out")
            case let value?: facts.append("default \(value.canonical)")
            }
            return "  \(parameter.flag) (\(facts.joined(separator: "; ")))\n      \(parameter.help)"
        }
        return "SETTINGS of \(schema.name), from the config, each also a flag:\n"
            + lines.joined(separator: "\n")
    }
}
