// An attack's own settings, described as data: one list serves the config, the flags and --help.

/// One setting of an attack.
public struct Setting: Equatable, Sendable {
    /// What values it takes.
    public enum Kind: Equatable, Sendable {
        /// A real number within a range.
        case number(ClosedRange<Double>)
        /// A whole number within a range.
        case integer(ClosedRange<Int>)
        /// One of a few words.
        case choice([String])
        /// Yes or no.
        case flag
    }

    /// A setting's value.
    public enum Value: Equatable, Sendable {
        /// A real number.
        case number(Double)
        /// A whole number.
        case integer(Int)
        /// A word.
        case text(String)
        /// Yes or no.
        case flag(Bool)
    }

    /// The key in a config, in snake case.
    public let name: String
    /// What values it takes.
    public let kind: Kind
    /// What it is if nobody says.
    public let standard: Value
    /// The unit, if it has one.
    public let unit: String?
    /// What it does, in a line.
    public let help: String

    /// Describes a setting.
    public init(
        _ name: String, _ kind: Kind, default standard: Value, unit: String? = nil, help: String
    ) {
        (self.name, self.kind, self.standard) = (name, kind, standard)
        (self.unit, self.help) = (unit, help)
    }
}

/// The values of an attack's settings; those not given are the defaults.
public struct SettingValues: Equatable, Sendable {
    private var values: [String: Setting.Value]

    /// Defaults, overridden by `values`.
    public init(_ settings: [Setting], _ values: [String: Setting.Value] = [:]) {
        self.values = Dictionary(
            settings.map { ($0.name, values[$0.name] ?? $0.standard) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Those of some settings, with some flags switched off.
    func restricted(to settings: [Setting], without flags: Set<String>) -> SettingValues {
        var kept = SettingValues(settings, values)
        for name in flags where kept.values[name] != nil {
            kept.values[name] = .flag(false)
        }
        return kept
    }

    /// A real number, rounded to Float; 0 if there is none of that name.
    public func float(_ name: String) -> Float {
        if case .number(let value) = values[name] { return Float(value) }
        return Float(integer(name))
    }

    /// A whole number; 0 if there is none of that name.
    public func integer(_ name: String) -> Int {
        if case .integer(let value) = values[name] { return value }
        return 0
    }

    /// A word; empty if there is none of that name.
    public func text(_ name: String) -> String {
        if case .text(let value) = values[name] { return value }
        return ""
    }

    /// Yes or no; no if there is none of that name.
    public func flag(_ name: String) -> Bool { values[name] == .flag(true) }
}
