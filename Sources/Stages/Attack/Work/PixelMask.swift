// The file of a mask: which pixels an attack may change.

import Formats
import StageWork

/// Which values of an image may change, read from a file for images of one shape.
///
/// A PNG picture of black (held) and white (may change) pixels, which holds for all channels; or 0 and 1 of
/// any type of number, [H, W] for all channels or [C, H, W], in an .npy file or as the one tensor of a
/// safetensors file. What lies between is refused, not rounded: whoever drew soft edges should say where they
/// end. Which kind of file it is, its bytes say.
package enum PixelMask {
    /// The largest file that is read, in bytes.
    package static let fileLimit = Picture.fileLimit

    /// Reads a mask.
    ///
    /// - Parameters:
    ///   - file: The file.
    ///   - shape: [C, H, W] of the images.
    /// - Returns: One an element of [C, H, W].
    /// - Throws: `FormatFault` for a damaged file; `StageFault` for one that is no mask of such images.
    static func read(_ file: MappedFile, for shape: [Int]) throws -> [Bool] {
        let (values, found) = try numbers(in: file)
        let plane = Array(shape.dropFirst())
        guard found == plane || found == shape else {
            throw StageFault(
                .badData,
                "\(file.name): the mask is \(words(found)), and the images are \(shape) (channels, rows, "
                    + "columns)",
                remedy: "draw one of \(words(plane))")
        }
        if let place = values.firstIndex(where: { $0 != 0 && $0 != 1 }) {
            throw greyFault(file, values[place], at: place, plane)
        }
        guard values.contains(1) else {
            throw StageFault(
                .badData,
                "\(file.name): the mask lets no pixel change: all of it is black, or 0",
                remedy: "make white, or 1, what an attack may change")
        }
        let mask = values.map { $0 == 1 }
        return found == shape ? mask : Array((0..<shape[0]).map { _ in mask }.joined())
    }

    /// The numbers of a file and how they lie; of a picture 1 for white.
    private static func numbers(in file: MappedFile) throws -> ([Float], [Int]) {
        let bytes = file.bytes
        return try withExtendedLifetime(file) {
            if bytes.starts(with: [137, 80, 78, 71]) {
                return try picture(PNG(decoding: file.contents, named: file.name), file)
            }
            if bytes.starts(with: [147] + Array("NUMPY".utf8)) {
                let array = try NPY(file.contents, named: file.name)
                return (array.floats(), array.shape)
            }
            if SafeTensors.matches(file) { return try tensor(SafeTensors(file)) }
            let kind = FileKind(bytes).map { "it is \($0.rawValue)" } ?? "it is none of these"
            throw StageFault(
                .badData,
                "\(file.name): expected a mask, a PNG picture, an .npy or a safetensors file, and \(kind)",
                remedy: "a picture becomes one by `magick in.jpg -threshold 50% mask.png`")
        }
    }

    private static func picture(_ png: PNG, _ file: MappedFile) throws -> ([Float], [Int]) {
        let shape = [png.height, png.width]
        let channels = png.channels.rawValue
        let values = try (0..<png.height * png.width).map { place -> Float in
            let pixel = png.pixels[place * channels..<(place + 1) * channels]
            guard pixel.allSatisfy({ $0 == pixel[pixel.startIndex] }) else {
                throw StageFault(
                    .badData,
                    "\(file.name): row \(place / png.width), column \(place % png.width) is "
                        + "(\(pixel.map(String.init).joined(separator: ", "))); expected black or white",
                    remedy: thresholding)
            }
            return Float(pixel[pixel.startIndex]) / 255
        }
        return (values, shape)
    }

    private static func tensor(_ file: SafeTensors) throws -> ([Float], [Int]) {
        guard let entry = file.entries.first, file.entries.count + file.foreign.count == 1 else {
            let count = file.entries.count + file.foreign.count
            throw StageFault(
                .badData,
                "\(file.file.name): expected one tensor, the mask, and there are \(count)",
                remedy: "save the mask alone")
        }
        let bytes = file.bytes(of: entry)
        if entry.dtype.isFloat {
            let floats = [Float](unsafeUninitializedCapacity: entry.count) { target, filled in
                entry.dtype.widen(
                    bytes, into: UnsafeMutableBufferPointer(rebasing: target[..<entry.count]))
                filled = entry.count
            }
            return (floats, entry.shape)
        }
        // A whole number is 0 or 1 where only its first byte, the lowest, may be 1.
        let size = entry.dtype.size
        let floats = (0..<entry.count).map { index -> Float in
            let own = bytes[index * size..<(index + 1) * size]
            let isSmall = own.dropFirst().allSatisfy { $0 == 0 }
            return isSmall ? Float(own[own.startIndex]) : .infinity
        }
        return (floats, entry.shape)
    }

    private static let thresholding =
        "decide where it ends, for instance by `magick mask.png -threshold 50% mask.png`"

    private static func greyFault(
        _ file: MappedFile, _ value: Float, at place: Int, _ plane: [Int]
    ) -> StageFault {
        let (area, width) = (plane[0] * plane[1], plane[1])
        let isPicture = file.bytes.starts(with: [137, 80, 78, 71])
        let (row, column) = (place % area / width, place % width)
        return StageFault(
            .badData,
            "\(file.name): row \(row), column \(column) "
                + (isPicture
                    ? "is grey, \(Int((255 * value).rounded())) of 255; expected black or white"
                    : "is \(value.isFinite ? "\(value)" : "neither 0 nor 1"); expected 0 or 1"),
            remedy: isPicture
                ? thresholding : "save 0 and 1, for instance `(mask > 0.5).astype('uint8')`")
    }

    /// "28 × 28", rows first.
    private static func words(_ shape: [Int]) -> String {
        shape.isEmpty ? "a single number" : shape.map(String.init).joined(separator: " × ")
    }
}
