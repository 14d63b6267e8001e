// What can be wrong with a gzip file, and how to say it.

/// A fault of a gzip stream.
public enum GzipProblem: Equatable, Sendable, CustomStringConvertible {
    case notGzip([UInt8])
    case truncated(after: Int)
    case damaged(String)
    case trailing(bytes: Int)
    case tooLarge(limit: Int)
    case memory

    /// The problem as part of a sentence, after the file's name.
    public var description: String {
        switch self {
        case .notGzip(let bytes):
            "it starts with the bytes \(bytes.map(String.init).joined(separator: " ")), expected 31 139"
        case .truncated(let bytes): "it is cut short; \(bytes) bytes came out of it"
        case .damaged(let words): "its content is damaged (\(words))"
        case .trailing(let bytes): "\(bytes) bytes follow the end of the compressed data"
        case .tooLarge(let limit): "it inflates to more than the \(limit) bytes expected"
        case .memory: "there is not enough memory to inflate it"
        }
    }
}
