// What can be wrong with a JPEG file, and how to say it.

/// A fault met while a JPEG file is read.
public enum JPEGProblem: Equatable, Sendable, CustomStringConvertible {
    case notJPEG
    case damaged(String)
    case tooLarge(width: Int, height: Int)
    case tooLittle(bytes: Int, width: Int, height: Int)
    case colours(String)
    /// A kind of JPEG that is sound and not read; the words go on from "a JPEG file".
    case unsupported(String)
    /// A picture whose scans must all be in memory at once, and are too large for that.
    case memory(width: Int, height: Int)

    /// The problem as part of a sentence, after the file's name.
    public var description: String {
        switch self {
        case .notJPEG: "it is not a JPEG file; its first three bytes are others"
        case .damaged(let words): "it is a damaged JPEG file (\(words)); fetch or save it again"
        case .tooLarge(let width, let height):
            "the picture is \(width) × \(height) pixels, more than the \(JPEG.pixelLimit) that are read"
        case .tooLittle(let bytes, let width, let height):
            "its header claims \(width) × \(height) pixels, more than \(bytes) bytes can hold"
        case .colours(let words):
            "its colours are \(words), expected grey or RGB; save it as RGB, for instance by "
                + "`magick in.jpg -colorspace sRGB out.jpg`"
        case .unsupported(let words):
            "it is a JPEG file \(words): such files are not supported; save it as a usual JPEG, for "
                + "instance by `magick in.jpg -depth 8 out.png`"
        case .memory(let width, let height):
            "a progressive picture of \(width) × \(height) pixels takes more than the "
                + "\(JPEG.memoryLimit >> 20) MiB that are set aside; save it as baseline, for instance by "
                + "`jpegtran in.jpg > out.jpg`"
        }
    }
}
