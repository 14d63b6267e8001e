// Softmax over the last axis, within a network, with its gradients.

import CKernels

extension Engine {
    /// Softmax of each row, or its logarithm:
    ///
    ///     e_j = exp(x_j − max),  y_j = e_j / Σ e    or    y_j = (x_j − max) − log Σ e
    ///
    /// with sums in order, from +0. A NaN makes its row NaN.
    ///
    /// - Precondition: x consists of rows of so many columns.
    public func softmax(_ x: Tensor, columns: Int, isLogarithm: Bool, into y: inout Tensor) {
        let kernel = isLogarithm ? layerKernels.log_softmax : layerKernels.softmax
        y.reserve(x.shape)
        let rows = Self.rows(of: x, columns: columns, "softmax")
        withPointers(x, x, &y) { x, _, y in
            nonisolated(unsafe) let (x, y) = (x, y)
            bands(of: rows, elementsPerRow: columns) { first, count in
                let start = first * columns
                kernel?(y + start, x + start, count, columns)
            }
        }
    }

    /// The gradient of `softmax` at its input, where y is what it gave:
    ///
    ///     dx_j = y_j·(dy_j − Σ dy·y)    or    dx_j = dy_j − exp(y_j)·Σ dy
    ///
    /// with sums in order, from +0, and every operation rounded.
    ///
    /// - Precondition: dy and y hold equally many elements, in rows of so many columns.
    public func softmaxGradient(
        _ dy: Tensor, output y: Tensor, columns: Int, isLogarithm: Bool, into dx: inout Tensor
    ) {
        Self.requireEqual(dy, y, "softmaxGradient")
        let kernel =
            isLogarithm ? layerKernels.log_softmax_gradient : layerKernels.softmax_gradient
        dx.reserve(dy.shape)
        let rows = Self.rows(of: y, columns: columns, "softmaxGradient")
        withPointers(dy, y, &dx) { dy, y, dx in
            nonisolated(unsafe) let (dy, y, dx) = (dy, y, dx)
            bands(of: rows, elementsPerRow: columns) { first, count in
                let start = first * columns
                kernel?(dx + start, dy + start, y + start, count, columns)
            }
        }
    }

    static func rows(of x: Tensor, columns: Int, _ name: String) -> Int {
        precondition(
            columns > 0 && x.count % columns == 0,
            "\(name): rows of \(columns) columns in \(x.shape)")
        return x.count / columns
    }
}
