// A parameter as a JSON Schema (draft 2020-12), so that an editor completes keys, shows what they mean
// and marks what is wrong while a config is written. It says what `check` does, in another language.

import Formats

extension Parameter {
    /// The schema of its values, with what it means.
    public var jsonSchema: JSON {
        var schema = kind.jsonSchema
        // `null` stands for a key that is not there.
        if defaultValue == .null { schema = ["anyOf": [schema, ["type": "null"]]] }
        var members = schema.object ?? [:]
        members["description"] = .string(
            [help, unit.map { "(\($0))" }].compactMap { $0 }
                .joined(separator: " "))
        if let defaultValue, !defaultValue.isNull { members["default"] = defaultValue }
        return .object(members)
    }
}

extension Parameter.Kind {
    /// The schema of values of this kind.
    var jsonSchema: JSON {
        switch self {
        case .number(let range): Parameter.Kind.number(in: range)
        case .numbers(let range):
            ["type": "array", "items": Parameter.Kind.number(in: range)]
        case .integer(let range):
            .object(
                ["type": "integer"]
                    .merging(
                        range.lowerBound > .min ? ["minimum": .integer(range.lowerBound)] : [:]
                    ) { $1 }
                    .merging(
                        range.upperBound < .max ? ["maximum": .integer(range.upperBound)] : [:]
                    ) { $1 })
        case .text: ["type": "string"]
        case .choice(let words): ["enum": .array(words.map(JSON.string))]
        case .flag: ["type": "boolean"]
        case .texts: ["type": "array", "items": ["type": "string"]]
        case .structure: ["type": ["array", "object"]]
        case .variants(let key, let variants):
            [
                "anyOf": .array(
                    variants.map { variant in
                        Schema(
                            variant.word, [Parameter.deciding(key, variants)] + variant.parameters
                        ).jsonSchema(fixed: [key: .string(variant.word)])
                    })
            ]
        }
    }

    /// A number in a range, or a fraction as a text, whose value no schema can compare with the range.
    private static func number(in range: ClosedRange<Double>) -> JSON {
        var number: [String: JSON] = ["type": "number"]
        if range.lowerBound == .leastNonzeroMagnitude {
            number["exclusiveMinimum"] = 0
        } else if range.lowerBound > -.greatestFiniteMagnitude {
            number["minimum"] = .number(range.lowerBound)
        }
        if range.upperBound < .greatestFiniteMagnitude {
            number["maximum"] = .number(range.upperBound)
        }
        return ["anyOf": [.object(number), ["type": "string", "pattern": .string(fraction)]]]
    }

    /// "8/255", with or without spaces.
    private static let fraction =
        "^ *-?[0-9.]+([eE][-+]?[0-9]+)? */ *-?[0-9.]+([eE][-+]?[0-9]+)? *$"
}

extension Schema {
    /// The schema of a config: an object of these keys and no others.
    /// - Parameter fixed: keys that have one value here, such as the attack that the others belong to.
    /// - Returns: the schema, in draft 2020-12.
    public func jsonSchema(fixed: [String: JSON] = [:]) -> JSON {
        var properties: [String: JSON] = [Schema.editorKey: ["type": "string"]]
        for parameter in parameters {
            var members = parameter.jsonSchema.object ?? [:]
            if let value = fixed[parameter.name] {
                members["enum"] = nil
                members["anyOf"] = nil
                members["const"] = value
            }
            properties[parameter.name] = .object(members)
        }
        let required = parameters.filter { parameter in
            // A value that is not the default must stand there, or it is another case.
            guard let value = fixed[parameter.name] else { return parameter.defaultValue == nil }
            return parameter.defaultValue != value
        }.map(\.name).sorted()
        return [
            "title": .string(name), "type": "object", "properties": .object(properties),
            "required": .array(required.map(JSON.string)), "additionalProperties": false,
        ]
    }

    private static let editorKey = "$schema"
}
