// What can be wrong with a safetensors file, and how to say it.

/// A fault of a safetensors file: of the format itself, or against what the reader needs.
public enum SafeTensorsProblem: Equatable, Sendable, CustomStringConvertible {
    case tooShort(bytes: Int)
    case headerSize(UInt64, available: Int)
    case header(String)
    case entry(tensor: String, String)
    case unknownType(tensor: String, String)
    case length(tensor: String, expected: Int, found: Int)
    case gap(tensor: String, expected: Int, found: Int)
    case dataSize(expected: Int, found: Int)
    case missing(tensor: String, present: [String])
    case wrongType(tensor: String, expected: String, found: String)
    case wrongShape(tensor: String, expected: String, found: [Int])
    case missingMetadata(String)
    case wrongMetadata(String, expected: String, found: String)
    case value(tensor: String, String)

    /// The problem as part of a sentence, after the file's name.
    public var description: String {
        switch self {
        case .tooShort(let bytes):
            "it has \(bytes) bytes, and the length of the header alone takes 8"
        case .headerSize(let size, let available):
            "its header claims \(size) bytes and \(available) follow"
        case .header(let words): "its header is malformed: \(words)"
        case .entry(let tensor, let words): "tensor \"\(tensor)\": \(words)"
        case .unknownType(let tensor, let type): "tensor \"\(tensor)\" has the unknown type \(type)"
        case .length(let tensor, let expected, let found):
            "tensor \"\(tensor)\": its shape takes \(expected) bytes, its offsets span \(found)"
        case .gap(let tensor, let expected, let found):
            "tensor \"\(tensor)\" starts at byte \(found) of the data, and the one before ends at \(expected)"
        case .dataSize(let expected, let found):
            "its tensors take \(expected) bytes and \(found) are there"
                + (found < expected ? "; the file is cut short" : "")
        case .missing(let tensor, let present):
            "it has no tensor \"\(tensor)\"; it has "
                + (present.isEmpty
                    ? "none"
                    : present.prefix(40).map { Shown.start($0) }.joined(separator: ", ")
                        + (present.count > 40 ? " and \(present.count - 40) more" : ""))
        case .wrongType(let tensor, let expected, let found):
            "tensor \"\(tensor)\" is of type \(found), expected \(expected)"
        case .wrongShape(let tensor, let expected, let found):
            "tensor \"\(tensor)\" has shape \(found), expected \(expected)"
        case .missingMetadata(let key): "its metadata has no \"\(key)\""
        case .wrongMetadata(let key, let expected, let found):
            "its metadata says \(key) \"\(found)\", expected \"\(expected)\""
        case .value(let tensor, let words): "tensor \"\(tensor)\": \(words)"
        }
    }
}
