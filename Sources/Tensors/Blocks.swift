// How elementwise work is cut and its operands opened: blocks of a fixed length, so the cut never
// depends on the number of threads.

import CKernels

extension Engine {
    /// Elements a task takes: long enough to be worth handing over, short enough to share.
    static let block = 16_384

    /// Calls `body(start, count)` for consecutive blocks of 0..<count.
    func blocks(of count: Int, _ body: @escaping @Sendable (Int, Int) -> Void) {
        let tasks = (count + Self.block - 1) / Self.block
        workers.run(tasks: tasks) { task in
            let start = task * Self.block
            body(start, min(Self.block, count - start))
        }
    }

    /// Calls `body(first, rows)` for consecutive rows of 0..<rows, a multiple of two at a time and
    /// about a block's worth of elements.
    func bands(
        of rows: Int, elementsPerRow: Int, _ body: @escaping @Sendable (Int, Int) -> Void
    ) {
        let band = max(1, Self.block / max(1, 2 * elementsPerRow)) * 2
        let tasks = (rows + band - 1) / band
        workers.run(tasks: tasks) { task in
            let first = task * band
            body(first, min(band, rows - first))
        }
    }

    /// y = kernel(x), block by block; y takes the shape of x.
    func map(
        _ x: Tensor, into y: inout Tensor,
        _ kernel:
            @escaping @Sendable (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void
    ) {
        y.reserve(x.shape)
        x.withFloats { x in
            y.withMutableFloats { target in
                guard let x = x.baseAddress, let y = target.baseAddress else { return }
                nonisolated(unsafe) let (from, to) = (x, y)
                blocks(of: target.count) { start, count in kernel(to + start, from + start, count) }
            }
        }
    }

    /// y = kernel(a, b), block by block; y takes the shape of a.
    func map(
        _ a: Tensor, _ b: Tensor, into y: inout Tensor,
        _ kernel:
            @escaping @Sendable (
                UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int
            ) -> Void
    ) {
        y.reserve(a.shape)
        a.withFloats { a in
            b.withFloats { b in
                y.withMutableFloats { target in
                    guard let a = a.baseAddress, let b = b.baseAddress,
                        let y = target.baseAddress
                    else { return }
                    nonisolated(unsafe) let (left, right, to) = (a, b, y)
                    blocks(of: target.count) { start, count in
                        kernel(to + start, left + start, right + start, count)
                    }
                }
            }
        }
    }

    /// y = kernel(y), block by block.
    func update(
        _ y: inout Tensor,
        _ kernel: @escaping @Sendable (UnsafeMutablePointer<Float>, Int) -> Void
    ) {
        y.withMutableFloats { y in
            guard let target = y.baseAddress else { return }
            nonisolated(unsafe) let to = target
            blocks(of: y.count) { start, count in kernel(to + start, count) }
        }
    }

    /// y = kernel(y, b), block by block.
    func update(
        _ y: inout Tensor, with b: Tensor,
        _ kernel:
            @escaping @Sendable (UnsafeMutablePointer<Float>, UnsafePointer<Float>, Int) -> Void
    ) {
        b.withFloats { b in
            y.withMutableFloats { y in
                guard let other = b.baseAddress, let target = y.baseAddress else { return }
                nonisolated(unsafe) let (from, to) = (other, target)
                blocks(of: y.count) { start, count in kernel(to + start, from + start, count) }
            }
        }
    }
}
