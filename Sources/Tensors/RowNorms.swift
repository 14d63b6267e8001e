// Norms of rows, and steps of rows along others: what minimum-norm attacks do between passes.

import CKernels

extension Tensor {
    /// √Σx² of a row.
    public func l2(ofRow row: Int) -> Double { withRow(row) { ck_norm_l2($0, $1) } }

    /// Σ|x| of a row.
    public func l1(ofRow row: Int) -> Double { withRow(row) { ck_norm_l1($0, $1) } }

    /// max|x| of a row.
    public func linf(ofRow row: Int) -> Float {
        withRow(row) { start, count in
            (0..<count).reduce(0) { max($0, abs(start[$1])) }
        }
    }

    /// Whether every element of a row is 0.
    public func isZero(row: Int) -> Bool {
        withRow(row) { start, count in (0..<count).allSatisfy { start[$0] == 0 } }
    }

    /// Whether no element of a row is infinite or NaN.
    public func isFinite(row: Int) -> Bool {
        withRow(row) { start, count in ck_first_not_finite(start, count) == count }
    }

    /// Adds scale·g to a row, where g is a row of another tensor: the product and the sum in Double.
    ///
    /// - Precondition: Both rows exist and are equally long.
    public mutating func addToRow(_ row: Int, _ scale: Double, _ other: Tensor, row source: Int) {
        let length = rowLength
        precondition(
            other.rowLength == length && row < rowCount && source < other.rowCount,
            "addToRow: row \(source) of \(other.shape) to row \(row) of \(shape)")
        other.withFloats { other in
            withMutableFloats { floats in
                guard let y = floats.baseAddress, let g = other.baseAddress else { return }
                let target = y + row * length
                ck_step_l2(target, target, g + source * length, length, scale)
            }
        }
    }

    /// Copies a row of another tensor.
    ///
    /// - Precondition: Both rows exist and are equally long.
    public mutating func copyRow(_ source: Int, of other: Tensor, to row: Int) {
        let length = rowLength
        precondition(
            other.rowLength == length && row < rowCount && source < other.rowCount,
            "copyRow: row \(source) of \(other.shape) to row \(row) of \(shape)")
        other.withFloats { other in
            withMutableFloats { floats in
                guard let y = floats.baseAddress, let x = other.baseAddress else { return }
                (y + row * length).update(from: x + source * length, count: length)
            }
        }
    }

    /// Makes every element of a row 0.
    ///
    /// - Precondition: The row exists.
    public mutating func clearRow(_ row: Int) {
        precondition(row >= 0 && row < rowCount, "clearRow: row \(row) of \(rowCount)")
        let length = rowLength
        withMutableFloats { floats in
            for index in row * length..<(row + 1) * length { floats[index] = 0 }
        }
    }

    private func withRow<R>(_ row: Int, _ body: (UnsafePointer<Float>, Int) -> R) -> R {
        precondition(row >= 0 && row < rowCount, "row \(row) of \(rowCount)")
        let length = rowLength
        return withFloats { floats in
            // A row of no elements has no address; an empty sum needs none.
            guard let base = floats.baseAddress else {
                return withUnsafePointer(to: 0) { body($0, 0) }
            }
            return body(base + row * length, length)
        }
    }
}
