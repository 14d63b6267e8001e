// An attack's own settings, described as data: one list serves the config, the flags and --help.

/// One setting of an attack.
public struct SettingDescription: Equatable, Sendable {
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
    private var values: [String: SettingDescription.Value]

    /// Defaults, overridden by `values`.
    public init(
        _ settings: [SettingDescription], _ values: [String: SettingDescription.Value] = [:]
    ) {
        self.values = Dictionary(
            settings.map { ($0.name, values[$0.name] ?? $0.standard) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The value of that name, as given or by default; nil where there is no such setting.
    public subscript(name: String) -> SettingDescription.Value? { values[name] }

    /// The same, but for one value, where there is a setting of that name.
    func replacing(_ name: String, with value: SettingDescription.Value) -> SettingValues {
        var changed = self
        if changed.values[name] != nil { changed.values[name] = value }
        return changed
    }
}
