// A photograph on its way to a network: 8-bit RGB, whatever file it came from.

/// A picture of 8-bit RGB pixels, rows from the top, no padding.
public struct Picture: Equatable, Sendable {
    /// Pixels in a row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// Red, green, blue of each pixel, row by row: `3 * width * height` bytes.
    public let pixels: [UInt8]

    /// The largest picture file that is read, in bytes.
    public static let fileLimit = 256 << 20

    /// Makes a picture.
    /// - Precondition: it has pixels, and the number of bytes fits the size.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(
            width > 0 && height > 0 && pixels.count == 3 * width * height,
            "Picture: \(width) × \(height) × 3 does not take \(pixels.count) bytes")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// Reads a JPEG or PNG file; which of the two is told from its bytes, not from its name.
    /// - Throws: `FormatFault.system`, `.notAFile`, `.picture`, `.jpeg` or `.png`.
    public init(contentsOf path: String) throws {
        try self.init(decoding: MappedFile.read(path, limit: Picture.fileLimit), named: path)
    }

    /// Decodes a JPEG or PNG file. Alpha is dropped, EXIF orientation applied, grey becomes RGB.
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - named: the file's name, for messages.
    /// - Throws: `FormatFault.picture` where it is neither; `.jpeg`, `.png` where it is damaged.
    public init(decoding bytes: [UInt8], named: String) throws {
        if JPEG.matches(bytes) {
            self = try JPEG.decode(bytes, named: named)
        } else if bytes.starts(with: [137, 80, 78, 71]) {
            let png = try PNG(decoding: bytes, named: named)
            let pixels =
                png.channels == .rgb
                ? png.pixels : png.pixels.flatMap { CollectionOfOne($0) + [$0, $0] }
            self.init(width: png.width, height: png.height, pixels: pixels)
        } else {
            throw FormatFault.picture(file: named, .unknown(start: Array(bytes.prefix(16))))
        }
    }

    /// The picture turned and mirrored as an EXIF orientation, 1 to 8, asks for.
    func turned(by orientation: Int) -> Picture {
        guard (2...8).contains(orientation) else { return self }
        // From 5 up rows and columns change places. The pixel shown at (x, y) is stored at…
        let isSideways = orientation >= 5
        let (width, height) = isSideways ? (self.height, self.width) : (self.width, self.height)
        var turned: [UInt8] = []
        turned.reserveCapacity(pixels.count)
        for y in 0..<height {
            for x in 0..<width {
                let (column, row) =
                    switch orientation {
                    case 2: (width - 1 - x, y)
                    case 3: (width - 1 - x, height - 1 - y)
                    case 4: (x, height - 1 - y)
                    case 5: (y, x)
                    case 6: (y, width - 1 - x)
                    case 7: (height - 1 - y, width - 1 - x)
                    default: (height - 1 - y, x)
                    }
                let place = 3 * (row * self.width + column)
                turned.append(contentsOf: pixels[place..<(place + 3)])
            }
        }
        return Picture(width: width, height: height, pixels: turned)
    }
}

/// A fault of a picture file that is not of one format alone.
public enum PictureProblem: Equatable, Sendable, CustomStringConvertible {
    /// Neither JPEG nor PNG; these are its first bytes.
    case unknown(start: [UInt8])
    /// So narrow that the longer side would become too long.
    case tooNarrow(width: Int, height: Int, result: Int)

    /// The problem as part of a sentence, after the file's name.
    public var description: String {
        switch self {
        case .unknown(let start):
            "it is neither a JPEG nor a PNG file, whatever its name says; "
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
