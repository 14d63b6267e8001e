// What can be wrong in JSON text, and how to say it.

/// A fault at one place of a JSON text.
public enum JSONProblem: Equatable, Sendable, CustomStringConvertible {
    case empty
    case incomplete
    case tooLarge(bytes: Int)
    case notUTF8
    case unexpected(String)
    case trailing(String)
    case comment
    case unterminated(String)
    case controlCharacter(UInt8)
    case badEscape
    case loneSurrogate
    case nulInKey
    case duplicateKey(String?)
    case tooDeep(limit: Int)
    case badNumber(String)
    case integerOutOfRange(String)
    case numberOutOfRange
    case syntax(String)

    /// The problem as part of a sentence, after the place.
    public var description: String {
        switch self {
        case .empty: "there is no JSON here; the text is empty"
        case .incomplete: "the text ends before the value is complete"
        case .tooLarge(let bytes): "the text has \(bytes) bytes; at most 2^30 are read"
        case .notUTF8: "these bytes are not UTF-8"
        case .unexpected(let found): "unexpected \(found)"
        case .trailing(let found): "unexpected \(found) after the end of the value"
        case .comment: "comments are not allowed in this file"
        case .unterminated(let what): "this \(what) is never closed"
        case .controlCharacter(let byte):
            "control character \(byte) in a string; write it as an escape such as \\n"
        case .badEscape: "this escape is none of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX"
        case .loneSurrogate:
            "this \\u escape is half of a surrogate pair, and the other half is missing"
        case .nulInKey: "a key may not contain \\u0000"
        case .duplicateKey(let key?): "the key \"\(key)\" is given twice in one object; keep one"
        case .duplicateKey(nil): "a key is given twice in one object, written in two ways; keep one"
        case .tooDeep(let limit): "nested deeper than \(limit) levels"
        case .badNumber(let text): "\(text) is not a JSON number"
        case .integerOutOfRange(let text): "the integer \(text) does not fit in 64 bits"
        case .numberOutOfRange: "a number is too large for a double"
        case .syntax(let words): words
        }
    }
}
