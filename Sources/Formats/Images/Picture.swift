// A photograph on its way to a network: 8-bit RGB, whatever file it came from.

/// A picture of 8-bit RGB pixels, rows from the top, no padding.
public struct Picture: Equatable, Sendable {
    /// Pixels in a row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// Red, green, blue of each pixel, row by row: `3 * width * height` bytes.
    public let pixels: [UInt8]
    /// Whether its file was grey: a JPEG of one component, a PNG of grey with or without alpha (one with a
    /// palette has colours). Red, green and blue are then the same.
    public let isGrey: Bool

    /// The largest picture file that is read, in bytes.
    public static let fileLimit = 256 << 20

    /// A picture of RGB bytes, rows from the top.
    /// - Precondition: it has pixels, and the number of bytes fits the size.
    public init(width: Int, height: Int, pixels: [UInt8], isGrey: Bool = false) {
        precondition(
            width > 0 && height > 0 && pixels.count == 3 * width * height,
            "Picture: \(width) × \(height) × 3 does not take \(pixels.count) bytes")
        self.width = width
        self.height = height
        self.pixels = pixels
        self.isGrey = isGrey
    }

    /// Whether two have the same pixels, whatever files they came from.
    public static func == (one: Picture, other: Picture) -> Bool {
        one.width == other.width && one.height == other.height && one.pixels == other.pixels
    }

    /// Reads a JPEG or PNG file; which of the two is told from its bytes, not from its name.
    /// - Throws: `FormatFault.system`, `.notAFile`, `.picture`, `.jpeg` or `.png`.
    public init(contentsOf path: String) throws {
        let file = try MappedFile(reading: path, limit: Picture.fileLimit)
        self = try withExtendedLifetime(file) {
            try StoredPicture(decoding: file.bytes, named: path).upright
        }
    }

    /// Decodes a JPEG or PNG file. Alpha is dropped, EXIF orientation applied, grey becomes RGB.
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - named: the file's name, for messages.
    /// - Throws: `FormatFault.picture` where it is neither; `.jpeg`, `.png` where it is damaged.
    public init(decoding bytes: [UInt8], named: String) throws {
        self = try bytes.withUnsafeBytes { try StoredPicture(decoding: $0, named: named).upright }
    }

    /// Decodes a file of one of some formats where it lies; see `init(decoding:named:)`.
    /// - Throws: `FormatFault.picture` where it is of none of them; `.jpeg`, `.png`, `.webP`.
    public init(
        decoding bytes: UnsafeRawBufferPointer, as formats: [PictureFormat], named: String
    ) throws {
        self = try StoredPicture(decoding: bytes, as: formats, named: named).upright
    }
}

/// A fault of a picture file that is not of one format alone.
public enum PictureProblem: Equatable, Sendable, CustomStringConvertible {
    /// Of none of the formats, but a file of this kind.
    case other(FileKind, expected: [PictureFormat])
    /// Of no known kind; these are its first bytes.
    case unknown(start: [UInt8], expected: [PictureFormat])
    /// A file of more bytes than are read.
    case fileSize(Int)
    /// So narrow that the longer side would become too long.
    case tooNarrow(width: Int, height: Int, result: Int)

    /// The problem as part of a sentence, after the file's name.
    public var description: String {
        switch self {
        case .other(let kind, let formats):
            "it is \(kind.rawValue), whatever its name says, expected a \(PictureFormat.words(formats)) file"
                + (kind.isPicture ? "; convert it, for instance by `magick in out.png`" : "")
        case .fileSize(let bytes):
            "it has \(bytes) bytes, more than the \(Picture.fileLimit) that are read of a picture"
        case .unknown(let start, let formats):
            (formats.count == 2
                ? "it is neither a \(formats[0].rawValue) nor a \(formats[1].rawValue) file"
                : "it is no \(PictureFormat.words(formats)) file") + ", whatever its name says; "
                + (start.isEmpty
                    ? "it is empty"
                    : start.allSatisfy { (32...126).contains($0) || (9...13).contains($0) }
                        ? "it starts with the text \"\(TorchProblem.shown(start))\""
                        : "it starts with the bytes "
                            + start.prefix(4).map(String.init).joined(separator: " "))
        case .tooNarrow(let width, let height, let result):
            "a picture of \(width) × \(height) pixels is too narrow: its longer side would become "
                + "\(result); crop it"
        }
    }
}
