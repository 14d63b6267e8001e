// The parts of a JPEG file before its pixels: how it is coded, its EXIF, its colour profile. A walk from
// marker to marker that believes nothing: where the file is damaged, it ends.

/// The segments of a JPEG file up to its first scan.
struct JPEGSegments {
    /// How the pixels are coded; nil where no frame header was found.
    private(set) var process: Process?
    /// The content of the EXIF segment after its name, as an offset range; nil where there is none.
    private(set) var exif: Range<Int>?
    /// Whether there is a colour profile (ICC).
    private(set) var hasProfile = false

    /// The marker of the frame header, and the bits of a sample.
    struct Process {
        let marker: UInt8
        let bits: Int

        /// Why it is not read, in words; nil for baseline, extended and progressive pictures of 8 bits.
        var unsupported: String? {
            switch marker {
            case 0xC0...0xC2: bits == 8 ? nil : "of \(bits) bits a colour, expected 8"
            case 0xC3, 0xCB: "coded without loss"
            case 0xC5...0xC7, 0xCD...0xCF: "coded in a hierarchy of sizes"
            default: "coded arithmetically, which few programs read"
            }
        }
    }

    init(_ bytes: UnsafeRawBufferPointer) {
        // Segments: 255, a marker, and a length that counts itself but not these two bytes.
        var place = 2
        while place + 4 <= bytes.count, bytes[place] == 0xFF {
            let marker = bytes[place + 1]
            if marker == 0xFF {  // padding
                place += 1
                continue
            }
            // The pixels start: what matters comes before them.
            if marker == 0xDA || marker == 0xD9 { break }
            let end = place + 2 + (Int(bytes[place + 2]) << 8 | Int(bytes[place + 3]))
            guard end >= place + 4, end <= bytes.count else { break }
            let content = (place + 4)..<end
            func starts(_ text: String) -> Bool { bytes[content].starts(with: text.utf8) }
            switch marker {
            case 0xE1 where exif == nil && starts("Exif\0\0"): exif = (place + 10)..<end
            case 0xE2 where starts("ICC_PROFILE\0"): hasProfile = true
            // Frame headers but for the tables of Huffman and arithmetic coding between them.
            case 0xC0...0xCF where ![0xC4, 0xC8, 0xCC].contains(marker) && !content.isEmpty:
                process = process ?? Process(marker: marker, bits: Int(bytes[content.lowerBound]))
            default: break
            }
            place = end
        }
    }
}
