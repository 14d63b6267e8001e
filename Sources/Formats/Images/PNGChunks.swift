// The chunks of a PNG file beside its pixels: EXIF, colour profile, gamma, transparency. A walk from chunk
// to chunk that believes nothing: where the file is damaged, it ends.

/// What a PNG file says beside its pixels.
struct PNGChunks {
    /// The content of the EXIF chunk, as an offset range; nil where there is none with a sound checksum.
    private(set) var exif: Range<Int>?
    /// Whether there is a colour profile (ICC).
    private(set) var hasProfile = false
    /// Whether there is a gamma that is neither that of sRGB nor made void by one that says sRGB.
    private(set) var hasOddGamma = false
    /// Whether some pixels may be transparent.
    private(set) var hasAlpha = false
    /// Whether it has 16 bits a colour.
    private(set) var isDeep = false
    /// Whether it has an `acTL` chunk (APNG); then only its first frame is read.
    private(set) var isAnimated = false

    /// Whether the colour type is grey, with or without alpha; a palette has colours.
    static func isGrey(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 26 && bytes[25] & 2 == 0
    }

    init(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 26 else { return }
        isDeep = bytes[24] == 16
        hasAlpha = bytes[25] & 4 != 0
        var isSRGB = false
        func number(_ place: Int) -> Int {
            bytes[place..<(place + 4)].reduce(0) { $0 << 8 | Int($1) }
        }
        // After the signature: length, name, content, checksum of name and content.
        var place = 8
        while place + 12 <= bytes.count {
            let length = number(place)
            guard length <= bytes.count - place - 12 else { break }
            let content = (place + 8)..<(place + 8 + length)
            switch String(decoding: bytes[(place + 4)..<(place + 8)], as: UTF8.self) {
            case "eXIf" where exif == nil:
                let named = UnsafeRawBufferPointer(
                    rebasing: bytes[(place + 4)..<content.upperBound])
                if Int(ZipDirectory.checksum(named)) == number(content.upperBound) {
                    exif = content
                }
            case "iCCP": hasProfile = true
            case "sRGB": isSRGB = true
            case "gAMA" where length == 4: hasOddGamma = number(content.lowerBound) != 45_455
            case "tRNS": hasAlpha = true
            case "acTL": isAnimated = true
            case "IEND": place = bytes.count
            default: break
            }
            guard place < bytes.count else { break }
            place = content.upperBound + 4
        }
        if isSRGB { hasOddGamma = false }
    }
}
