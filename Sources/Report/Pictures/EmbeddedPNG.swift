// PNG files for the inside of the report: always the same bytes, whatever zlib or libpng the
// machine has. The files in `grid/` go through libpng; these do not.

/// Writes a picture as a PNG file.
public enum EmbeddedPNG {
    /// The bytes of a PNG: with a palette when 256 colours are enough, otherwise RGB, or RGBA where
    /// something shows through.
    public static func encode(_ bitmap: Bitmap) -> [UInt8] {
        let palette = self.palette(of: bitmap)
        let isOpaque = bitmap.pixels.allSatisfy { $0.alpha == 255 }
        let kind: UInt8 = palette != nil ? 3 : isOpaque ? 2 : 6
        var rows: [UInt8] = []
        var before: [UInt8] = []
        for y in 0..<bitmap.height {
            var row: [UInt8] = []
            for x in 0..<bitmap.width {
                let colour = bitmap[x, y]
                if let palette, let index = palette.indices[colour] {
                    row.append(index)
                } else {
                    row += [colour.red, colour.green, colour.blue]
                    if !isOpaque { row.append(colour.alpha) }
                }
            }
            // Palettes compress best without a filter.
            rows +=
                kind == 3 ? [0] + row : PNGFilter.best(row, after: before, step: isOpaque ? 3 : 4)
            before = row
        }
        var file: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
        let size = UInt32(bitmap.width).bigEndianBytes + UInt32(bitmap.height).bigEndianBytes
        append("IHDR", size + [8, kind, 0, 0, 0], to: &file)
        if let colours = palette?.colours {
            append("PLTE", colours.flatMap { [$0.red, $0.green, $0.blue] }, to: &file)
            let alphas = colours.map(\.alpha)
            if let last = alphas.lastIndex(where: { $0 != 255 }) {
                append("tRNS", Array(alphas[...last]), to: &file)
            }
        }
        append("IDAT", Deflate.zlib(rows), to: &file)
        append("IEND", [], to: &file)
        return file
    }

    /// The picture as an address that holds it, for `href` and `src`.
    public static func dataURI(_ bitmap: Bitmap) -> String {
        "data:image/png;base64," + Base64.encode(encode(bitmap))
    }

    /// The colours in the order in which they are met, or nil if there are more than 256.
    private static func palette(
        of bitmap: Bitmap
    ) -> (colours: [Colour], indices: [Colour: UInt8])? {
        var colours: [Colour] = []
        var indices: [Colour: UInt8] = [:]
        for colour in bitmap.pixels where indices[colour] == nil {
            guard colours.count < 256 else { return nil }
            indices[colour] = UInt8(colours.count)
            colours.append(colour)
        }
        return (colours, indices)
    }

    private static func append(_ name: String, _ content: [UInt8], to file: inout [UInt8]) {
        let body = Array(name.utf8) + content
        file += UInt32(content.count).bigEndianBytes + body + Checksums.crc32(body).bigEndianBytes
    }
}

/// Bytes as text of 64 characters (RFC 4648).
enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let held = min(3, bytes.count - start)
            var group = 0
            for offset in 0..<3 {
                group = group << 8 | (offset < held ? Int(bytes[start + offset]) : 0)
            }
            for place in 0..<4 {
                text.append(
                    place <= held ? alphabet[group >> (18 - 6 * place) & 63] : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
