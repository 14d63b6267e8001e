// What attacks do to the numbers of rows between passes; norms and steps of rows are Tensors'.

import Tensors

extension Tensor {
    /// Replaces every element by −1, 0 or 1.
    mutating func becomeSigns() {
        withMutableFloats { floats in
            for index in floats.indices {
                floats[index] = floats[index] > 0 ? 1 : floats[index] < 0 ? -1 : 0
            }
        }
    }

    /// Changes the sign of a row.
    ///
    /// - Precondition: It exists.
    mutating func negateRow(_ row: Int) {
        precondition(row >= 0 && row < rowCount, "negateRow: \(row) of \(rowCount) rows")
        let length = rowLength
        withMutableFloats { floats in
            for index in row * length..<(row + 1) * length { floats[index] = -floats[index] }
        }
    }
}
