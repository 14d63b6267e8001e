// The proposals of the square attack.

import Randomness
import Tensors

/// The proposals for one image. Only pixels that may change do, and every square has one of them.
struct SquareCanvas {
    let channels: Int
    let height: Int
    let width: Int
    let epsilon: Float
    let isL2: Bool
    let limits: PixelLimits

    typealias Pixels = UnsafeMutableBufferPointer<Float>
    typealias Original = UnsafeBufferPointer<Float>

    /// The first proposal.
    mutating func begin(_ y: Pixels, around x: Original, _ random: inout Randomness.Stream) {
        guard isL2 else {
            for channel in 0..<channels {
                for column in 0..<width {
                    let step = sign(&random) * epsilon
                    for row in 0..<height {
                        let index = (channel * height + row) * width + column
                        y[index] = held(x[index] + step, index, x[index])
                    }
                }
            }
            return
        }
        let side = height / 5 > 0 ? min(height, width) / 5 : 1
        var changes = [Double](repeating: 0, count: x.count)
        for top in stride(from: (height - side * 5) / 2, through: height - side, by: side) {
            for left in stride(from: (width - side * 5) / 2, through: width - side, by: side)
            where top >= 0 && left >= 0 {
                let wave = Self.wave(side, &random)
                for channel in 0..<channels {
                    let sign = Double(sign(&random))
                    for (place, value) in wave.enumerated() {
                        let index =
                            (channel * height + top + place / side) * width + left + place % side
                        if limits.mayChange(index) { changes[index] += value * sign }
                    }
                }
            }
        }
        write(changes, y, x)
    }

    /// The best image with one square made anew.
    mutating func change(
        _ y: Pixels, around x: Original, share: Double, _ random: inout Randomness.Stream
    ) {
        let wanted = (share * Double(height * width)).squareRoot().rounded(.toNearestOrEven)
        guard isL2 else {
            let side = min(max(1, Int(wanted)), min(height, width))
            let (top, left) = corner(side, &random)
            for channel in 0..<channels {
                let step = 2 * epsilon * sign(&random)
                for row in top..<top + side {
                    for column in left..<left + side {
                        let index = (channel * height + row) * width + column
                        y[index] = held(y[index] + step, index, x[index])
                    }
                }
            }
            return
        }
        var side = max(3, Int(wanted))
        side += side % 2 == 0 ? 1 : 0
        let most = min(height, width)
        side = min(side, most % 2 == 0 ? most - 1 : most)
        moveBudget(y, x, side, &random)
    }

    /// L2: the budget of one square goes to another, where it takes the shape of a wave.
    private func moveBudget(
        _ y: Pixels, _ x: Original, _ side: Int, _ random: inout Randomness.Stream
    ) {
        let (new, old) = (corner(side, &random), corner(side, &random))
        var changes = x.indices.map { Double(y[$0]) - Double(x[$0]) }
        func places(_ corner: (Int, Int), _ channel: Int) -> [Int] {
            (0..<side * side).map {
                (channel * height + corner.0 + $0 / side) * width + corner.1 + $0 % side
            }
        }
        let total = changes.reduce(0) { $0 + $1 * $1 }
        let spare = max(0, Double(epsilon) * Double(epsilon) - total) / Double(channels)
        let wave = Self.wave(side, &random)
        for channel in 0..<channels {
            let (gains, gives) = (places(new, channel), places(old, channel))
            let own = gains.reduce(0) { $0 + changes[$1] * changes[$1] }
            var both = own
            for index in gives {
                let (row, column) = (index / width % height, index % width)
                let isShared =
                    (new.0..<new.0 + side).contains(row)
                    && (new.1..<new.1 + side).contains(column)
                if !isShared { both += changes[index] * changes[index] }
            }
            let sign = Double(sign(&random))
            let before = 1e-12 + own.squareRoot()
            let mixed = gains.enumerated().map {
                limits.mayChange($1) ? wave[$0] * sign + changes[$1] / before : 0
            }
            let size = 1e-12 + mixed.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let scale = (spare + both).squareRoot() / size
            for index in gives { changes[index] = 0 }
            for (place, index) in gains.enumerated() { changes[index] = mixed[place] * scale }
        }
        write(changes, y, x)
    }

    /// x + changes, the whole of them brought to the norm ε, within the limits.
    private func write(_ changes: [Double], _ y: Pixels, _ x: Original) {
        let size = changes.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let scale = size > 0 ? Double(epsilon) / size : 0
        for index in x.indices {
            y[index] = limits.clamped(
                Float(Double(x[index]) + scale * changes[index]), index, around: x[index])
        }
    }

    /// Where a square lies: each place that has a pixel that may change is equally likely.
    private func corner(_ side: Int, _ random: inout Randomness.Stream) -> (Int, Int) {
        guard !limits.isBox else {
            return (
                Int(random.below(UInt32(height - side + 1))),
                Int(random.below(UInt32(width - side + 1)))
            )
        }
        let corners = corners(side)
        let chosen = corners[Int(random.below(UInt32(corners.count)))]
        return (chosen / width, chosen % width)
    }

    /// The top left pixels of the squares of that side that hold a pixel that may change; there is one.
    private func corners(_ side: Int) -> [Int] {
        // sums[y·across + x]: how many pixels above row y and left of column x may change.
        let across = width + 1
        var sums = [Int](repeating: 0, count: (height + 1) * across)
        for row in 0..<height {
            var line = 0
            for column in 0..<width {
                let place = row * width + column
                let isFree = (0..<channels).contains { channel in
                    limits.mayChange(channel * height * width + place)
                }
                line += isFree ? 1 : 0
                sums[(row + 1) * across + column + 1] = sums[row * across + column + 1] + line
            }
        }
        var corners: [Int] = []
        for top in 0...height - side {
            let (above, below) = (top * across, (top + side) * across)
            for left in 0...width - side {
                let upper = sums[above + left + side] - sums[above + left]
                let all = sums[below + left + side] - sums[below + left]
                if all > upper { corners.append(top * width + left) }
            }
        }
        return corners
    }

    private func sign(_ random: inout Randomness.Stream) -> Float {
        random.next() & 1 == 0 ? -1 : 1
    }

    /// A value within the ball and the limits.
    private func held(_ value: Float, _ index: Int, _ x: Float) -> Float {
        limits.clamped(min(max(value, x - epsilon), x + epsilon), index, around: x)
    }

    /// Two hills, one up and one down, of norm 1 together; lying or standing.
    private static func wave(_ side: Int, _ random: inout Randomness.Stream) -> [Double] {
        let (upper, lower) = (hill(side / 2, side), hill(side - side / 2, side).map { -$0 })
        var wave = upper + lower
        let size = wave.reduce(0) { $0 + $1 * $1 }.squareRoot()
        if size > 0 { wave = wave.map { $0 / size } }
        guard random.next() & 1 == 0 else { return wave }
        return (0..<side * side).map { wave[$0 % side * side + $0 / side] }
    }

    /// Growing rectangles about the middle, each adding 1 / n², of norm 1.
    private static func hill(_ rows: Int, _ columns: Int) -> [Double] {
        var values = [Double](repeating: 0, count: rows * columns)
        for ring in 0..<max(rows / 2 + 1, columns / 2 + 1) {
            let (top, left) = (rows / 2 - ring, columns / 2 - ring)
            for row in max(0, top)..<max(0, top, min(rows, top + 2 * ring + 1)) {
                for column in max(0, left)..<max(0, left, min(columns, left + 2 * ring + 1)) {
                    values[row * columns + column] += 1 / Double((ring + 1) * (ring + 1))
                }
            }
        }
        let size = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return size > 0 ? values.map { $0 / size } : values
    }
}
