// Digits that nobody wrote: strokes of a pen, moved, slanted and blurred a little by a seed, white on
// black, 28 × 28 bytes, as MNIST's. Two small networks learn to read them within a few epochs.

import Foundation

enum MadeDigits {
    static let side = 28

    /// The strokes of each digit: x and y from 0 to 1 in the box of 20 × 20 pixels that MNIST's have.
    static let strokes: [[[(x: Double, y: Double)]]] = [
        [[(0.5, 0), (0.2, 0.2), (0.15, 0.8), (0.5, 1), (0.85, 0.8), (0.8, 0.2), (0.5, 0)]],
        [[(0.3, 0.2), (0.55, 0), (0.55, 1)]],
        [[(0.15, 0.2), (0.5, 0), (0.85, 0.25), (0.15, 1), (0.9, 1)]],
        [[(0.15, 0.1), (0.6, 0), (0.8, 0.25), (0.45, 0.48), (0.85, 0.7), (0.55, 1), (0.1, 0.9)]],
        [[(0.6, 0), (0.1, 0.65), (0.9, 0.65)], [(0.65, 0.35), (0.65, 1)]],
        [[(0.85, 0), (0.25, 0), (0.2, 0.45), (0.7, 0.45), (0.8, 0.8), (0.45, 1), (0.1, 0.9)]],
        [[(0.75, 0), (0.3, 0.4), (0.15, 0.8), (0.5, 1), (0.85, 0.75), (0.5, 0.55), (0.2, 0.75)]],
        [[(0.1, 0), (0.9, 0), (0.4, 1)]],
        [
            [(0.5, 0.48), (0.15, 0.25), (0.5, 0), (0.85, 0.25), (0.5, 0.48)],
            [(0.5, 0.48), (0.1, 0.75), (0.5, 1), (0.9, 0.75), (0.5, 0.48)],
        ],
        [[(0.8, 0.3), (0.45, 0.45), (0.2, 0.2), (0.5, 0), (0.8, 0.25), (0.7, 1)]],
    ]

    /// So many images, of the classes 0, 1, … 9, 0, 1, … in turn; the same for the same seed.
    static func images(_ count: Int, seed: UInt64) -> (pixels: [UInt8], labels: [UInt8]) {
        var random = Congruential(state: seed)
        let labels = (0..<count).map { UInt8($0 % 10) }
        return (labels.flatMap { image(of: Int($0), &random) }, labels)
    }

    /// One digit, as somebody else would have written it.
    private static func image(of digit: Int, _ random: inout Congruential) -> [UInt8] {
        let slant = random.between(-0.4, 0.4)
        let (left, top) = (random.between(3, 5), random.between(3, 5))
        let (width, height) = (random.between(13, 20), random.between(17, 20))
        let radius = random.between(0.9, 1.6)
        var pixels = [UInt8](repeating: 0, count: side * side)
        for stroke in strokes[digit] {
            let line = stroke.map { point in
                let x = point.x + random.between(-0.12, 0.12) + slant * (0.5 - point.y)
                let y = point.y + random.between(-0.1, 0.1)
                return SIMD2(left + (20 - width) / 2 + width * x, top + height * y)
            }
            for (start, end) in zip(line, line.dropFirst()) {
                draw(from: start, to: end, radius: radius, on: &pixels)
            }
        }
        return centred(pixels)
    }

    /// The image moved by whole pixels so that the centre of its light is in the middle, as MNIST's are.
    private static func centred(_ pixels: [UInt8]) -> [UInt8] {
        let light = pixels.reduce(0) { $0 + Int($1) }
        func shift(_ place: (Int) -> Int) -> Int {
            let sum = pixels.indices.reduce(0) { $0 + place($1) * Int(pixels[$1]) }
            return side / 2 - (sum + light / 2) / max(light, 1)
        }
        let (down, right) = (shift { $0 / side }, shift { $0 % side })
        var moved = [UInt8](repeating: 0, count: pixels.count)
        for (place, pixel) in pixels.enumerated() where pixel > 0 {
            let (y, x) = (place / side + down, place % side + right)
            if (0..<side).contains(y), (0..<side).contains(x) { moved[y * side + x] = pixel }
        }
        return moved
    }

    /// Draws a straight line, as bright as the pen is wide at each pixel.
    private static func draw(
        from start: SIMD2<Double>, to end: SIMD2<Double>, radius: Double, on pixels: inout [UInt8]
    ) {
        func reach(_ one: Double, _ other: Double) -> Range<Int> {
            let (low, high) = (min(one, other) - radius - 1, max(one, other) + radius + 1)
            return (max(0, Int(low))..<max(0, Int(high) + 1)).clamped(to: 0..<side)
        }
        for y in reach(start.y, end.y) {
            for x in reach(start.x, end.x) {
                let place = SIMD2(Double(x) + 0.5, Double(y) + 0.5)
                let light = radius + 0.5 - distance(place, start, end).squareRoot()
                let byte = UInt8(255 * min(max(light, 0), 1))
                pixels[y * side + x] = max(pixels[y * side + x], byte)
            }
        }
    }

    /// The square of a point's distance from the line between two others.
    private static func distance(
        _ place: SIMD2<Double>, _ start: SIMD2<Double>, _ end: SIMD2<Double>
    ) -> Double {
        let (line, from) = (end - start, place - start)
        let along = (line * from).sum() / max((line * line).sum(), 1e-9)
        let off = from - line * min(max(along, 0), 1)
        return (off * off).sum()
    }
}

/// Numbers that look random enough for handwriting.
private struct Congruential {
    var state: UInt64

    mutating func between(_ low: Double, _ high: Double) -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return low + (high - low) * Double(state >> 40) / Double(1 << 24)
    }
}
