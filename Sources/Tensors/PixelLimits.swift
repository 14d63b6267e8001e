// How far each pixel of an image may go: a mask and bounds of channels, in two numbers a pixel.

import CKernels

/// Between which values each pixel of any image may move:
///
///     min(x, low) … max(x, high),   x the pixel of the original
///
/// so that the original is always within them, even where it lies beyond the bounds of its channel: such a
/// pixel may go towards its bounds, and no farther away. A pixel that may not change at all has no low and
/// no high, and x alone is left.
public struct PixelLimits: Equatable, Sendable {
    /// All pixels, between 0 and 1.
    public static let box = PixelLimits()

    /// One an element of an image, ∞ and −∞ for those that are held; none for the box.
    private let low: [Float]
    private let high: [Float]
    /// The elements that may change; none for the box.
    private let free: [Int]

    private init() { (low, high, free) = ([], [], []) }

    /// Limits of the elements of an image [C, H, W].
    ///
    /// What limits nothing is the box.
    /// - Parameters:
    ///   - mayChange: One an element; nil for all.
    ///   - bounds: One a channel; nil for 0…1.
    ///   - shape: [C, H, W].
    /// - Precondition: The sizes agree, and bounds are within 0…1.
    public init(mayChange: [Bool]?, bounds: [ClosedRange<Float>]?, shape: [Int]) {
        let count = shape.reduce(1, *)
        let area = count / max(1, shape.first ?? 1)
        precondition(
            mayChange?.count ?? count == count && bounds?.count ?? shape[0] == shape[0],
            "PixelLimits: \(mayChange?.count ?? 0) elements and \(bounds?.count ?? 0) channels for \(shape)"
        )
        let free = (0..<count).filter { mayChange?[$0] ?? true }
        var low = [Float](repeating: .infinity, count: count)
        var high = [Float](repeating: -.infinity, count: count)
        for index in free {
            let bounds = bounds?[index / area] ?? 0...1
            precondition(0 <= bounds.lowerBound && bounds.upperBound <= 1, "PixelLimits: \(bounds)")
            (low[index], high[index]) = (bounds.lowerBound, bounds.upperBound)
        }
        if low.allSatisfy({ $0 == 0 }) && high.allSatisfy({ $0 == 1 }) {
            self = .box
        } else {
            (self.low, self.high, self.free) = (low, high, free)
        }
    }

    /// Whether they are 0 and 1 everywhere.
    public var isBox: Bool { low.isEmpty }

    /// The size of the images that they are for; nil for any.
    public var count: Int? { isBox ? nil : low.count }

    // MARK: Which elements

    /// Whether an element may change.
    public func mayChange(_ index: Int) -> Bool { isBox || low[index] <= high[index] }

    /// Of so many elements, how many may change.
    public func freeCount(of count: Int) -> Int { isBox ? count : free.count }

    /// The place in the image of the element that may change of that rank, from 0.
    public func place(ofFree rank: Int) -> Int { isBox ? rank : free[rank] }

    /// Values for the elements that may change, in order, and 0 for the others.
    public func spread(_ values: [Float]) -> [Float] {
        guard !isBox else { return values }
        var all = [Float](repeating: 0, count: low.count)
        for (index, value) in zip(free, values) { all[index] = value }
        return all
    }

    /// Makes 0 of what belongs to elements that may not change, in every row.
    public func clearHeld(_ rows: inout Tensor) {
        if !isBox { rows.withMutableFloats(clearHeld) }
    }

    /// Likewise in rows that lie one after the other.
    public func clearHeld(_ rows: inout [Float]) {
        if !isBox { rows.withUnsafeMutableBufferPointer { clearHeld($0) } }
    }

    private func clearHeld(_ rows: UnsafeMutableBufferPointer<Float>) {
        for index in rows.indices where !mayChange(index % low.count) { rows[index] = 0 }
    }

    // MARK: How far

    /// The least value of an element whose original is x.
    public func lower(_ index: Int, around x: Float) -> Float { isBox ? 0 : min(x, low[index]) }

    /// The largest value of an element whose original is x.
    public func upper(_ index: Int, around x: Float) -> Float { isBox ? 1 : max(x, high[index]) }

    /// The nearest value within the limits of an element whose original is x.
    public func clamped(_ value: Float, _ index: Int, around x: Float) -> Float {
        min(max(value, lower(index, around: x)), upper(index, around: x))
    }

    /// The value of an element, whose original is x, that lies a share of the way from its least to its largest.
    public func value(at share: Float, _ index: Int, around x: Float) -> Float {
        let (lower, upper) = (lower(index, around: x), upper(index, around: x))
        return min(max(lower + share * (upper - lower), lower), upper)
    }

    /// Brings a row within the limits around a row of originals.
    ///
    /// - Precondition: Both rows exist and are equally long.
    public func clamp(
        _ row: Int, of points: inout Tensor, around originals: Tensor, row source: Int
    ) {
        let length = points.rowLength
        precondition(
            row < points.rowCount && source < originals.rowCount && originals.rowLength == length,
            "clamp: row \(row) of \(points.shape), row \(source) of \(originals.shape)")
        originals.withFloats { x in
            points.withMutableFloats { y in
                for index in 0..<length {
                    y[row * length + index] = clamped(
                        y[row * length + index], index, around: x[source * length + index])
                }
            }
        }
    }

    /// What the kernels read; nil for the box.
    func withKernelLimits<R>(_ body: (UnsafePointer<ck_limits>?) throws -> R) rethrows -> R {
        guard !isBox else { return try body(nil) }
        return try low.withUnsafeBufferPointer { low in
            try high.withUnsafeBufferPointer { high in
                var limits = ck_limits(low: low.baseAddress, high: high.baseAddress)
                return try withUnsafePointer(to: &limits) { try body($0) }
            }
        }
    }

    /// The least and the largest values around a row of originals; nil for the box.
    func withBounds<R>(
        around originals: Tensor, row: Int,
        _ body: (_ lower: UnsafePointer<Float>?, _ upper: UnsafePointer<Float>?) throws -> R
    ) rethrows -> R {
        guard !isBox else { return try body(nil, nil) }
        let x = originals.rows(row..<row + 1).values
        let lower = x.indices.map { self.lower($0, around: x[$0]) }
        let upper = x.indices.map { self.upper($0, around: x[$0]) }
        return try lower.withUnsafeBufferPointer { lower in
            try upper.withUnsafeBufferPointer { upper in
                try body(lower.baseAddress, upper.baseAddress)
            }
        }
    }
}
