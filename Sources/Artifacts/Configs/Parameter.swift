// One key of a config: its kind, range, unit, default and meaning, written once. Checking, help
// texts and messages all come from here.

import Formats

/// A setting of a stage: a key in its JSON config and, in kebab-case, a flag of its command.
public struct Parameter: Sendable {
    /// What values a parameter takes.
    public enum Kind: Sendable {
        /// A number; also written as a fraction, `"8/255"`.
        case number(ClosedRange<Double>)
        /// A whole number.
        case integer(ClosedRange<Int64>)
        /// A list of numbers, each in the range.
        case numbers(ClosedRange<Double>)
        /// Any text.
        case text
        /// One of a few words.
        case choice([String])
        /// True or false.
        case flag
        /// A list of texts.
        case texts
        /// A list or an object with a grammar of its own, which the stage checks.
        case structure
        /// An object of settings; one of them, `by`, is a word that decides which others there are.
        case variants(by: String, [Variant])
    }

    /// The key, in snake_case.
    public let name: String
    /// What values it takes.
    public let kind: Kind
    /// The value when none is given; nil means that one must be given, `null` that it may be absent.
    public let defaultValue: JSON?
    /// The unit of its values, such as "pixels, 0…1".
    public let unit: String?
    /// One line on what it does.
    public let help: String
    /// Whether the key is left out of the checked config where it has no value. A setting that comes to a
    /// stage later than its first results is, so that their configs stay as they were.
    public let isLeftOut: Bool

    /// Describes a parameter.
    /// - Parameters:
    ///   - name: the key, in snake_case.
    ///   - kind: what values it takes.
    ///   - default: the value when none is given; without a default it must be given, and with
    ///     `.null` it may be absent (see `Config.isSet`).
    ///   - unit: the unit of its values.
    ///   - isLeftOut: whether the key is left out of the checked config where it has no value.
    ///   - help: one line on what it does.
    public init(
        _ name: String, _ kind: Kind, default: JSON? = nil, unit: String? = nil,
        isLeftOut: Bool = false, help: String
    ) {
        self.name = name
        self.kind = kind
        self.defaultValue = `default`
        self.unit = unit
        self.isLeftOut = isLeftOut
        self.help = help
    }

    /// The name as a flag of a command: `--learning-rate` for `learning_rate`.
    public var flag: String { "--" + String(name.map { $0 == "_" ? "-" : $0 }) }

    /// The kind with its range in words, as in help texts: "number 0…1".
    public var domain: String {
        switch kind {
        case .number(let range): join("number", Parameter.words(range))
        case .integer(let range): join("integer", Parameter.words(range))
        case .numbers(let range): join("numbers", Parameter.words(range))
        case .text: "text"
        case .choice(let words): words.joined(separator: " | ")
        case .flag: "true | false"
        case .texts: "texts"
        case .structure: "list or object"
        case .variants(let key, let variants):
            "object with \(key): " + variants.map(\.word).joined(separator: " | ")
        }
    }

    private func join(_ noun: String, _ range: String) -> String {
        range.isEmpty ? noun : "\(noun) \(range)"
    }

    /// A range in words: "0…1", "at least 0", "above 0", or nothing when everything is in it.
    static func words(_ range: ClosedRange<Double>) -> String {
        let opensAtZero = range.lowerBound == .leastNonzeroMagnitude
        let low = opensAtZero ? "0" : words(range.lowerBound)
        switch (range.lowerBound.isFinite, range.upperBound < Double.greatestFiniteMagnitude) {
        case (true, true):
            return opensAtZero
                ? "above 0, at most \(words(range.upperBound))"
                : "\(low)…\(words(range.upperBound))"
        case (true, false): return opensAtZero ? "above 0" : "at least \(low)"
        case (false, true): return "at most \(words(range.upperBound))"
        case (false, false): return ""
        }
    }

    static func words(_ range: ClosedRange<Int64>) -> String {
        switch (range.lowerBound > .min, range.upperBound < .max) {
        case (true, true): "\(range.lowerBound)…\(range.upperBound)"
        case (true, false): "at least \(range.lowerBound)"
        case (false, true): "at most \(range.upperBound)"
        case (false, false): ""
        }
    }

    /// A number as people write it: 25, 0.1, 1e-05.
    static func words(_ value: Double) -> String {
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return value.description
    }
}
