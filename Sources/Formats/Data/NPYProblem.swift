// What can be wrong with a NumPy array file, and how to say it.

/// A fault of an .npy file.
public enum NPYProblem: Equatable, Sendable, CustomStringConvertible {
    case magic([UInt8])
    case version(UInt8, UInt8)
    case truncated(bytes: Int)
    case headerLength(Int, limit: Int)
    case header(at: Int, expected: String)
    case missing(key: String)
    case objects
    case byteOrder(String)
    case type(String)
    case tooLarge([Int])
    case length(expected: Int, found: Int)
    case number(Double, at: Int)

    /// The problem as part of a sentence, after the file's name.
    public var description: String {
        switch self {
        case .magic(let bytes):
            "it starts with the bytes \(bytes.map(String.init).joined(separator: " ")), "
                + "expected 147 and NUMPY"
        case .version(let major, let minor):
            "it is of version \(major).\(minor) of the format, and 1.0 to 3.0 are known"
        case .truncated(let bytes): "it ends after \(bytes) bytes, inside its header"
        case .headerLength(let length, let limit):
            "its header claims \(length) bytes, more than \(limit)"
        case .header(let place, let expected): "byte \(place) of its header: expected \(expected)"
        case .missing(let key): "its header has no '\(key)'"
        case .objects:
            "it holds Python objects, which only a program can read; save numbers: "
                + "numpy.save(file, array.astype('float32'))"
        case .byteOrder(let type):
            "its elements are '\(Shown.start(type, 24))', the most significant byte first; save it "
                + "as array.astype('<\(Shown.start(String(type.dropFirst()), 24))')"
        case .type(let type):
            "its elements are '\(Shown.start(type, 24))', expected u1, u2, u4, u8, i1, i2, i4, i8, "
                + "f2, f4, f8 or b1"
        case .tooLarge(let shape): "its shape \(shape) has too many elements"
        case .length(let expected, let found):
            "its shape takes \(expected) bytes and \(found) follow the header"
                + (found < expected ? "; the file is cut short" : "; it has extra bytes at the end")
        case .number(let number, let index):
            "element \(index) is \(number), expected a whole number"
        }
    }
}
