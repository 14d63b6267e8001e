// Rows: taking samples out of a batch, putting them together, and measuring them one by one.

import CKernels

extension Tensor {
    /// The number of rows: the length of the first axis.
    public var rowCount: Int { shape.first ?? 1 }

    /// Elements of a row.
    public var rowLength: Int {
        rowCount == 0 ? Self.count(of: Array(shape.dropFirst())) : count / rowCount
    }

    /// Consecutive rows as a tensor of their own.
    ///
    /// - Precondition: The range lies within the rows.
    public func rows(_ range: Range<Int>) -> Tensor {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= rowCount,
            "rows: \(range) is not within 0..<\(rowCount)")
        var result = Tensor(shape: [range.count] + shape.dropFirst())
        let length = rowLength
        withFloats { source in
            result.withMutableFloats { target in
                _ = target.update(
                    fromContentsOf: source[range.lowerBound * length..<range.upperBound * length])
            }
        }
        return result
    }

    /// The rows with the given indices, in that order.
    ///
    /// - Precondition: Every index is a row's.
    public func gather(_ indices: [Int]) -> Tensor {
        var result = Tensor(shape: [0])
        Engine.copyRows(indices[...], of: self, into: &result, workers: nil)
        return result
    }

    /// Lets go of the rows after the first `count`; the others stay as they are.
    ///
    /// - Precondition: There are that many.
    public mutating func truncateRows(to count: Int) {
        precondition(count <= rowCount, "truncateRows: \(count) of \(rowCount) rows")
        let length = rowLength
        setShape([count] + shape.dropFirst(), count: count * length)
    }

    /// Replaces rows from `first` on by those of `rows`.
    ///
    /// - Precondition: They fit, and rows are equally long.
    public mutating func replaceRows(from first: Int, with rows: Tensor) {
        let length = rowLength
        precondition(
            rows.count == rows.rowCount * length && first >= 0 && first + rows.rowCount <= rowCount,
            "replaceRows: \(rows.shape) does not fit into \(shape) from row \(first) on")
        rows.withFloats { source in
            withMutableFloats { target in
                _ = UnsafeMutableBufferPointer(rebasing: target[(first * length)...])
                    .update(fromContentsOf: source)
            }
        }
    }

    /// Removes a row in constant time: the last one takes its place.
    ///
    /// - Precondition: It exists.
    public mutating func swapRemove(row: Int) {
        moveRow(rowCount - 1, to: row)
        truncateRows(to: rowCount - 1)
    }

    /// Copies a row over another.
    ///
    /// - Precondition: Both exist.
    mutating func moveRow(_ source: Int, to target: Int) {
        precondition(
            max(source, target) < rowCount && min(source, target) >= 0,
            "moveRow: \(source) to \(target) of \(rowCount) rows")
        guard source != target else { return }
        let length = rowLength
        withMutableFloats { floats in
            guard let base = floats.baseAddress else { return }
            (base + target * length).update(from: base + source * length, count: length)
        }
    }

    /// The index of the first element that is NaN or infinite, or nil if all are finite.
    public var firstNotFinite: Int? {
        withFloats { floats in
            guard let base = floats.baseAddress else { return nil }
            let index = ck_first_not_finite(base, floats.count)
            return index < floats.count ? index : nil
        }
    }

    /// For each row the index of its largest element, the lowest of equals.
    ///
    /// - Precondition: Rows are not empty.
    public func argmaxOfRows() -> [Int] {
        precondition(rowLength > 0, "argmaxOfRows: rows of \(shape) are empty")
        var best = [Int64](repeating: 0, count: rowCount)
        withFloats { floats in
            guard let base = floats.baseAddress else { return }
            ck_argmax(&best, base, rowCount, rowLength)
        }
        return best.map(Int.init)
    }
}

/// How far an image was moved. All from differences that are exact in Double.
public struct Distances: Equatable, Sendable {
    /// How many elements differ.
    public var l0: Double = 0
    /// Σ|d|.
    public var l1: Double = 0
    /// √Σd².
    public var l2: Double = 0
    /// max|d|.
    public var linf: Double = 0
    /// Σd, signed.
    public var sum: Double = 0
    /// The least signed difference.
    public var min: Double = 0
    /// The largest signed difference.
    public var max: Double = 0

    /// No distance at all.
    public init() {}
}

extension Engine {
    /// The rows of `source` with the given indices, in that order, written into `result`.
    ///
    /// - Precondition: Every index is a row's.
    public func gather(_ indices: ArraySlice<Int>, of source: Tensor, into result: inout Tensor) {
        Self.copyRows(indices, of: source, into: &result, workers: workers)
    }

    fileprivate static func copyRows(
        _ indices: ArraySlice<Int>, of source: Tensor, into result: inout Tensor, workers: Workers?
    ) {
        result.reserve([indices.count] + source.shape.dropFirst())
        let (length, rowCount) = (source.rowLength, source.rowCount)
        let rowsPerTask = 32
        source.withFloats { source in
            result.withMutableFloats { target in
                guard let source = source.baseAddress, let target = target.baseAddress else {
                    return
                }
                nonisolated(unsafe) let (from, to) = (source, target)
                let copy: @Sendable (Int) -> Void = { task in
                    let first = task * rowsPerTask
                    for place in first..<min(first + rowsPerTask, indices.count) {
                        let index = indices[indices.startIndex + place]
                        precondition(
                            index >= 0 && index < rowCount,
                            "gather: row \(index) is not within 0..<\(rowCount)")
                        (to + place * length).update(from: from + index * length, count: length)
                    }
                }
                let tasks = (indices.count + rowsPerTask - 1) / rowsPerTask
                if let workers {
                    workers.run(tasks: tasks, copy)
                } else {
                    for task in 0..<tasks { copy(task) }
                }
            }
        }
    }

    /// The distances of each row of `moved` from the same row of `original`.
    ///
    /// - Precondition: The shapes agree.
    public func distances(from original: Tensor, to moved: Tensor) -> [Distances] {
        precondition(
            original.shape == moved.shape, "distances: \(original.shape) against \(moved.shape)")
        let length = original.rowLength
        return original.withFloats { x in
            moved.withFloats { y in
                (0..<original.rowCount).map { row in
                    guard let x = x.baseAddress, let y = y.baseAddress else { return Distances() }
                    var found = ck_distances()
                    kernels.pointee.distances(&found, x + row * length, y + row * length, length)
                    var result = Distances()
                    (result.l0, result.l1, result.l2, result.linf) =
                        (found.l0, found.l1, found.l2, found.linf)
                    (result.sum, result.min, result.max) = (found.sum, found.min, found.max)
                    return result
                }
            }
        }
    }
}

/// Pixels as bytes.
public enum Pixels {
    /// byte / 255 for every byte: a true division, correctly rounded.
    ///
    /// - Precondition: The shape holds as many pixels as there are bytes.
    public static func fromBytes(_ bytes: UnsafeRawBufferPointer, shape: [Int]) -> Tensor {
        var result = Tensor(shape: shape)
        precondition(
            bytes.count == result.count, "fromBytes: \(bytes.count) bytes for shape \(shape)")
        result.withMutableFloats { target in
            guard let target = target.baseAddress,
                let source = bytes.bindMemory(to: UInt8.self).baseAddress
            else { return }
            KernelTable.best.pointee.from_bytes(target, source, bytes.count)
        }
        return result
    }
}
