// The one thing in EXIF that changes what a picture shows: which way up the camera was held.
// Damaged EXIF is passed over, as every viewer does.

/// Reads the orientation from the EXIF part of a JPEG file.
enum EXIF {
    /// The orientation, 1 to 8; 1, upright, where the file says nothing sensible.
    static func orientation(ofJPEG bytes: [UInt8]) -> Int {
        // Segments: 255, a marker, and a length that counts itself but not these two bytes.
        var place = 2
        while place + 4 <= bytes.count, bytes[place] == 0xFF {
            let marker = bytes[place + 1]
            if marker == 0xFF {  // padding
                place += 1
                continue
            }
            // The pixels start: there is no EXIF after them.
            if marker == 0xDA || marker == 0xD9 { break }
            let length = Int(bytes[place + 2]) << 8 | Int(bytes[place + 3])
            let end = place + 2 + length
            guard length >= 2, end <= bytes.count else { break }
            let content = bytes[(place + 4)..<end]
            if marker == 0xE1, content.starts(with: Array("Exif".utf8) + [0, 0]) {
                return orientation(ofTIFF: content.dropFirst(6))
            }
            place = end
        }
        return 1
    }

    /// TIFF: byte order, 42, the place of a table of 12-byte entries: tag, type, count, value.
    private static func orientation(ofTIFF tiff: ArraySlice<UInt8>) -> Int {
        let isLittle = tiff.starts(with: Array("II".utf8))
        guard isLittle || tiff.starts(with: Array("MM".utf8)) else { return 1 }
        func number(_ offset: Int, _ size: Int) -> Int? {
            guard offset >= 0, offset + size <= tiff.count else { return nil }
            let start = tiff.startIndex + offset
            let bytes = tiff[start..<(start + size)]
            return (isLittle ? Array(bytes.reversed()) : Array(bytes))
                .reduce(0) { $0 << 8 | Int($1) }
        }
        guard number(2, 2) == 42, let table = number(4, 4), let count = number(table, 2) else {
            return 1
        }
        for index in 0..<count {
            let entry = table + 2 + 12 * index
            guard let tag = number(entry, 2) else { return 1 }
            if tag == 0x0112, number(entry + 2, 2) == 3, number(entry + 4, 4) == 1,
                let value = number(entry + 8, 2), (1...8).contains(value)
            {
                return value
            }
        }
        return 1
    }
}
