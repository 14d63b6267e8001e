// Numbers that belong to a channel: the slopes of a PReLU, and a factor for each channel of each image.

import CKernels

extension Engine {
    /// y = x > 0 ? x : slopes[c]·x, along the last axis.
    ///
    /// - Precondition: There are as many slopes as the last axis is long.
    public func prelu(_ x: Tensor, slopes: Tensor, into y: inout Tensor) {
        let rows = Self.rows(of: x, slopes, "prelu")
        y.reserve(x.shape)
        let (columns, kernels) = (slopes.count, layerKernels)
        withPointers(x, slopes, &y) { x, slopes, y in
            nonisolated(unsafe) let (x, slopes, y) = (x, slopes, y)
            bands(of: rows, elementsPerRow: columns) { first, count in
                let start = first * columns
                kernels.prelu(y + start, x + start, slopes, count, columns)
            }
        }
    }

    /// The gradient of `prelu` at its input: dx = x > 0 ? dy : slopes[c]·dy.
    ///
    /// - Precondition: dy and x hold equally many elements.
    public func preluGradient(_ dy: Tensor, x: Tensor, slopes: Tensor, into dx: inout Tensor) {
        Self.requireEqual(dy, x, "preluGradient")
        let rows = Self.rows(of: x, slopes, "preluGradient")
        dx.reserve(x.shape)
        let (columns, kernels) = (slopes.count, layerKernels)
        x.withFloats { x in
            guard let x = x.baseAddress else { return }
            withPointers(dy, slopes, &dx) { dy, slopes, dx in
                nonisolated(unsafe) let (dy, x, slopes, dx) = (dy, x, slopes, dx)
                bands(of: rows, elementsPerRow: columns) { first, count in
                    let start = first * columns
                    kernels.prelu_gradient(
                        dx + start, dy + start, x + start, slopes, count, columns)
                }
            }
        }
    }

    /// The gradient of `prelu` at its slopes: the column sums of x > 0 ? 0 : dy·x.
    ///
    /// - Precondition: dy and x hold equally many elements, and the last axis is `columns` long.
    public func preluSlopeGradient(
        _ dy: Tensor, x: Tensor, columns: Int, into slopes: inout Tensor, scratch: inout Tensor
    ) {
        Self.requireEqual(dy, x, "preluSlopeGradient")
        map(dy, x, into: &scratch) { [kernels = layerKernels] in
            kernels.slope_terms($0, $1, $2, $3, 0, 0)
        }
        columnSums(scratch.reshaped([x.count / max(1, columns), columns]), into: &slopes)
    }

    /// y[n, …, c] = x[n, …, c]·factors[n, c]: squeeze and excitation's product.
    ///
    /// - Precondition: x is a batch [N, …, C] and the factors are [N, C], in any number of axes.
    public func scaleImages(_ x: Tensor, by factors: Tensor, into y: inout Tensor) {
        let (images, rows, columns) = Self.imageRows(x, factors, "scaleImages")
        y.reserve(x.shape)
        withPointers(x, factors, &y) { x, factors, y in
            nonisolated(unsafe) let (x, factors, y) = (x, factors, y)
            workers.run(tasks: images) { [kernels] image in
                let start = image * rows * columns
                kernels.pointee.scale_channels(
                    y + start, x + start, factors + image * columns, nil, rows, columns)
            }
        }
    }

    /// The gradient of `scaleImages` at its factors.
    ///
    ///     d[n, c] = Σ over the pixels of image n ascending, from +0, of dy·x, each product rounded
    ///
    /// - Precondition: dy and x are batches [N, …, C] of one shape with pixels.
    public func imageFactorsGradient(
        _ dy: Tensor, x: Tensor, channels: Int, into factors: inout Tensor
    ) {
        Self.requireEqual(dy, x, "imageFactorsGradient")
        factors.reserve([x.rowCount, channels])
        let (images, rows, columns) = Self.imageRows(x, factors, "imageFactorsGradient")
        let kernels = layerKernels
        withPointers(dy, x, &factors) { dy, x, factors in
            nonisolated(unsafe) let (dy, x, factors) = (dy, x, factors)
            workers.run(tasks: images) { image in
                let start = image * rows * columns
                kernels.factor_sums(
                    factors + image * columns, dy + start, x + start, rows, columns)
            }
        }
    }

    private static func imageRows(
        _ x: Tensor, _ factors: Tensor, _ name: String
    ) -> (images: Int, rows: Int, columns: Int) {
        let (images, columns) = (x.rowCount, factors.rowLength)
        precondition(
            factors.rowCount == images && columns > 0 && x.rowLength % columns == 0,
            "\(name): \(factors.shape) for images \(x.shape)")
        return (images, x.rowLength / columns, columns)
    }

    private static func rows(of x: Tensor, _ vector: Tensor, _ name: String) -> Int {
        precondition(
            vector.count > 0 && x.count % vector.count == 0,
            "\(name): \(vector.shape) for the last axis of \(x.shape)")
        return x.count / vector.count
    }

    /// Opens two operands and a result; an empty batch has nothing to do.
    func withPointers(
        _ a: Tensor, _ b: Tensor, _ y: inout Tensor,
        _ body: (
            UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>
        ) -> Void
    ) {
        guard a.count > 0 else { return }
        a.withFloats { a in
            b.withFloats { b in
                y.withMutableFloats { y in
                    guard let a = a.baseAddress, let b = b.baseAddress, let y = y.baseAddress
                    else { return }
                    body(a, b, y)
                }
            }
        }
    }
}
