// Images come channel by channel, [N, C, H, W]; feature maps stand pixel by pixel, [N, H, W, C].
// Only moves floats.

import CKernels

extension Engine {
    /// [N, C, H, W] → [N, H, W, C].
    ///
    /// - Precondition: x has four axes.
    public func channelsLast(_ x: Tensor, into y: inout Tensor) {
        precondition(x.shape.count == 4, "channelsLast: \(x.shape) is not [N, C, H, W]")
        let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
        y.reserve([n, h, w, c])
        exchange(x, into: &y, images: n, rows: c, columns: h * w)
    }

    /// [N, H, W, C] → [N, C, H, W].
    ///
    /// - Precondition: x has four axes.
    public func channelsFirst(_ x: Tensor, into y: inout Tensor) {
        precondition(x.shape.count == 4, "channelsFirst: \(x.shape) is not [N, H, W, C]")
        let (n, h, w, c) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
        y.reserve([n, c, h, w])
        exchange(x, into: &y, images: n, rows: h * w, columns: c)
    }

    /// Each image's matrix [rows, columns] becomes [columns, rows]. A task takes a few lines of
    /// the longer axis.
    private func exchange(
        _ x: Tensor, into y: inout Tensor, images: Int, rows: Int, columns: Int
    ) {
        guard x.count > 0 else { return }
        let size = rows * columns
        let isTall = rows > columns
        let (long, short) = isTall ? (rows, columns) : (columns, rows)
        let lines = max(16, Self.block / short / 16 * 16)
        let parts = (long + lines - 1) / lines
        x.withFloats { x in
            y.withMutableFloats { y in
                guard let x = x.baseAddress, let y = y.baseAddress else { return }
                nonisolated(unsafe) let (from, to) = (x, y)
                workers.run(tasks: images * parts) { [kernels] task in
                    let (image, part) = task.quotientAndRemainder(dividingBy: parts)
                    let first = part * lines
                    let count = min(lines, long - first)
                    let (from, to) = (from + image * size, to + image * size)
                    if isTall {
                        kernels.pointee.transpose(
                            to + first, rows, from + first * columns, columns, count, columns)
                    } else {
                        kernels.pointee.transpose(
                            to + first * rows, rows, from + first, columns, rows, count)
                    }
                }
            }
        }
    }
}
