// A picture as its file holds it: the camera may have lain on its side. Turning it makes a second copy
// of all pixels, which one that is made smaller right away does not need.

/// Pixels in the order of a file, and how to walk over them upright.
struct StoredPicture {
    /// Pixels in a row and rows of the upright picture.
    let width: Int, height: Int
    /// Red, green, blue of each pixel in the order of the file.
    let pixels: [UInt8]
    /// Whether the file is grey; see `Picture.isGrey`.
    let isGrey: Bool
    /// Where the upright picture's first pixel starts, and from there the steps to the next one in its
    /// row and to the next row.
    let origin: Int, step: Int, lineStep: Int

    /// Pixels of a file.
    /// - Parameters:
    ///   - width: pixels in a row of the file.
    ///   - height: rows of the file.
    ///   - pixels: `3 * width * height` bytes.
    ///   - orientation: as EXIF counts it, 1 to 8.
    ///   - isGrey: whether the file is grey.
    init(width: Int, height: Int, pixels: [UInt8], orientation: Int, isGrey: Bool = false) {
        // From 5 up rows and columns change places. The pixel shown at (x, y) is stored at…
        let isSideways = orientation >= 5
        self.width = isSideways ? height : width
        self.height = isSideways ? width : height
        self.pixels = pixels
        self.isGrey = isGrey
        let (right, down) = (3, 3 * width)
        let (lastColumn, lastRow) = (right * (width - 1), down * (height - 1))
        (origin, step, lineStep) =
            switch orientation {
            case 2: (lastColumn, -right, down)
            case 3: (lastColumn + lastRow, -right, -down)
            case 4: (lastRow, right, -down)
            case 5: (0, down, right)
            case 6: (lastRow, -down, right)
            case 7: (lastColumn + lastRow, -down, -right)
            case 8: (lastColumn, down, -right)
            default: (0, right, down)
            }
    }

    /// Decodes a file of one of some formats where it lies.
    /// - Throws: `FormatFault.picture` where it is of none; `.jpeg`, `.png`, `.webP` where it is damaged.
    init(
        decoding bytes: UnsafeRawBufferPointer,
        as formats: [PictureFormat] = PictureFormat.jpegAndPNG,
        named: String
    ) throws {
        guard bytes.count <= Picture.fileLimit else {
            throw FormatFault.picture(file: named, .fileSize(bytes.count))
        }
        if formats.contains(.jpeg), JPEG.matches(bytes) {
            self = try JPEG.pixels(of: bytes, named: named)
        } else if formats.contains(.png), PNG.matches(bytes) {
            let png = try PNG(decoding: bytes, as: .rgb, named: named)
            self.init(
                width: png.width, height: png.height, pixels: png.pixels,
                orientation: EXIF.orientation(ofTIFF: PNGChunks(bytes).exif, in: bytes),
                isGrey: PNGChunks.isGrey(bytes))
        } else if formats.contains(.webP), WebP.matches(bytes) {
            self = try WebP.pixels(of: bytes, named: named)
        } else {
            throw FormatFault.picture(
                file: named,
                FileKind(bytes).map { .other($0, expected: formats) }
                    ?? .unknown(start: Array(bytes.prefix(16)), expected: formats))
        }
    }

    /// The picture, upright.
    var upright: Picture {
        guard (origin, step, lineStep) != (0, 3, 3 * width) else {
            return Picture(width: width, height: height, pixels: pixels, isGrey: isGrey)
        }
        var turned: [UInt8] = []
        turned.reserveCapacity(pixels.count)
        for y in 0..<height {
            for x in 0..<width {
                let place = origin + y * lineStep + x * step
                turned.append(contentsOf: pixels[place..<(place + 3)])
            }
        }
        return Picture(width: width, height: height, pixels: turned, isGrey: isGrey)
    }
}
