// Brings images to the shape that is wanted, in 8 bits a colour: the shorter side resized, the middle square
// cut out (for a network on other shapes they are resized so that they cover it, and the middle is cut out);
// colour to grey or grey to colour. What was done is counted, to be said.

import Formats
import StageWork

/// The shape that images are brought to, and what had to be done.
struct PixelFit {
    /// The side of the middle square, and the shorter side before; nil where sizes stay as they are.
    private let crop: Int?, resize: Int?
    /// Whether the config itself says to resize, so that an image that has the size is resized too.
    private let isGiven: Bool
    /// The channels and the size that a network wants; nil where none is named.
    private let wanted: [Int]?
    private let model: String
    private let settings: DataSettings

    private var (resized, enlarged, untouched, greyed, coloured, rounded) = (0, 0, 0, 0, 0, 0)
    private var total = 0

    /// The shape that a network wants is [C, H, W]; for one on other than square images there is nothing
    /// to choose.
    /// - Throws: `StageFault` where the config asks for another size than the network.
    init(_ settings: DataSettings, wanted: [Int]?, of model: String) throws {
        (self.wanted, self.model, self.settings) = (wanted, model, settings)
        isGiven = settings.resize != nil
        if let wanted {
            let sides = "\(wanted[1]) × \(wanted[2])"
            if let crop = settings.crop, wanted[1] != crop || wanted[2] != crop {
                throw StageFault(
                    .badData, "crop is \(crop), and \(model) takes images of \(sides)",
                    remedy: "leave \"crop\" out")
            }
            guard wanted[1] == wanted[2] || settings.resize == nil else {
                throw StageFault(
                    .badData,
                    "resize is \(settings.resize ?? 0), and \(model) takes images of \(sides) (rows × "
                        + "columns), which is not square",
                    remedy: "leave \"resize\" out: pictures are resized so that they cover that")
            }
            guard settings.resize ?? .max >= wanted[1] else {
                throw StageFault(
                    .badData,
                    "resize is \(settings.resize ?? 0), and \(model) takes images of \(sides)",
                    remedy: "choose resize \(wanted[1]) or more, as in "
                        + "\(settings.typed("resize=\(wanted[1])")), or leave it out")
            }
        }
        crop = wanted.map { $0[1] } ?? settings.crop ?? settings.resize
        // As ImageNet's 224 pixels are cut out of 256.
        resize = settings.resize ?? crop.map { Int((Double($0) * 256 / 224).rounded()) }
    }

    /// The picture in the size wanted: its shape, [3, H, W] or for a network on grey [1, H, W], and its
    /// bytes.
    /// - Throws: `FormatFault.picture` for one that is too narrow.
    mutating func planes(
        of picture: Picture, named: String
    ) throws -> (shape: [Int], bytes: [UInt8]) {
        let sized = try sized(picture, named: named)
        guard wanted?[0] == 1 else {
            if picture.isGrey { coloured += 1 }
            return ([3, sized.height, sized.width], sized.planes)
        }
        // The luma of grey is that grey.
        if !picture.isGrey { greyed += 1 }
        return ([1, sized.height, sized.width], sized.luma)
    }

    private mutating func sized(_ picture: Picture, named: String) throws -> Picture {
        total += 1
        guard let crop, let resize else { return picture }
        let (height, width) = wanted.map { ($0[1], $0[2]) } ?? (crop, crop)
        if !isGiven, picture.width == width, picture.height == height {
            untouched += 1
            return picture
        }
        resized += 1
        guard height == width else {
            if picture.width < width || picture.height < height { enlarged += 1 }
            return try picture.covering(width: width, height: height, named: named)
        }
        if min(picture.width, picture.height) < resize { enlarged += 1 }
        return try picture.prepared(side: resize, crop: crop, named: named)
    }

    /// Images from arrays in the shape wanted. Floats that are resized or become grey are rounded to 8
    /// bits before.
    mutating func fitted(_ images: RawImages, of path: String) throws -> RawImages {
        let (channels, height, width) = (images.shape[0], images.shape[1], images.shape[2])
        let side = wanted.map { ($0[1], $0[2]) } ?? crop.map { ($0, $0) } ?? (height, width)
        let target = [wanted?[0] ?? channels, side.0, side.1]
        guard target != images.shape || isGiven else { return images }
        guard channels == 1 || channels == 3, target[0] == 1 || target[0] == 3 else {
            throw StageFault(
                .badData,
                "\(Shown.text(path)) has images of \(channels) channels, and \(target[0]) are wanted",
                remedy: "give images of \(target[0]) channels")
        }
        guard images.count * target.reduce(1, *) <= ArrayLimits.values else {
            throw Self.tooMany(images.count, target, settings)
        }
        if channels == 1, target == [3, height, width], !isGiven {
            (total, coloured) = (total + images.count, coloured + images.count)
            return images.inColour
        }
        if case .floats = images.values { rounded += images.count }
        var result: [UInt8] = []
        result.reserveCapacity(images.count * target.reduce(1, *))
        for index in 0..<images.count {
            let picture = Picture(
                width: width, height: height, pixels: Self.pixels(images, index))
            let sized = try sized(picture, named: "image \(index) of \(path)")
            if channels > target[0] { greyed += 1 }
            if channels < target[0] { coloured += 1 }
            result += target[0] == 1 ? (channels == 1 ? sized.red : sized.luma) : sized.planes
        }
        var fitted = images
        (fitted.shape, fitted.values) = (target, .bytes(result))
        return fitted
    }

    /// Refuses more pixel values than are held.
    static func tooMany(
        _ count: Int, _ shape: [Int], _ settings: DataSettings
    ) -> StageFault {
        let size = shape.map(String.init).joined(separator: " × ")
        let limit = max(1, ArrayLimits.values / shape.reduce(1, *))
        return StageFault(
            .badData,
            "\(count) images of \(size) have more than the \(ArrayLimits.values) values that are taken "
                + "in",
            remedy:
                "take fewer, as in \"limit\": \(limit), typed \(settings.typed("limit=\(limit)"))")
    }

    /// Red, green and blue of an image's pixels, in 8 bits.
    private static func pixels(_ images: RawImages, _ index: Int) -> [UInt8] {
        let area = images.shape[1] * images.shape[2]
        let start = index * images.size
        var pixels = [UInt8](repeating: 0, count: 3 * area)
        for channel in 0..<3 {
            let from = start + (images.shape[0] == 3 ? channel * area : 0)
            for pixel in 0..<area {
                pixels[3 * pixel + channel] =
                    switch images.values {
                    case .bytes(let bytes): bytes[from + pixel]
                    case .floats(let floats): UInt8((floats[from + pixel] * 255).rounded())
                    }
            }
        }
        return pixels
    }

    /// What was done, a line each.
    var notes: [String] {
        let whose = wanted == nil ? "" : ", as \(model) takes them"
        var notes: [String] = []
        if resized > 0, let wanted, wanted[1] != wanted[2] {
            notes.append(
                "\(resized) of \(total) images: resized so that they cover \(wanted[1]) × \(wanted[2]) "
                    + "(rows × columns), the middle of that size cut out\(whose)")
        } else if resized > 0, let crop, let resize {
            notes.append(
                "\(resized) of \(total) images: the shorter side resized to \(resize), the middle "
                    + "\(crop) × \(crop) cut out\(whose)")
        }
        if enlarged > 0 { notes.append("\(enlarged) of these were smaller and are enlarged") }
        if untouched > 0, resized > 0 {
            notes.append("\(untouched) of \(total) images have that size and stay as they are")
        }
        if greyed > 0 {
            notes.append(
                "\(greyed) of \(total) images: colour to grey (0.299 red + 0.587 green + 0.114 blue)"
                    + whose)
        }
        if rounded > 0 { notes.append("\(rounded) of \(total) images: rounded to 8 bits before") }
        if coloured > 0 {
            notes.append(
                "\(coloured) of \(total) images: grey to colour, the same three times\(whose)")
        }
        return notes
    }
}

extension Picture {
    /// Grey, as Pillow's `convert("L")` makes it: (19595 R + 38470 G + 7471 B + 2¹⁵) / 2¹⁶, which is
    /// 0.299 R + 0.587 G + 0.114 B to the nearest level.
    var luma: [UInt8] {
        (0..<(width * height)).map { pixel in
            let (red, green, blue) = (
                Int(pixels[3 * pixel]), Int(pixels[3 * pixel + 1]), Int(pixels[3 * pixel + 2])
            )
            return UInt8((19_595 * red + 38_470 * green + 7471 * blue + 0x8000) >> 16)
        }
    }

    /// The first channel alone, of a picture that was grey.
    fileprivate var red: [UInt8] { (0..<(width * height)).map { pixels[3 * $0] } }
}
