// Rows that many threads fill, each its own.

import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A tensor in the making: every row is written once, by whichever thread has it.
public final class RowStore: @unchecked Sendable {
    private let shape: [Int]
    private let length: Int
    private let memory: UnsafeMutablePointer<Float>
    private let written: Mutex<[Bool]>

    /// Room for rows, all zero at first. The first axis of `shape` counts them.
    public init(shape: [Int]) {
        self.shape = shape
        let count = Tensor.count(of: shape)
        length = shape.first.map { $0 == 0 ? 0 : count / $0 } ?? 0
        // Zeros that take real memory only where a row is written: most rows of most budgets are not.
        guard let zeros = calloc(max(1, count), MemoryLayout<Float>.stride) else {
            fatalError("RowStore: no memory for \(shape)")
        }
        memory = zeros.bindMemory(to: Float.self, capacity: max(1, count))
        written = Mutex(Array(repeating: false, count: shape.first ?? 0))
    }

    deinit { free(memory) }

    /// Copies row `source` of `rows` into row `row`.
    ///
    /// - Precondition: The row exists, has the right length, and has not been written before.
    public func write(_ row: Int, from rows: Tensor, row source: Int) {
        precondition(rows.rowLength == length, "RowStore: row of \(rows.shape) into \(shape)")
        written.withLock { written in
            precondition(!written[row], "RowStore: row \(row) is written twice")
            written[row] = true
        }
        rows.withFloats { floats in
            guard let base = floats.baseAddress else { return }
            (memory + row * length).update(from: base + source * length, count: length)
        }
    }

    /// Whether a row has been written.
    public func holds(_ row: Int) -> Bool { written.withLock { $0[row] } }

    /// A copy of consecutive rows. Nobody may be writing them.
    public func rows(_ range: Range<Int>) -> Tensor {
        var result = Tensor(shape: [range.count] + shape.dropFirst())
        result.withMutableFloats { target in
            guard let base = target.baseAddress else { return }
            base.update(from: memory + range.lowerBound * length, count: range.count * length)
        }
        return result
    }
}
