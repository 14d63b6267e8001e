// The chunks of a WebP file beside its pixels: EXIF, colour profile, flags. A walk from chunk to chunk that
// believes nothing: where the file is damaged, it ends.

/// What a WebP file says beside its pixels.
struct WebPChunks {
    /// The TIFF part of its EXIF chunk, as an offset range; nil where there is none.
    private(set) var exif: Range<Int>?
    /// Whether there is a colour profile (ICC).
    private(set) var hasProfile = false
    /// Whether some pixels may be transparent.
    private(set) var hasAlpha = false
    /// Whether it is an animation.
    private(set) var isAnimated = false

    init(_ bytes: UnsafeRawBufferPointer) {
        // After RIFF, a size and WEBP: name, size (least significant byte first), content, and a byte more
        // where the size is odd.
        var place = 12
        while place + 8 <= bytes.count {
            let size = (4..<8).reversed().reduce(0) { $0 << 8 | Int(bytes[place + $1]) }
            guard size <= bytes.count - place - 8 else { break }
            let content = (place + 8)..<(place + 8 + size)
            switch String(decoding: bytes[place..<(place + 4)], as: UTF8.self) {
            case "EXIF" where exif == nil:
                // Some programs write the name that JPEG puts before it.
                let isNamed = bytes[content].starts(with: "Exif\0\0".utf8)
                exif = isNamed ? (content.lowerBound + 6)..<content.upperBound : content
            case "ICCP": hasProfile = true
            case "ALPH": hasAlpha = true
            case "VP8X" where size >= 10:
                hasAlpha = hasAlpha || bytes[content.lowerBound] & 0x10 != 0
                isAnimated = isAnimated || bytes[content.lowerBound] & 0x02 != 0
            case "VP8L" where size >= 5:
                hasAlpha = hasAlpha || bytes[content.lowerBound + 4] & 0x10 != 0
            case "ANIM", "ANMF": isAnimated = true
            default: break
            }
            place = content.upperBound + size % 2
        }
    }
}
