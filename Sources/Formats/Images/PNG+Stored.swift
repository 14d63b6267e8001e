// PNG files whose pixels are stored as they are: larger, but with bytes that do not follow from the
// taste of a compressor. For files that are named by their hash.

import CPNG

extension PNG {
    /// The picture as a PNG file without filters and compression.
    /// - Parameter named: the file's name, for messages.
    /// - Returns: the bytes of the file, a little more than the pixels.
    /// - Throws: `FormatFault.png`; a picture without pixels cannot be encoded.
    public func stored(named: String) throws -> [UInt8] {
        guard width <= PNG.sizeLimit, height <= PNG.sizeLimit else {
            throw FormatFault.png(file: named, .tooLarge(width: width, height: height))
        }
        guard !pixels.isEmpty else {
            throw FormatFault.png(file: named, .encoder("it has no pixels"))
        }
        // Stored blocks add five bytes to at most 64 kB each, the chunks of 8 kB twelve each.
        let raw = pixels.count + height
        var bytes = [UInt8](repeating: 0, count: raw + raw / 64 + 4096)
        let size = bytes.withUnsafeMutableBufferPointer { target in
            pixels.withUnsafeBufferPointer { source in
                mirage_png_store(
                    target.baseAddress, target.count, source.baseAddress, UInt32(width),
                    UInt32(height), Int32(channels.rawValue))
            }
        }
        guard size > 0 else { throw FormatFault.png(file: named, .encoder("libpng gave up")) }
        bytes.removeLast(bytes.count - size)
        return bytes
    }
}
