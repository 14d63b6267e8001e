// What can be wrong with a picture, and how to say it.

/// A fault met while a PNG is read or written.
public enum PNGProblem: Equatable, Sendable, CustomStringConvertible {
    case notPNG
    case damaged(String)
    case tooLarge(width: Int, height: Int)
    case tooLittle(bytes: Int, width: Int, height: Int)
    case encoder(String)

    /// The problem as part of a sentence, after the file's name.
    public var description: String {
        switch self {
        case .notPNG: "it is not a PNG file; its first eight bytes are others"
        case .damaged(let words): "it is a damaged PNG file (\(words))"
        case .tooLarge(let width, let height):
            "the picture is \(width) × \(height) pixels, more than can be handled"
        case .tooLittle(let bytes, let width, let height):
            "its header claims \(width) × \(height) pixels, more than \(bytes) bytes can hold"
        case .encoder(let words): "the picture cannot be encoded as PNG (\(words))"
        }
    }
}
