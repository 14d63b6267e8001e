// JSON as a value: what configs, records and safetensors headers are made of.
// Parsing (through json-c) and writing (our own, byte-stable) live in the files beside this one.

/// One JSON value. Integers and other numbers are told apart by how they are written:
/// `1` is an integer, `1.0` and `1e3` are numbers; both answer to `double`.
public enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    /// The text of a string; nil for anything else.
    public var string: String? { if case .string(let value) = self { value } else { nil } }

    /// The value of an integer; nil for anything else, `1.0` included.
    public var int: Int? { if case .integer(let value) = self { Int(exactly: value) } else { nil } }

    /// The value of an integer or a number; nil for anything else.
    public var double: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// True or false; nil for anything else.
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    /// The items of an array; nil for anything else.
    public var array: [JSON]? { if case .array(let value) = self { value } else { nil } }

    /// The members of an object; nil for anything else.
    public var object: [String: JSON]? {
        if case .object(let value) = self { value } else { nil }
    }

    /// Whether this is `null`.
    public var isNull: Bool { self == .null }

    /// The member of an object with this name; nil when there is none or this is no object.
    public subscript(key: String) -> JSON? { object?[key] }

    /// The item of an array at this place; nil when there is none or this is no array.
    public subscript(index: Int) -> JSON? {
        guard let array, array.indices.contains(index) else { return nil }
        return array[index]
    }

    /// The kind of value in plain words, for messages: "a string", "an integer".
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "true or false"
        case .integer: "an integer"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
    ExpressibleByNilLiteral
{
    /// A string, written as a literal.
    public init(stringLiteral value: String) { self = .string(value) }
    /// An integer, written as a literal.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// A number, written as a literal.
    public init(floatLiteral value: Double) { self = .number(value) }
    /// True or false, written as a literal.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    /// A list, written as a literal.
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    /// `null`, written as a literal.
    public init(nilLiteral: ()) { self = .null }
    /// An object; of a repeated key the last value counts.
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
    }
}
