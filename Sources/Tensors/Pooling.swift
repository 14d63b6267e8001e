// Pooling over windows of feature maps [N, H, W, C]; every channel on its own.

import CKernels

/// The sizes of a pooling layer.
public struct PoolingShape: Equatable, Sendable {
    /// Rows of the input.
    public var inputHeight: Int
    /// Columns of the input.
    public var inputWidth: Int
    /// Channels of input and output.
    public var channels: Int
    /// Rows of a window.
    public var kernelHeight: Int
    /// Columns of a window.
    public var kernelWidth: Int
    /// Rows from one window to the next.
    public var strideHeight: Int
    /// Columns from one window to the next.
    public var strideWidth: Int
    /// Pixels around the input that no image holds.
    public var padding: Padding

    /// Describes a pooling layer.
    ///
    /// - Precondition: Sizes and strides are positive; padding is not negative and smaller than
    ///   the kernel, so that every window holds a pixel.
    public init(
        inputHeight: Int, inputWidth: Int, channels: Int, kernel: (Int, Int), stride: (Int, Int),
        padding: Padding = Padding()
    ) {
        precondition(
            min(inputHeight, inputWidth, channels, kernel.0, kernel.1) > 0
                && min(stride.0, stride.1) > 0
                && min(padding.top, padding.left, padding.bottom, padding.right) >= 0
                && max(padding.top, padding.bottom) < kernel.0
                && max(padding.left, padding.right) < kernel.1,
            """
            PoolingShape: [\(inputHeight), \(inputWidth), \(channels)], kernel \(kernel), \
            stride \(stride), padding \(padding)
            """)
        (self.inputHeight, self.inputWidth, self.channels) = (inputHeight, inputWidth, channels)
        (kernelHeight, kernelWidth) = kernel
        (strideHeight, strideWidth) = stride
        self.padding = padding
    }

    /// Describes a pooling layer with equal padding on opposite sides: rows and columns.
    public init(
        inputHeight: Int, inputWidth: Int, channels: Int, kernel: (Int, Int), stride: (Int, Int),
        padding: (Int, Int)
    ) {
        self.init(
            inputHeight: inputHeight, inputWidth: inputWidth, channels: channels, kernel: kernel,
            stride: stride, padding: Padding(padding.0, padding.1))
    }

    /// ⌊(H + padding − KH) / stride⌋ + 1, or 0 where the kernel does not fit.
    public var outputHeight: Int {
        ConvolutionShape.windows(
            inputHeight + padding.top + padding.bottom, kernelHeight, strideHeight)
    }

    /// ⌊(W + padding − KW) / stride⌋ + 1, or 0 where the kernel does not fit.
    public var outputWidth: Int {
        ConvolutionShape.windows(
            inputWidth + padding.left + padding.right, kernelWidth, strideWidth)
    }

    /// [H, W, C].
    var inputSizes: [Int] { [inputHeight, inputWidth, channels] }
    /// [OH, OW, C].
    var outputSizes: [Int] { [outputHeight, outputWidth, channels] }

    var windows: ck_windows {
        ck_windows(
            height: inputHeight, width: inputWidth, channels: channels, out_height: outputHeight,
            out_width: outputWidth, kernel_height: kernelHeight, kernel_width: kernelWidth,
            stride_y: strideHeight, stride_x: strideWidth, pad_top: padding.top,
            pad_left: padding.left)
    }
}

extension Engine {
    /// The largest pixel of each window: [N, H, W, C] → [N, OH, OW, C].
    ///
    /// Padding counts as −∞. Of equal pixels (−0 equals +0) the first in order of (kh, kw) is
    /// kept; a window with a NaN gives NaN.
    ///
    /// - Precondition: x has the sizes of the shape.
    public func maxPool(_ x: Tensor, shape: PoolingShape, into y: inout Tensor) {
        let images = Self.images(of: x, shape.inputSizes, "maxPool")
        y.reserve([images] + shape.outputSizes)
        pool(x, into: &y, shape: shape) { [kernels] in kernels.pointee.max_pool($0, $1, $2, $3, $4)
        }
    }

    /// The gradient of `maxPool` at its input.
    ///
    ///     dx[n, iy, ix, c] = Σ over the windows (oy, ox) ascending that hold the pixel, from +0,
    ///                        of dy[n, oy, ox, c] where the pixel is the first of its window that
    ///                        equals y[n, oy, ox, c] (the first NaN where y is one), else +0
    ///
    /// - Parameters:
    ///   - dy: [N, OH, OW, C].
    ///   - x: What was pooled.
    ///   - y: What `maxPool` gave.
    ///   - shape: The sizes.
    ///   - dx: Where the result goes, [N, H, W, C].
    /// - Precondition: The three have the sizes of the shape.
    public func maxPoolGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, shape: PoolingShape, into dx: inout Tensor
    ) {
        let images = Self.images(of: x, shape.inputSizes, "maxPoolGradient")
        let outputs = images * Tensor.count(of: shape.outputSizes)
        precondition(
            dy.count == outputs && y.count == outputs,
            "maxPoolGradient: \(dy.shape), output \(y.shape), of images \(x.shape)")
        dx.reserve([images] + shape.inputSizes)
        x.withFloats { x in
            y.withFloats { y in
                guard let xStart = x.baseAddress, let yStart = y.baseAddress else { return }
                nonisolated(unsafe) let (x, y) = (xStart, yStart)
                pool(dy, into: &dx, shape: shape) { [kernels] in
                    kernels.pointee.max_pool_gradient($0, $1, x, y, $2, $3, $4)
                }
            }
        }
    }

    /// The mean of each window: [N, H, W, C] → [N, OH, OW, C].
    ///
    ///     y = (Σ of the window's pixels from +0, (kh, kw) ascending) / (KH·KW)
    ///
    /// a true division. Padding counts as zeros, and is counted (PyTorch's
    /// `count_include_pad=True`).
    ///
    /// - Precondition: x has the sizes of the shape.
    public func averagePool(_ x: Tensor, shape: PoolingShape, into y: inout Tensor) {
        let images = Self.images(of: x, shape.inputSizes, "averagePool")
        y.reserve([images] + shape.outputSizes)
        pool(x, into: &y, shape: shape) { [kernels] in
            kernels.pointee.average_pool($0, $1, $2, $3, $4)
        }
    }

    /// The gradient of `averagePool` at its input.
    ///
    ///     dx = (Σ of dy from +0 over the windows (oy, ox) ascending that hold the pixel) / (KH·KW)
    ///
    /// - Precondition: dy has the sizes of the shape.
    public func averagePoolGradient(_ dy: Tensor, shape: PoolingShape, into dx: inout Tensor) {
        let images = Self.images(of: dy, shape.outputSizes, "averagePoolGradient")
        dx.reserve([images] + shape.inputSizes)
        pool(dy, into: &dx, shape: shape) { [kernels] in
            kernels.pointee.average_pool_gradient($0, $1, $2, $3, $4)
        }
    }

    /// The mean of each channel: [N, H, W, C] → [N, C].
    ///
    ///     y[n, c] = (Σ of x[n, h, w, c] from +0, (h, w) ascending) / (H·W)
    ///
    /// - Precondition: x has four axes, and images hold pixels.
    public func globalAveragePool(_ x: Tensor, into y: inout Tensor) {
        precondition(
            x.shape.count == 4 && x.shape[1] * x.shape[2] > 0,
            "globalAveragePool: \(x.shape) is not [N, H, W, C]")
        let (n, h, w, c) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
        let shape = Self.global(height: h, width: w, channels: max(1, c))
        guard c > 0 else { return y.reserve([n, 0]) }
        averagePool(x, shape: shape, into: &y)
        y.setShape([n, c], count: n * c)
    }

    /// The gradient of `globalAveragePool`: dx[n, h, w, c] = (0 + dy[n, c]) / (H·W).
    ///
    /// - Precondition: dy has two axes; height and width are positive.
    public func globalAveragePoolGradient(
        _ dy: Tensor, height: Int, width: Int, into dx: inout Tensor
    ) {
        precondition(
            dy.shape.count == 2 && min(height, width) > 0,
            "globalAveragePoolGradient: \(dy.shape) over \(height) × \(width) pixels")
        let channels = dy.shape[1]
        guard channels > 0 else { return dx.reserve([dy.shape[0], height, width, 0]) }
        averagePoolGradient(
            dy, shape: Self.global(height: height, width: width, channels: channels), into: &dx)
    }

    private static func global(height: Int, width: Int, channels: Int) -> PoolingShape {
        PoolingShape(
            inputHeight: height, inputWidth: width, channels: channels, kernel: (height, width),
            stride: (1, 1))
    }

    /// Runs a kernel over the rows of its result [N, rows, columns, C], a few at a time.
    private func pool(
        _ from: Tensor, into to: inout Tensor, shape: PoolingShape,
        _ kernel:
            @escaping @Sendable (
                UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<ck_windows>, Int,
                Int
            ) -> Void
    ) {
        guard to.count > 0 else { return }
        let (rows, length) = (to.shape[0] * to.shape[1], to.shape[2] * to.shape[3])
        let windows = shape.windows
        from.withFloats { from in
            to.withMutableFloats { to in
                // A batch of windows may be empty where the kernel does not fit: an address of
                // no length is all that its gradient needs.
                guard let toStart = to.baseAddress else { return }
                nonisolated(unsafe) let from = from.baseAddress ?? UnsafePointer(toStart)
                nonisolated(unsafe) let to = toStart
                bands(of: rows, elementsPerRow: length) { first, rows in
                    withUnsafePointer(to: windows) { kernel(to, from, $0, first, rows) }
                }
            }
        }
    }
}
