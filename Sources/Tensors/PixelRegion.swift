// A part of maps: rows and columns of pixels, with all channels.

import CKernels

/// Rows and columns of maps.
public struct PixelRegion: Equatable, Sendable {
    /// The rows.
    public var rows: Range<Int>
    /// The columns.
    public var columns: Range<Int>

    /// Some rows and columns.
    public init(rows: Range<Int>, columns: Range<Int>) {
        (self.rows, self.columns) = (rows, columns)
    }

    /// Both regions, and what lies between them.
    public func joined(_ other: PixelRegion) -> PixelRegion {
        if isEmpty { return other }
        if other.isEmpty { return self }
        return PixelRegion(
            rows: min(
                rows.lowerBound, other.rows.lowerBound)..<max(
                    rows.upperBound, other.rows.upperBound),
            columns: min(
                columns.lowerBound, other.columns.lowerBound)..<max(
                    columns.upperBound, other.columns.upperBound))
    }

    /// Whether there is no pixel.
    public var isEmpty: Bool { rows.isEmpty || columns.isEmpty }

    func isWithin(_ height: Int, _ width: Int) -> Bool {
        rows.lowerBound >= 0 && rows.upperBound <= height && columns.lowerBound >= 0
            && columns.upperBound <= width
    }

    /// The pixels that windows at these places read.
    ///
    /// - Parameters:
    ///   - stride: From one window to the next.
    ///   - before: Pixels that the first window begins above and left of the maps.
    ///   - window: Over how many pixels one reaches.
    ///   - size: Rows and columns of the maps.
    /// - Returns: Those that exist.
    public func reach(
        stride: (Int, Int), before: (Int, Int), window: (Int, Int), within size: (Int, Int)
    ) -> PixelRegion {
        func read(_ places: Range<Int>, _ stride: Int, _ before: Int, _ window: Int, _ size: Int)
            -> Range<Int>
        {
            guard !places.isEmpty else { return 0..<0 }
            let first = min(max(0, places.lowerBound * stride - before), size)
            let end = min(size, (places.upperBound - 1) * stride - before + window)
            return first..<max(first, end)
        }
        return PixelRegion(
            rows: read(rows, stride.0, before.0, window.0, size.0),
            columns: read(columns, stride.1, before.1, window.1, size.1))
    }

    var kernel: ck_region {
        ck_region(
            top: rows.lowerBound, left: columns.lowerBound, bottom: rows.upperBound,
            right: columns.upperBound)
    }
}
