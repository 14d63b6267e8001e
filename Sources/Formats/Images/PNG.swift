// Pictures of 8-bit grey or RGB pixels to PNG and back, through libpng's simplified interface: it
// catches libpng's long jumps inside libpng, so that none ever crosses a Swift frame.
// The compressed bytes depend on the version of zlib; compare pixels, not files.

import CPNG

/// A picture in memory: 8 bits a channel, rows from the top, no padding.
public struct PNG: Equatable, Sendable {
    /// Grey or colour.
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

    /// Makes a picture.
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

    /// Decodes a PNG file of any kind to 8 bits: grey stays grey, everything else becomes RGB;
    /// transparent pixels are laid on black.
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - named: the file's name, for messages.
    /// - Throws: `FormatFault.png`.
    public init(decoding bytes: [UInt8], named: String) throws {
        guard bytes.starts(with: [137, 80, 78, 71, 13, 10, 26, 10]) else {
            throw FormatFault.png(file: named, .notPNG)
        }
        var image = PNG.blank()
        defer { png_image_free(&image) }
        let decoded: [UInt8] = try bytes.withUnsafeBytes { source in
            guard png_image_begin_read_from_memory(&image, source.baseAddress, source.count) != 0
            else {
                throw FormatFault.png(file: named, .damaged(PNG.message(&image)))
            }
            let (width, height) = (Int(image.width), Int(image.height))
            guard width <= PNG.sizeLimit, height <= PNG.sizeLimit else {
                throw FormatFault.png(file: named, .tooLarge(width: width, height: height))
            }
            image.format &= PNG.colour
            let bytesPerPixel = image.format == 0 ? 1 : 3
            var pixels = [UInt8](repeating: 0, count: width * height * bytesPerPixel)
            let isRead = pixels.withUnsafeMutableBytes {
                png_image_finish_read(&image, nil, $0.baseAddress, 0, nil)
            }
            // A picture that ends early is filled up with a warning only: that is a fault for us.
            guard isRead != 0, image.warning_or_error == 0 else {
                throw FormatFault.png(file: named, .damaged(PNG.message(&image)))
            }
            return pixels
        }
        self.init(
            width: Int(image.width), height: Int(image.height),
            channels: image.format == 0 ? .grey : .rgb, pixels: decoded)
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
