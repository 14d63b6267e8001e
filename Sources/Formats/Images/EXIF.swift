// The one thing in EXIF that changes what a picture shows: which way up the camera was held.
// Damaged EXIF is passed over, as every viewer does.

/// Reads the orientation from the EXIF part of a picture file.
enum EXIF {
    /// The orientation, 1 to 8; 1, upright, where the file says nothing sensible.
    ///
    /// TIFF: byte order, 42, the place of a table of 12-byte entries: tag, type, count, value.
    static func orientation(ofTIFF range: Range<Int>?, in bytes: UnsafeRawBufferPointer) -> Int {
        guard let range else { return 1 }
        let tiff = bytes[range]
        let isLittle = tiff.starts(with: "II".utf8)
        guard isLittle || tiff.starts(with: "MM".utf8) else { return 1 }
        func number(_ offset: Int, _ size: Int) -> Int? {
            guard offset >= 0, offset + size <= tiff.count else { return nil }
            return (0..<size).reduce(0) { value, index in
                let place = isLittle ? size - 1 - index : index
                return value << 8 | Int(tiff[range.lowerBound + offset + place])
            }
        }
        guard number(2, 2) == 42, let table = number(4, 4), let count = number(table, 2) else {
            return 1
        }
        for index in 0..<count {
            let entry = table + 2 + 12 * index
            guard let tag = number(entry, 2) else { return 1 }
            // BYTE, SHORT (as the standard has it) or LONG (as some programs write it).
            if tag == 0x0112, let type = number(entry + 2, 2), let size = [1: 1, 3: 2, 4: 4][type],
                number(entry + 4, 4) == 1, let value = number(entry + 8, size),
                (1...8).contains(value)
            {
                return value
            }
        }
        return 1
    }
}
