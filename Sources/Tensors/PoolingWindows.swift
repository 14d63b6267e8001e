// Pooling over windows with gaps between their pixels, or whose mean is divided by a number of their
// own. Windows without either are `PoolingShape`'s.

import CKernels

/// The sizes of a pooling layer of any kind.
public struct PoolingWindows: Equatable, Sendable {
    /// [H, W, C] of the input.
    public var input: [Int]
    /// Rows and columns of the windows.
    public var output: [Int]
    /// Rows and columns of pixels of a window.
    public var kernel: [Int]
    /// From one window to the next.
    public var stride: [Int]
    /// From one pixel of a window to the next.
    public var dilation: [Int]
    /// Pixels around the input that no image holds; windows may reach further below and to the right.
    public var padding: Padding
    /// Whether a mean is divided by the window's pixels within image and padding, or by those within
    /// the image alone.
    public var countsPadding: Bool

    /// Describes a pooling layer.
    ///
    /// - Precondition: Sizes, strides and dilations are positive, and padding is not negative.
    public init(
        input: [Int], output: [Int], kernel: [Int], stride: [Int], dilation: [Int],
        padding: Padding, countsPadding: Bool
    ) {
        precondition(
            input.count == 3 && output.count == 2 && kernel.count == 2 && stride.count == 2
                && dilation.count == 2
                && (input + output + kernel + stride + dilation).allSatisfy { $0 > 0 }
                && min(padding.top, padding.left, padding.bottom, padding.right) >= 0,
            """
            PoolingWindows: \(input) to \(output), kernel \(kernel), stride \(stride), \
            dilation \(dilation), padding \(padding)
            """)
        (self.input, self.output, self.kernel) = (input, output, kernel)
        (self.stride, self.dilation, self.padding) = (stride, dilation, padding)
        self.countsPadding = countsPadding
    }

    fileprivate var outputSizes: [Int] { output + [input[2]] }

    fileprivate var pool: ck_pool {
        ck_pool(
            height: input[0], width: input[1], channels: input[2], out_height: output[0],
            out_width: output[1], kernel_height: kernel[0], kernel_width: kernel[1],
            stride_y: stride[0], stride_x: stride[1], dilation_y: dilation[0],
            dilation_x: dilation[1], pad_top: padding.top, pad_left: padding.left,
            pad_bottom: padding.bottom, pad_right: padding.right, counts_padding: countsPadding)
    }
}

extension Engine {
    /// The mean of each window: [N, H, W, C] → [N, OH, OW, C].
    ///
    ///     y = (Σ of the window's pixels within the image from +0, (kh, kw) ascending) / divisor
    ///
    /// a true division.
    ///
    /// - Precondition: x has the sizes of the windows.
    public func averagePool(_ x: Tensor, windows: PoolingWindows, into y: inout Tensor) {
        let images = Self.images(of: x, windows.input, "averagePool")
        y.reserve([images] + windows.outputSizes)
        run(x, windows, into: &y) { [kernels = layerKernels] in
            kernels.average($0, $1, $2, $3, $4)
        }
    }

    /// The gradient of `averagePool` at its input.
    ///
    ///     dx = Σ from +0 over the windows (oy, ox) ascending that hold the pixel, of dy / divisor
    ///
    /// - Precondition: dy has the sizes of the windows.
    public func averagePoolGradient(_ dy: Tensor, windows: PoolingWindows, into dx: inout Tensor) {
        let images = Self.images(of: dy, windows.outputSizes, "averagePoolGradient")
        dx.reserve([images] + windows.input)
        run(dy, windows, into: &dx) { [kernels = layerKernels] in
            kernels.average_gradient($0, $1, $2, $3, $4)
        }
    }

    /// The largest pixel of each window, as `maxPool(_:shape:into:)` takes it.
    ///
    /// - Precondition: x has the sizes of the windows.
    public func maxPool(_ x: Tensor, windows: PoolingWindows, into y: inout Tensor) {
        let images = Self.images(of: x, windows.input, "maxPool")
        y.reserve([images] + windows.outputSizes)
        run(x, windows, into: &y) { [kernels = layerKernels] in
            kernels.maximum($0, $1, $2, $3, $4)
        }
    }

    /// The gradient of `maxPool` at its input, as `maxPoolGradient(_:x:y:shape:into:)` gives it.
    ///
    /// - Precondition: The three have the sizes of the windows.
    public func maxPoolGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, windows: PoolingWindows, into dx: inout Tensor
    ) {
        let images = Self.images(of: x, windows.input, "maxPoolGradient")
        Self.requireEqual(dy, y, "maxPoolGradient")
        dx.reserve([images] + windows.input)
        x.withFloats { x in
            y.withFloats { y in
                guard let xStart = x.baseAddress, let yStart = y.baseAddress else { return }
                nonisolated(unsafe) let (x, y) = (xStart, yStart)
                run(dy, windows, into: &dx) { [kernels = layerKernels] in
                    kernels.maximum_gradient($0, $1, x, y, $2, $3, $4)
                }
            }
        }
    }

    /// Runs a kernel over the rows of its result [N, rows, columns, C], a few at a time.
    private func run(
        _ from: Tensor, _ windows: PoolingWindows, into to: inout Tensor,
        _ kernel:
            @escaping @Sendable (
                UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<ck_pool>, Int, Int
            ) -> Void
    ) {
        guard to.count > 0 else { return }
        let (rows, length) = (to.shape[0] * to.shape[1], to.shape[2] * to.shape[3])
        let pool = windows.pool
        withPointers(from, from, &to) { from, _, to in
            nonisolated(unsafe) let (from, to) = (from, to)
            bands(of: rows, elementsPerRow: length) { first, rows in
                withUnsafePointer(to: pool) { kernel(to, from, $0, first, rows) }
            }
        }
    }
}
