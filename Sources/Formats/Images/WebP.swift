// Reads WebP files through libwebp, lossy and lossless: the pixels that Pillow reads. Alpha is dropped, as
// of PNG; EXIF turns the picture; an animation is refused, since none of its pictures is the one.

import CWebP

/// A WebP file's picture as 8-bit RGB.
enum WebP {
    /// No picture that is read has more pixels than this: decoding takes seven bytes for each.
    static let pixelLimit = 40_000_000

    /// Whether bytes start as WebP files do.
    static func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 12 && bytes.starts(with: "RIFF".utf8)
            && bytes[8..<12].elementsEqual("WEBP".utf8)
    }

    /// Decodes a file.
    /// - Returns: the pixels as they are in the file, and how they are to be turned.
    /// - Throws: `FormatFault.webP`; sizes are checked before memory is set aside for the pixels.
    static func pixels(of bytes: UnsafeRawBufferPointer, named: String) throws -> StoredPicture {
        func fault(_ problem: WebPProblem) -> FormatFault { .webP(file: named, problem) }
        guard matches(bytes) else { throw fault(.notWebP) }
        let chunks = WebPChunks(bytes)
        var info = mirage_webp_info()
        let start = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
        var status = mirage_webp_look(start, bytes.count, &info)
        guard status == 0 else { throw fault(.damaged(words(status))) }
        guard info.has_animation == 0, !chunks.isAnimated else { throw fault(.animated) }
        let (width, height) = (Int(info.width), Int(info.height))
        guard width > 0, height > 0 else { throw fault(.damaged("it has no pixels")) }
        guard width * height <= pixelLimit else {
            throw fault(.tooLarge(width: width, height: height))
        }
        var pixels = [UInt8](repeating: 0, count: 3 * width * height)
        status = mirage_webp_read(start, bytes.count, &pixels, info.width, info.height)
        guard status == 0 else { throw fault(.damaged(words(status))) }
        return StoredPicture(
            width: width, height: height, pixels: pixels,
            orientation: EXIF.orientation(ofTIFF: chunks.exif, in: bytes))
    }

    /// libwebp's statuses.
    private static func words(_ status: Int32) -> String {
        switch status {
        case 1: "there is not enough memory"
        case 3: "its pixels are malformed"
        case 4: "it uses a feature that is not supported"
        case 7: "the file ends early"
        default: "status \(status) of libwebp"
        }
    }
}

/// A fault of a WebP file.
public enum WebPProblem: Equatable, Sendable, CustomStringConvertible {
    case notWebP
    case damaged(String)
    case tooLarge(width: Int, height: Int)
    case animated

    /// The problem as part of a sentence, after the file's name.
    public var description: String {
        switch self {
        case .notWebP: "it is not a WebP file; it does not start with RIFF, four bytes and WEBP"
        case .damaged(let words): "it is a damaged WebP file (\(words))"
        case .tooLarge(let width, let height):
            "the picture is \(width) × \(height) pixels, more than the \(WebP.pixelLimit) pixels "
                + "of a WebP file that are read"
        case .animated:
            "it is an animation, expected a still picture; take one out, for instance by "
                + "`magick 'in.webp[0]' out.png`"
        }
    }
}
