// What a convolution does to a shape: pure arithmetic on sizes.

/// Zeros around an image, in pixels.
public struct Padding: Equatable, Sendable {
    /// Rows above.
    public var top: Int
    /// Columns to the left.
    public var left: Int
    /// Rows below.
    public var bottom: Int
    /// Columns to the right.
    public var right: Int

    /// Equal padding on opposite sides, as PyTorch has it.
    public init(_ height: Int = 0, _ width: Int = 0) {
        self.init(top: height, left: width, bottom: height, right: width)
    }

    /// Each side on its own, as TensorFlow's "SAME" needs it with even strides.
    public init(top: Int, left: Int, bottom: Int, right: Int) {
        (self.top, self.left, self.bottom, self.right) = (top, left, bottom, right)
    }
}

/// The sizes of a 2-D convolution of one image [H, W, C] with a weight [O, C / groups, KH, KW].
public struct ConvolutionShape: Equatable, Sendable {
    /// Rows of the input.
    public var inputHeight: Int
    /// Columns of the input.
    public var inputWidth: Int
    /// Channels of the input.
    public var inputChannels: Int
    /// Channels of the output.
    public var outputChannels: Int
    /// Rows of the kernel.
    public var kernelHeight: Int
    /// Columns of the kernel.
    public var kernelWidth: Int
    /// Rows from one window to the next.
    public var strideHeight: Int
    /// Columns from one window to the next.
    public var strideWidth: Int
    /// Rows from one pixel of a window to the next; 1 without gaps.
    public var dilationHeight: Int
    /// Columns from one pixel of a window to the next; 1 without gaps.
    public var dilationWidth: Int
    /// Zeros around the input.
    public var padding: Padding
    /// Into how many independent parts the channels fall.
    public var groups: Int

    /// Describes a convolution.
    ///
    /// - Precondition: Sizes, strides, dilations and groups are positive, padding is not negative, and
    ///   the groups divide both channel counts.
    public init(
        inputHeight: Int, inputWidth: Int, inputChannels: Int, outputChannels: Int,
        kernel: (Int, Int), stride: (Int, Int) = (1, 1), padding: Padding = Padding(),
        dilation: (Int, Int) = (1, 1), groups: Int = 1
    ) {
        precondition(
            min(inputHeight, inputWidth, inputChannels, outputChannels, kernel.0, kernel.1) > 0
                && min(stride.0, stride.1, dilation.0, dilation.1, groups) > 0
                && min(padding.top, padding.left, padding.bottom, padding.right) >= 0
                && inputChannels % groups == 0 && outputChannels % groups == 0,
            """
            ConvolutionShape: [\(inputHeight), \(inputWidth), \(inputChannels)] to \
            \(outputChannels) channels, kernel \(kernel), stride \(stride), dilation \(dilation), \
            padding \(padding), groups \(groups)
            """)
        (self.inputHeight, self.inputWidth) = (inputHeight, inputWidth)
        (self.inputChannels, self.outputChannels) = (inputChannels, outputChannels)
        (kernelHeight, kernelWidth) = kernel
        (strideHeight, strideWidth) = stride
        (dilationHeight, dilationWidth) = dilation
        self.padding = padding
        self.groups = groups
    }

    /// Rows and columns that a window reaches over: dilation·(K − 1) + 1.
    public var reach: (height: Int, width: Int) {
        (dilationHeight * (kernelHeight - 1) + 1, dilationWidth * (kernelWidth - 1) + 1)
    }

    /// ⌊(H + padding − reach) / stride⌋ + 1, or 0 where the kernel does not fit.
    public var outputHeight: Int {
        Self.windows(inputHeight + padding.top + padding.bottom, reach.height, strideHeight)
    }

    /// ⌊(W + padding − reach) / stride⌋ + 1, or 0 where the kernel does not fit.
    public var outputWidth: Int {
        Self.windows(inputWidth + padding.left + padding.right, reach.width, strideWidth)
    }

    /// How many windows of a kernel fit side by side.
    static func windows(_ length: Int, _ kernel: Int, _ stride: Int) -> Int {
        length < kernel ? 0 : (length - kernel) / stride + 1
    }

    /// [O, C / groups, KH, KW], as in a PyTorch `state_dict`.
    public var weightShape: [Int] {
        [outputChannels, inputChannels / groups, kernelHeight, kernelWidth]
    }

    /// Whether every channel has a kernel of its own and nothing else.
    public var isDepthwise: Bool {
        groups > 1 && groups == inputChannels && groups == outputChannels
    }

    /// Floating-point operations for one image, a multiply-add counted as two.
    public var flops: Int {
        2 * outputHeight * outputWidth * Tensor.count(of: weightShape)
    }
}

/// What a product does to its results before they are stored: the same expressions as the
/// elementwise kernels of these names.
public enum Activation: Equatable, Sendable {
    /// Nothing.
    case none
    /// 0 > x ? 0 : x.
    case relu
    /// 0 > x ? 0 : (x > 6 ? 6 : x).
    case relu6
}
