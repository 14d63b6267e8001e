// Reads JPEG files through libjpeg-turbo, with its accurate integer DCT and smooth upsampling: the pixels
// that Pillow (and so PyTorch's own evaluation) sees, bit for bit, on every machine that has
// libjpeg-turbo. (Of a progressive file with few scans Pillow smooths the blocks, in another way in each
// version; we do not.) Baseline and progressive, grey, YCbCr and RGB. A file that is cut or damaged is a
// fault, where libjpeg would fill up with grey.

import CJPEG

/// A JPEG file's picture as 8-bit RGB.
public enum JPEG {
    /// No picture that is read has more pixels than this; libjpeg has 65,500 a side.
    public static let pixelLimit = 64_000_000

    /// Whether bytes start as JPEG files do.
    public static func matches(_ bytes: some Sequence<UInt8>) -> Bool {
        bytes.starts(with: [0xFF, 0xD8, 0xFF])
    }

    /// The most bytes that are set aside to decode a picture, pixels included.
    static let memoryLimit = 280 << 20

    /// Decodes a file and turns it as its EXIF orientation says; grey becomes RGB.
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - named: the file's name, for messages.
    /// - Returns: the picture, upright.
    /// - Throws: `FormatFault.jpeg`; sizes are checked before memory is set aside for the pixels.
    public static func decode(_ bytes: [UInt8], named: String) throws -> Picture {
        try bytes.withUnsafeBytes { try pixels(of: $0, named: named).upright }
    }

    /// Decodes a file.
    /// - Returns: the pixels as they are in the file, and how they are to be turned.
    /// - Throws: `FormatFault.jpeg`.
    static func pixels(of bytes: UnsafeRawBufferPointer, named: String) throws -> StoredPicture {
        func fault(_ problem: JPEGProblem) -> FormatFault { .jpeg(file: named, problem) }
        guard matches(bytes) else { throw fault(.notJPEG) }
        let segments = JPEGSegments(bytes)
        if let words = segments.process?.unsupported { throw fault(.unsupported(words)) }
        var info = mirage_jpeg_info()
        let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
        guard mirage_jpeg_read(start, bytes.count, &info, nil, memoryLimit) != 0 else {
            throw fault(.damaged(message(&info)))
        }
        let (width, height) = (Int(info.width), Int(info.height))
        guard width * height <= pixelLimit else {
            throw fault(.tooLarge(width: width, height: height))
        }
        switch info.components {
        case 1, 3: break
        case 4: throw fault(.colours(info.is_inverted != 0 ? "YCCK" : "CMYK"))
        default: throw fault(.colours("\(info.components) to a pixel"))
        }
        guard info.is_arithmetic == 0 else {
            throw fault(.unsupported("coded arithmetically, which few programs read"))
        }
        // Each block of 8 × 8 pixels takes at least one bit.
        guard width * height <= 512 * bytes.count else {
            throw fault(.tooLittle(bytes: bytes.count, width: width, height: height))
        }
        var pixels = [UInt8](repeating: 0, count: width * height * 3)
        let left = memoryLimit - pixels.count
        guard mirage_jpeg_read(start, bytes.count, &info, &pixels, left) != 0 else {
            throw fault(
                info.needs_memory != 0
                    ? .memory(width: width, height: height) : .damaged(message(&info)))
        }
        return StoredPicture(
            width: width, height: height, pixels: pixels,
            orientation: EXIF.orientation(ofTIFF: segments.exif, in: bytes),
            isGrey: info.components == 1)
    }

    private static func message(_ info: inout mirage_jpeg_info) -> String {
        withUnsafeBytes(of: &info.message) {
            String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
