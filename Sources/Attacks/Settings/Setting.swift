// Settings as properties of an attack, in the way that swift-argument-parser declares options: the
// property is what the attack computes with, and its declaration is what the config, the flags, the
// help and the report are made from.

import Synchronization

/// One setting of an attack, declared with its default, its range and its help:
///
///     @Setting(40, in: 1...1_000_000, unit: "steps", "gradient steps of a run") var steps: Int
///
/// The key in a config is the property's name in snake case. Numbers are taken in single precision,
/// whatever the property's type, so that a config means the same everywhere.
@propertyWrapper
public final class Setting<Value: SettingValue>: Sendable {
    private let stored: Mutex<Value>
    /// What it is if nobody says.
    private let standard: SettingDescription.Value
    private let kind: SettingDescription.Kind
    private let unit: String?
    private let help: String

    private init(
        _ value: Value, _ standard: SettingDescription.Value, _ kind: SettingDescription.Kind,
        unit: String? = nil, _ help: String
    ) {
        stored = Mutex(value)
        (self.standard, self.kind) = (standard, kind)
        (self.unit, self.help) = (unit, help)
    }

    /// The value. Set it before the attack runs: copies of an attack share its settings.
    public var wrappedValue: Value {
        get { stored.withLock { $0 } }
        set { stored.withLock { $0 = newValue } }
    }
}

/// What a setting may be: a number, a word of a list, yes or no.
public protocol SettingValue: Sendable {
    /// The value that a config's value stands for; nil for one of another kind.
    init?(_ value: SettingDescription.Value)
}

extension Int: SettingValue {
    /// A whole number.
    public init?(_ value: SettingDescription.Value) {
        guard case .integer(let number) = value else { return nil }
        self = number
    }
}

extension Float: SettingValue {
    /// A real or whole number.
    public init?(_ value: SettingDescription.Value) {
        switch value {
        case .number(let number): self = Float(number)
        case .integer(let number): self = Float(number)
        case .text, .flag: return nil
        }
    }
}

extension Double: SettingValue {
    /// A real or whole number, in single precision.
    public init?(_ value: SettingDescription.Value) {
        guard let number = Float(value) else { return nil }
        self = Double(number)
    }
}

extension Bool: SettingValue {
    /// Yes or no.
    public init?(_ value: SettingDescription.Value) {
        guard case .flag(let flag) = value else { return nil }
        self = flag
    }
}

extension String: SettingValue {
    /// A word.
    public init?(_ value: SettingDescription.Value) {
        guard case .text(let text) = value else { return nil }
        self = text
    }
}

extension SettingValue where Self: RawRepresentable, RawValue == String {
    /// A word of the type's list.
    public init?(_ value: SettingDescription.Value) {
        guard case .text(let text) = value else { return nil }
        self.init(rawValue: text)
    }
}

extension Setting where Value == Int {
    /// A whole number.
    public convenience init(
        _ standard: Int, in range: ClosedRange<Int>, unit: String? = nil, _ help: String
    ) {
        self.init(standard, .integer(standard), .integer(range), unit: unit, help)
    }
}

extension Setting where Value: BinaryFloatingPoint {
    /// A real number.
    public convenience init(
        _ standard: Double, in range: ClosedRange<Double>, unit: String? = nil, _ help: String
    ) {
        self.init(
            Value(Float(standard)), .number(standard), .number(range), unit: unit, help)
    }
}

extension Setting where Value == Bool {
    /// Yes or no.
    public convenience init(_ standard: Bool, _ help: String) {
        self.init(standard, .flag(standard), .flag, help)
    }
}

extension Setting where Value == String {
    /// One of a list of words that the program makes.
    public convenience init(_ standard: String, among words: [String], _ help: String) {
        self.init(standard, .text(standard), .choice(words), help)
    }
}

extension Setting
where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the words of a type.
    public convenience init(_ standard: Value, _ help: String) {
        self.init(
            standard, .text(standard.rawValue), .choice(Value.allCases.map(\.rawValue)), help)
    }
}

/// Settings that several attacks share, as one property of each.
public protocol SettingGroup: Sendable {}

/// A setting of whatever type.
protocol AnySetting {
    func described(as name: String) -> SettingDescription
    /// Takes a config's value; one of another kind is a mistake of the caller, and changes nothing.
    func take(_ value: SettingDescription.Value)
}

extension Setting: AnySetting {
    func described(as name: String) -> SettingDescription {
        SettingDescription(name, kind, default: standard, unit: unit, help: help)
    }

    func take(_ value: SettingDescription.Value) {
        if let value = Value(value) { wrappedValue = value }
    }
}

/// The settings that a value declares, in the order of their declarations.
enum DeclaredSettings {
    /// With their names in a config; those of a group stand where the group does.
    static func of(_ owner: Any) -> [(name: String, setting: any AnySetting)] {
        Mirror(reflecting: owner).children.flatMap { label, value in
            if let setting = value as? any AnySetting {
                return [(snakeCase(label ?? ""), setting)]
            }
            return value is any SettingGroup ? of(value) : []
        }
    }

    /// "_stepSize" becomes "step_size".
    private static func snakeCase(_ label: String) -> String {
        label.drop { $0 == "_" }.reduce(into: "") { name, letter in
            name += letter.isUppercase ? "_" + letter.lowercased() : String(letter)
        }
    }
}
