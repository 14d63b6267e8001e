// What can be wrong with an IDX file, and how to say it.

/// A fault of an IDX file.
public enum IDXProblem: Equatable, Sendable, CustomStringConvertible {
    case tooShort(bytes: Int)
    case magic([UInt8])
    case type(UInt8)
    case swapped(expected: String, found: String)
    case dimensions(expected: Int, found: Int)
    case shape(expected: String, found: [Int])
    case tooLarge([Int])
    case length(expected: Int, found: Int)
    case label(UInt8, at: Int, classes: Int)
    case counts(images: Int, labels: Int)

    /// The problem as part of a sentence, after the file's name.
    public var description: String {
        switch self {
        case .tooShort(let bytes): "it ends after \(bytes) bytes, inside its header"
        case .magic(let bytes):
            "it starts with the bytes \(bytes.map(String.init).joined(separator: " ")), expected 0 0 8 and the number of dimensions"
        case .type(let type): "its elements are of type \(type), expected 8 (unsigned bytes)"
        case .swapped(let expected, let found):
            "it holds \(found) where \(expected) are expected; are the images and labels files swapped?"
        case .dimensions(let expected, let found):
            "it has \(found) dimensions, expected \(expected)"
        case .shape(let expected, let found): "its shape is \(found), expected \(expected)"
        case .tooLarge(let shape): "its shape \(shape) has too many elements"
        case .length(let expected, let found):
            "its shape takes \(expected) bytes and \(found) follow the header"
                + (found < expected ? "; the file is cut short" : "; it has extra bytes at the end")
        case .label(let label, let index, let classes):
            "label \(index) is \(label), and there are \(classes) classes (0 to \(classes - 1))"
        case .counts(let images, let labels):
            "it has \(labels) labels for \(images) images"
        }
    }
}
