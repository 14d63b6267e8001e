// Pillow's Image.resize with the bilinear filter: each result is a weighted mean of the
// pixels under a triangle as wide as the reduction (so nothing is skipped: "antialiased"), first along
// rows, then along columns, with 8 bits between the two. Weights are doubles made by + − × ÷ alone
// and rounded to 22 fractional bits; the sums are integers. Networks are judged on pictures made
// this way, and one level of difference would already be a perturbation.
//
// Where the height shrinks while the width grows or hardly shrinks, Pillow 13 begins with the columns; we
// begin with the rows always, as Pillow did before, and there may be one level off it.

extension Picture {
    /// The picture in another size.
    /// - Precondition: both sizes are at least 1 and fit 32 bits together.
    public func resized(width: Int, height: Int) -> Picture {
        StoredPicture(
            width: self.width, height: self.height, pixels: pixels, orientation: 1, isGrey: isGrey
        ).resized(width: width, height: height)
    }

    /// The part in the middle. Where the margin is odd, its half is rounded to the even number,
    /// as torchvision's CenterCrop does.
    /// - Precondition: the part is not larger than the picture.
    public func centreCropped(width: Int, height: Int) -> Picture {
        precondition(
            (1...self.width).contains(width) && (1...self.height).contains(height),
            "centreCropped: \(width) × \(height) of \(self.width) × \(self.height)")
        func half(_ margin: Int) -> Int {
            margin / 2 + (margin % 4 == 3 ? 1 : 0)
        }
        let (left, top) = (half(self.width - width), half(self.height - height))
        var part: [UInt8] = []
        part.reserveCapacity(3 * width * height)
        for row in top..<(top + height) {
            let start = 3 * (row * self.width + left)
            part.append(contentsOf: pixels[start..<(start + 3 * width)])
        }
        return Picture(width: width, height: height, pixels: part, isGrey: isGrey)
    }

    /// The picture as networks for ImageNet take it: the shorter side resized to `side`, the longer one
    /// in proportion (rounded down), then the middle square of `crop` pixels.
    /// - Parameters:
    ///   - side: the size of the shorter side before the crop.
    ///   - crop: the size of the result, at most `side`.
    ///   - named: the file's name, for messages.
    /// - Returns: `crop` × `crop` pixels.
    /// - Throws: `FormatFault.picture` where the longer side would become longer than 65,536.
    public func prepared(side: Int, crop: Int, named: String) throws -> Picture {
        try StoredPicture(
            width: width, height: height, pixels: pixels, orientation: 1, isGrey: isGrey
        ).prepared(side: side, crop: crop, named: named)
    }

    /// The picture resized so that it just covers `width` × `height`, then the middle of that size: one
    /// side fits, the other one follows in proportion (rounded down, which still covers).
    /// - Parameters:
    ///   - width: the columns of the result.
    ///   - height: the rows of the result.
    ///   - named: the file's name, for messages.
    /// - Returns: `width` × `height` pixels.
    /// - Throws: `FormatFault.picture` where a side would become longer than 65,536.
    public func covering(width: Int, height: Int, named: String) throws -> Picture {
        // Whether width / self.width is the larger of the two ratios.
        let fitsWidth = width * self.height >= height * self.width
        let wide = fitsWidth ? width : height * self.width / self.height
        let high = fitsWidth ? width * self.height / self.width : height
        guard max(wide, high) <= 65_536 else {
            throw FormatFault.picture(
                file: named,
                .tooNarrow(width: self.width, height: self.height, result: max(wide, high)))
        }
        return resized(width: wide, height: high).centreCropped(width: width, height: height)
    }

    /// Decodes a file and prepares the picture: the same pixels as from `init(decoding:named:)` and
    /// `prepared(side:crop:named:)`, without a second copy for one that lies on its side.
    /// - Parameters:
    ///   - bytes: the whole file.
    ///   - side: the size of the shorter side before the crop.
    ///   - crop: the size of the result, at most `side`.
    ///   - named: the file's name, for messages.
    /// - Returns: `crop` × `crop` pixels.
    /// - Throws: `FormatFault.picture`, `.jpeg` or `.png`.
    public static func prepared(
        decoding bytes: UnsafeRawBufferPointer, side: Int, crop: Int, named: String
    ) throws -> Picture {
        try StoredPicture(decoding: bytes, named: named)
            .prepared(side: side, crop: crop, named: named)
    }
}

extension StoredPicture {
    /// The upright picture as networks for ImageNet take it; see `Picture.prepared(side:crop:named:)`.
    func prepared(side: Int, crop: Int, named: String) throws -> Picture {
        let (shorter, longer) = (min(width, height), max(width, height))
        let long = side * longer / shorter
        guard long <= 65_536 else {
            throw FormatFault.picture(
                file: named, .tooNarrow(width: width, height: height, result: long))
        }
        return resized(
            width: width <= height ? side : long, height: width <= height ? long : side
        ).centreCropped(width: crop, height: crop)
    }

    /// The upright picture in another size; see `Picture.resized`.
    func resized(width: Int, height: Int) -> Picture {
        precondition(
            (1...65_536).contains(width) && (1...65_536).contains(height),
            "resized: \(width) × \(height)")
        var pixels: [UInt8]
        if width != self.width {
            pixels = Weights(from: self.width, to: width).applied(
                to: self.pixels, from: origin, lines: self.height, step: step, lineStep: lineStep,
                width: 3)
        } else {
            pixels = upright.pixels
        }
        if height != self.height {
            // Columns next to each other have the same weights: one line of `3 * width` values.
            pixels = Weights(from: self.height, to: height).applied(
                to: pixels, from: 0, lines: 1, step: 3 * width, lineStep: 0, width: 3 * width)
        }
        return Picture(width: width, height: height, pixels: pixels, isGrey: isGrey)
    }
}

/// For each place of the result: the first place of the source that counts, and the weights from there.
private struct Weights {
    /// Fractional bits of a weight: 32 less 8 for the pixel and 2 for the sum and the sign.
    static let precision = 22

    private let starts: [Int]
    private let weights: [[Int32]]

    init(from source: Int, to count: Int) {
        let scale = Double(source) / Double(count)
        let support = max(scale, 1)
        var (starts, weights): ([Int], [[Int32]]) = ([], [])
        for place in 0..<count {
            let centre = (Double(place) + 0.5) * scale
            let first = max(0, Int(centre - support + 0.5))
            let end = min(source, Int(centre + support + 0.5))
            let raw = (first..<end).map { index in
                let distance = (Double(index) - centre + 0.5) * (1 / support)
                return max(0, 1 - abs(distance))
            }
            let sum = raw.reduce(0, +)
            starts.append(first)
            weights.append(
                raw.map { Int32((sum == 0 ? $0 : $0 / sum) * Double(1 << Self.precision) + 0.5) })
        }
        self.starts = starts
        self.weights = weights
    }

    /// Weighs along one direction. Place p of line l begins at `origin + l * lineStep + p * step` and is
    /// `width` values wide; the result is dense.
    func applied(
        to source: [UInt8], from origin: Int, lines: Int, step: Int, lineStep: Int, width: Int
    ) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: lines * starts.count * width)
        var sums = [Int32](repeating: 0, count: width)
        var place = 0
        for line in 0..<lines {
            for (start, weights) in zip(starts, weights) {
                for index in 0..<width { sums[index] = 1 << (Weights.precision - 1) }
                var from = origin + line * lineStep + start * step
                for weight in weights {
                    for index in 0..<width { sums[index] += Int32(source[from + index]) * weight }
                    from += step
                }
                for index in 0..<width {
                    result[place + index] = UInt8(
                        clamping: sums[index] >> Int32(Weights.precision))
                }
                place += width
            }
        }
        return result
    }
}
