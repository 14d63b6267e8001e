// How the numbers of a value lie: pixels with all their channels, line by line.

import Networks
import Tensors

/// The sizes of a sample in memory: rows, columns and channels of maps; a vector is one pixel.
struct Grid: Equatable, Sendable {
    let height: Int, width: Int, channels: Int

    init(_ features: Features) {
        if let maps = features.maps {
            (height, width, channels) = (maps.height, maps.width, maps.channels)
        } else if features.shape.count == 3, features.shape[0] == 1 {
            (height, width, channels) = (features.shape[1], features.shape[2], 1)
        } else {
            (height, width, channels) = (1, 1, features.count)
        }
    }

    var count: Int { height * width * channels }
    var whole: PixelRegion { PixelRegion(rows: 0..<height, columns: 0..<width) }
}

extension Grid {
    init(_ shape: (height: Int, width: Int, channels: Int)) {
        (height, width, channels) = shape
    }

    /// The pixel that holds a place.
    func pixel(of place: Int) -> PixelRegion {
        let (row, column) = (place / channels / width, place / channels % width)
        return PixelRegion(rows: row..<row + 1, columns: column..<column + 1)
    }

    /// The places of a region, in stretches of memory.
    func places(of region: PixelRegion) -> [Range<Int>] {
        if region.columns == 0..<width {
            let line = width * channels
            return [region.rows.lowerBound * line..<region.rows.upperBound * line]
        }
        return region.rows.map { row in
            let first = (row * width + region.columns.lowerBound) * channels
            return first..<first + region.columns.count * channels
        }
    }
}
