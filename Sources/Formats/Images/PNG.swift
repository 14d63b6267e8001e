// Pictures of 8-bit grey or RGB pixels to PNG and back. Writing goes through libpng's simplified
// interface, which catches libpng's long jumps inside libpng; reading through a few lines of C that do the
// same, because the simplified one applies gamma and blends alpha. None crosses a Swift frame.
// The compressed bytes depend on the version of zlib; compare pixels, not files.

import CPNG

/// A picture in memory: 8 bits a channel, rows from the top, no padding.
public struct PNG: Equatable, Sendable {
    /// Bytes a pixel: one for grey, three for red, green and blue.
    public enum Channels: Int, Sendable {
        case grey = 1
        case rgb = 3
    }

    /// Pixels in a row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// Bytes of a pixel.
    public let channels: Channels
    /// The pixels, row by row; `width * height * channels.rawValue` bytes.
    public let pixels: [UInt8]

    /// No picture that is read or written is wider or higher than this.
    public static let sizeLimit = 1 << 15
    /// No picture that is read has more pixels than this.
    public static let pixelLimit = 64_000_000

    /// A picture of these bytes: rows from the top, pixels from the left, channels side by side.
    /// - Precondition: the number of bytes fits the size.
    public init(width: Int, height: Int, channels: Channels, pixels: [UInt8]) {
        precondition(
            width >= 0 && height >= 0 && pixels.count == width * height * channels.rawValue,
            "PNG: \(width) × \(height) × \(channels.rawValue) does not take \(pixels.count) bytes")
        self.width = width
        self.height = height
        self.channels = channels
        self.pixels = pixels
    }

    /// The picture as a PNG file.
    /// - Parameter named: the file's name, for messages.
    /// - Returns: the bytes of the file.
    /// - Throws: `FormatFault.png`; a picture without pixels cannot be encoded.
    public func encoded(named: String) throws -> [UInt8] {
        guard width <= PNG.sizeLimit, height <= PNG.sizeLimit else {
            throw FormatFault.png(file: named, .tooLarge(width: width, height: height))
        }
        guard !pixels.isEmpty else {
            throw FormatFault.png(file: named, .encoder("it has no pixels"))
        }
        var image = PNG.blank()
        image.width = UInt32(width)
        image.height = UInt32(height)
        image.format = channels == .rgb ? PNG.colour : 0
        defer { png_image_free(&image) }
        // Room for incompressible pixels: a filter byte a row, deflate's and the chunks' overhead.
        let raw = pixels.count + height
        var size = raw + raw / 256 + 4096
        var bytes = [UInt8](repeating: 0, count: size)
        let isWritten = bytes.withUnsafeMutableBytes { target in
            pixels.withUnsafeBytes { source in
                png_image_write_to_memory(
                    &image, target.baseAddress, &size, 0, source.baseAddress, 0, nil)
            }
        }
        guard isWritten != 0, size <= bytes.count else {
            throw FormatFault.png(file: named, .encoder(PNG.message(&image)))
        }
        bytes.removeLast(bytes.count - size)
        return bytes
    }

    /// Decodes a PNG file of any kind to 8 bits as Pillow's `convert("RGB")` does, but grey stays grey:
    /// palettes are looked up, of 16 bits the upper 8 are kept, alpha is dropped (not laid on
    /// any colour), and gamma is left alone. (Grey of 16 bits alone differs: Pillow clips it at 255, which
    /// makes most pictures white.)
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - named: the file's name, for messages.
    /// - Throws: `FormatFault.png`; a picture of more than `pixelLimit` pixels, or of more than
    ///   the file can hold, is refused before memory is set aside for it.
    public init(decoding bytes: [UInt8], named: String) throws {
        self = try bytes.withUnsafeBytes { try PNG(decoding: $0, named: named) }
    }

    /// Whether bytes start as PNG files do.
    static func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.starts(with: [137, 80, 78, 71])
    }

    /// Decodes a file where it lies; see `init(decoding:named:)`. Grey becomes `channels`, where that is given.
    init(
        decoding bytes: UnsafeRawBufferPointer, as wanted: Channels? = nil, named: String
    ) throws {
        func fault(_ problem: PNGProblem) -> FormatFault { .png(file: named, problem) }
        guard bytes.starts(with: [137, 80, 78, 71, 13, 10, 26, 10]) else { throw fault(.notPNG) }
        // Signature, length and name of the first chunk, width, height, depth, colour type.
        guard bytes.count >= 26, bytes[12..<16].elementsEqual("IHDR".utf8) else {
            throw fault(.damaged("the file ends inside its header"))
        }
        let sides = [bytes[16..<20], bytes[20..<24]].map { $0.reduce(0) { $0 << 8 | Int($1) } }
        let (width, height) = (sides[0], sides[1])
        guard width > 0, height > 0 else { throw fault(.damaged("it has no pixels")) }
        guard width <= PNG.sizeLimit, height <= PNG.sizeLimit, width * height <= PNG.pixelLimit
        else { throw fault(.tooLarge(width: width, height: height)) }
        // Deflate makes of one byte at most 1,032.
        let samples = [0: 1, 2: 3, 3: 1, 4: 2, 6: 4][bytes[25]] ?? 1
        guard width * height / 8 * samples * Int(bytes[24]) <= 1032 * bytes.count else {
            throw fault(.tooLittle(bytes: bytes.count, width: width, height: height))
        }
        let channels = wanted ?? (bytes[25] & 2 != 0 ? .rgb : .grey)
        var message = [UInt8](repeating: 0, count: 200)
        var pixels = [UInt8](repeating: 0, count: width * height * channels.rawValue)
        let isRead = message.withUnsafeMutableBytes { message in
            mirage_png_load(
                bytes.assumingMemoryBound(to: UInt8.self).baseAddress, bytes.count, &pixels,
                UInt32(width), UInt32(height), Int32(channels.rawValue),
                message.assumingMemoryBound(to: CChar.self).baseAddress, message.count)
        }
        guard isRead != 0 else {
            let words = String(decoding: message.prefix { $0 != 0 }, as: UTF8.self)
            throw fault(.damaged(words))
        }
        self.init(width: width, height: height, channels: channels, pixels: pixels)
    }

    /// libpng's flag for three channels (the macro is not visible from Swift).
    private static let colour: UInt32 = 2

    private static func blank() -> png_image {
        var image = png_image()
        image.version = UInt32(PNG_IMAGE_VERSION)
        return image
    }

    private static func message(_ image: inout png_image) -> String {
        withUnsafeBytes(of: &image.message) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
