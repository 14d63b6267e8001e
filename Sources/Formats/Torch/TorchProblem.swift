// What can be wrong with a PyTorch checkpoint, and how to say it. Words from the file are shown
// through `shown(_:)`, so that no checkpoint can write to a terminal.

/// A fault of a PyTorch checkpoint: of its container, its pickle or its tensors.
public enum TorchProblem: Equatable, Sendable, CustomStringConvertible {
    /// Neither of PyTorch's two formats; these are its first bytes.
    case notCheckpoint([UInt8])
    /// A file of another kind, known by its name.
    case other(FileKind)
    /// The file ends inside `what`.
    case truncated(what: String)
    /// The zip container is malformed.
    case zip(String)
    /// A part of the zip container does not have the checksum that its directory states.
    case checksum(entry: String, expected: UInt32, found: UInt32)
    /// The zip container has no such entry.
    case missing(entry: String)
    /// The pickle asks for a function or class that no state dict needs.
    case foreign(String)
    /// The pickle holds an instruction that no state dict needs.
    case instruction(UInt8, String)
    /// The pickle does something with values that do not fit.
    case pickle(expected: String, found: String)
    /// A count, size or depth beyond what is read.
    case limit(what: String, limit: Int, found: Int)
    /// A storage whose size or place is impossible.
    case storage(key: String, String)
    /// A tensor whose shape, strides or offset do not fit its storage.
    case tensor(name: String, String)
    /// The file is sound but holds no state dict; it holds this instead.
    case noStateDict(found: String)

    /// The problem as part of a sentence, after the file's name and the place in it.
    public var description: String {
        switch self {
        case .notCheckpoint(let bytes):
            "it starts with the bytes \(bytes.map(String.init).joined(separator: " ")), expected "
                + "80 75 3 4 (a zip archive) or 128 2 138 10 (the older format)"
        case .other(let kind): "it is \(kind.rawValue), expected a PyTorch checkpoint"
        case .truncated(let what): "the file ends inside \(what); fetch it again"
        case .zip(let words): "its zip container is malformed: \(words)"
        case .checksum(let entry, let expected, let found):
            "its part \(Self.shown(entry.utf8)) has the checksum \(String(found, radix: 16)), expected "
                + "\(String(expected, radix: 16)); fetch the file again"
        case .missing(let entry): "its zip container has no part \(Self.shown(entry.utf8))"
        case .foreign(let name):
            "the checkpoint wants to call \(name); Mirage never runs code from a file. "
                + "Where you trust it, load it in PyTorch and save model.state_dict() alone"
        case .instruction(let code, let name):
            "the pickle holds the instruction \(name) (\(code)), which no state dict needs; "
                + "in PyTorch, save model.state_dict() alone"
        case .pickle(let expected, let found): "the pickle: expected \(expected), found \(found)"
        case .limit(let what, let limit, let found):
            "\(what): \(found), more than the \(limit) that are read"
        case .storage(let key, let words): "storage \"\(key)\": \(words)"
        case .tensor(let name, let words): "tensor \"\(name)\": \(words)"
        case .noStateDict(let found):
            "it holds \(found), expected a dictionary of tensors by name"
        }
    }

    /// Words of the file as they may stand in a message: printable ASCII, at most 80 of them.
    static func shown(_ bytes: some Collection<UInt8>) -> String {
        let start = bytes.prefix(80).map { (32...126).contains($0) ? $0 : UInt8(ascii: "?") }
        return String(decoding: start, as: UTF8.self) + (bytes.count > 80 ? "…" : "")
    }
}
