// A checked config: every parameter has a value of its kind and in its range.

import Formats

/// The settings of one run of a stage.
public struct Config: Sendable, Equatable {
    /// Every parameter by key, defaults filled in; `json.canonical` is part of the run's key.
    public var json: JSON { .object(values) }
    /// Where it was read from, for messages.
    public let file: String
    private let values: [String: JSON]

    init(values: [String: JSON], file: String) {
        self.values = values
        self.file = file
    }

    /// Takes a config from a record, where it was checked before it was written.
    public init(recorded json: JSON, file: String) {
        self.init(values: json.object ?? [:], file: file)
    }

    /// Whether an optional parameter (one whose default is `null`) has a value.
    public func isSet(_ key: String) -> Bool { !(values[key]?.isNull ?? true) }

    /// A number.
    /// - Throws: `ConfigFault.undeclared` when the schema has no such number.
    public func number(_ key: String) throws -> Double {
        try value(key, as: "a number", \.double)
    }

    /// A number, rounded once to 32 bits.
    /// - Throws: `ConfigFault.undeclared` when the schema has no such number.
    public func float(_ key: String) throws -> Float { Float(try number(key)) }

    /// A whole number.
    /// - Throws: `ConfigFault.undeclared` when the schema has no such integer.
    public func integer(_ key: String) throws -> Int {
        try value(key, as: "an integer", \.int)
    }

    /// A list of numbers.
    /// - Throws: `ConfigFault.undeclared` when the schema has no such list.
    public func numbers(_ key: String) throws -> [Double] {
        try value(key, as: "a list of numbers", \.array).compactMap(\.double)
    }

    /// A text, or one word of a choice.
    /// - Throws: `ConfigFault.undeclared` when the schema has no such text.
    public func text(_ key: String) throws -> String {
        try value(key, as: "a text", \.string)
    }

    /// A list of texts.
    /// - Throws: `ConfigFault.undeclared` when the schema has no such list.
    public func texts(_ key: String) throws -> [String] {
        try value(key, as: "a list of texts", \.array).compactMap(\.string)
    }

    /// A list or an object.
    /// - Throws: `ConfigFault.undeclared` when the schema has no such structure.
    public func structure(_ key: String) throws -> JSON {
        try value(key, as: "a list or an object") { $0.array != nil || $0.object != nil ? $0 : nil }
    }

    /// True or false.
    /// - Throws: `ConfigFault.undeclared` when the schema has no such flag.
    public func flag(_ key: String) throws -> Bool {
        try value(key, as: "true or false", \.bool)
    }

    private func value<T>(_ key: String, as kind: String, _ read: (JSON) -> T?) throws -> T {
        guard let json = values[key], let value = read(json) else {
            throw ConfigFault.undeclared(key: key, asked: kind)
        }
        return value
    }
}
