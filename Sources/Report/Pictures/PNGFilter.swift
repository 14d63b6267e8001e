// The filters of PNG (RFC 2083, 6): each byte less a guess from its neighbours, so that the smooth
// parts of a photograph become small numbers, which compress.

/// Filters for rows of pixels.
enum PNGFilter: UInt8, CaseIterable {
    case none, left, above, mean, paeth

    /// A row after the filter that leaves the smallest numbers, behind that filter's own number.
    ///
    /// - Parameters:
    ///   - row: The bytes of the row.
    ///   - before: Those of the row above; empty for the first.
    ///   - step: Bytes of a pixel.
    /// - Returns: One byte more than the row.
    static func best(_ row: [UInt8], after before: [UInt8], step: Int) -> [UInt8] {
        let above = before.isEmpty ? Array(repeating: 0, count: row.count) : before
        var best: (cost: Int, bytes: [UInt8]) = (.max, [])
        for filter in allCases {
            let bytes = filter.applied(to: row, above, step)
            // As signed numbers: 255 is a step of one downwards.
            let cost = bytes.reduce(0) { $0 + Int(Int8(bitPattern: $1).magnitude) }
            if cost < best.cost { best = (cost, [filter.rawValue] + bytes) }
        }
        return best.bytes
    }

    private func applied(to row: [UInt8], _ above: [UInt8], _ step: Int) -> [UInt8] {
        row.indices.map { place in
            let left = place >= step ? Int(row[place - step]) : 0
            let corner = place >= step ? Int(above[place - step]) : 0
            let up = Int(above[place])
            let guess =
                switch self {
                case .none: 0
                case .left: left
                case .above: up
                case .mean: (left + up) / 2
                case .paeth: Self.nearest(to: left + up - corner, left, up, corner)
                }
            return row[place] &- UInt8(guess)
        }
    }

    /// Paeth's choice: the neighbour nearest to the plane through all three.
    private static func nearest(to guess: Int, _ left: Int, _ up: Int, _ corner: Int) -> Int {
        let (a, b, c) = (abs(guess - left), abs(guess - up), abs(guess - corner))
        return a <= b && a <= c ? left : b <= c ? up : corner
    }
}
