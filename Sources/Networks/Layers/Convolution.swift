// The convolution, dense, grouped or depthwise, with the weight as PyTorch stores it.

import Tensors

/// y[n, o, oy, ox] = b[o] + Σ over (kh, kw, ci) ascending of x·w, with taps outside the image
/// entering as explicit zeros, and with `dilation` that many pixels from one tap to the next; weight [outputs, inputs / groups, KH, KW], bias [outputs].
///
///     Convolution("conv1", inputs: 1, outputs: 32, kernel: 5, padding: 2)
public struct Convolution: Layer {
    /// The name, such as "conv1".
    public let name: String
    /// "convolution".
    public let kind = "convolution"
    /// Channels of the input.
    public let inputs: Int
    /// Channels of the output.
    public let outputs: Int
    /// Rows and columns of the kernel.
    public let kernel: [Int]
    /// Rows and columns from one window to the next.
    public let stride: [Int]
    /// Zeros around the image.
    public let padding: Padding
    /// Rows and columns from one pixel of a window to the next; 1 without gaps.
    public let dilation: [Int]
    /// Into how many independent parts the channels fall.
    public let groups: Int
    /// Whether there is a bias; a normalisation that follows makes it superfluous.
    public let hasBias: Bool

    /// A convolution with a kernel of [rows, columns] and padding of each side's own.
    ///
    /// - Precondition: Sizes are positive, no padding is negative, and the groups divide both channel
    ///   counts.
    public init(
        _ name: String, inputs: Int, outputs: Int, kernel: [Int], stride: [Int] = [1, 1],
        padding: Padding = Padding(), dilation: [Int] = [1, 1], groups: Int = 1, bias: Bool = true
    ) {
        precondition(
            kernel.count == 2 && stride.count == 2 && dilation.count == 2 && groups > 0
                && inputs % groups == 0
                && outputs % groups == 0 && inputs > 0 && outputs > 0
                && (kernel + stride + dilation).allSatisfy { $0 > 0 }
                && min(padding.top, padding.left, padding.bottom, padding.right) >= 0,
            "Convolution \(name): \(inputs) to \(outputs) channels in \(groups) groups, kernel \(kernel), stride \(stride), dilation \(dilation), padding \(padding)"
        )
        (self.name, self.inputs, self.outputs) = (name, inputs, outputs)
        (self.kernel, self.stride, self.padding) = (kernel, stride, padding)
        (self.dilation, self.groups, hasBias) = (dilation, groups, bias)
    }

    /// A convolution with a square kernel, equal strides and equal padding on all sides.
    public init(
        _ name: String, inputs: Int, outputs: Int, kernel: Int, stride: Int = 1, padding: Int = 0,
        groups: Int = 1, bias: Bool = true
    ) {
        self.init(
            name, inputs: inputs, outputs: outputs, kernel: [kernel, kernel],
            stride: [stride, stride], padding: Padding(padding, padding), groups: groups,
            bias: bias)
    }

    /// Weight [outputs, inputs / groups, KH, KW] and bias [outputs].
    public var parameters: [ParameterShape] {
        let shape = [outputs, inputs / groups] + kernel
        let initializer = ParameterShape.Initializer.uniform(
            fanIn: inputs / groups * kernel[0] * kernel[1])
        let weight = ParameterShape(
            name: "\(name).weight", shape: shape, initializer: initializer)
        let bias = ParameterShape(
            name: "\(name).bias", shape: [outputs], initializer: initializer)
        return hasBias ? [weight, bias] : [weight]
    }

    /// Maps of `inputs` channels, padded no smaller than the kernel.
    public var takes: String {
        let reach = zip(dilation, kernel).map { $0 * ($1 - 1) + 1 }
        let height = max(1, reach[0] - padding.top - padding.bottom)
        let width = max(1, reach[1] - padding.left - padding.right)
        return "[\(inputs), H, W], channels last, of at least \(height) × \(width) pixels"
    }

    /// The kernel and its stride.
    public var window: LayerWindow? { LayerWindow(size: kernel, stride: stride) }

    /// The sizes for an input; nil if it cannot take that.
    func shape(on input: Features) -> ConvolutionShape? {
        guard let maps = input.maps, maps.channels == inputs, maps.height > 0, maps.width > 0
        else { return nil }
        return ConvolutionShape(
            inputHeight: maps.height, inputWidth: maps.width, inputChannels: inputs,
            outputChannels: outputs, kernel: (kernel[0], kernel[1]),
            stride: (stride[0], stride[1]), padding: padding,
            dilation: (dilation[0], dilation[1]), groups: groups)
    }

    /// Maps of `outputs` channels.
    public func output(of input: Features) -> Features? {
        guard let shape = shape(on: input), shape.outputHeight > 0, shape.outputWidth > 0
        else { return nil }
        return .maps(channels: outputs, height: shape.outputHeight, width: shape.outputWidth)
    }

    /// Two for every tap.
    public func flops(on input: Features) -> Int { requireShape(on: input).flops }

    /// A product, which takes in a normalisation and an activation that follow it.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        ConvolutionOperation(requireShape(on: input), engine: setting.engine)
    }

    private func requireShape(on input: Features) -> ConvolutionShape {
        guard output(of: input) != nil, let shape = shape(on: input) else {
            refuse(input)
        }
        return shape
    }
}

extension Convolution {
    /// "conv".
    public static var word: String { "conv" }
    /// {"conv": 16, "kernel": 3}: so many channels; "stride", "padding" (also "same": as many windows as
    /// pixels divided by the stride, what is odd below and to the right), "dilation", "groups", "bias".
    public init(reading form: inout LayerForm, on input: Features) throws {
        let inputs = input.shape[0]
        let outputs = try form.takeCount("channels")
        let kernel = try form.takeSizes("kernel")
        let stride = try form.takeSizes("stride", default: [1, 1])
        let dilation = try form.takeSizes("dilation", default: [1, 1])
        let groups = try form.take("groups", in: 1...LayerForm.largest, default: 1)
        guard inputs % groups == 0, outputs % groups == 0 else {
            throw form.fault(
                "groups: \(groups) divides not both \(inputs) channels in and \(outputs) out")
        }
        try form.product([outputs, inputs / groups] + kernel, "weights")
        func same() -> Padding {
            guard let maps = input.shape.count == 3 ? Array(input.shape.suffix(2)) : nil else {
                return Padding()
            }
            let sides = zip(maps, zip(kernel, zip(stride, dilation))).map { length, window in
                let (kernel, (stride, dilation)) = window
                let windows = (length + stride - 1) / stride
                return max(0, (windows - 1) * stride + dilation * (kernel - 1) + 1 - length)
            }
            return Padding(
                top: sides[0] / 2, left: sides[1] / 2, bottom: sides[0] - sides[0] / 2,
                right: sides[1] - sides[1] / 2)
        }
        let padding = try form.takePadding(same: same)
        guard max(padding.bottom, padding.right) <= LayerForm.largest else {
            throw form.fault("padding: more than \(LayerForm.largest) pixels a side, \(padding)")
        }
        self.init(
            form.name, inputs: inputs, outputs: outputs, kernel: kernel, stride: stride,
            padding: padding, dilation: dilation, groups: groups,
            bias: try form.take("bias", default: true))
    }
    /// Channels, and what is not the default.
    public func write(to form: inout LayerForm) {
        form.value = .integer(outputs)
        form.write("kernel", kernel)
        form.write("stride", stride, default: [1, 1])
        form.write("padding", padding)
        form.write("dilation", dilation, default: [1, 1])
        form.write("groups", groups, default: 1)
        form.write("bias", hasBias, default: true)
    }
}

private struct ConvolutionOperation: Product {
    let engine: Engine
    let shape: ConvolutionShape
    var epilogues = ProductEpilogues()
    private var weights: ConvolutionWeights
    private var bias: Tensor?

    init(_ shape: ConvolutionShape, engine: Engine) {
        (self.shape, self.engine) = (shape, engine)
        weights = ConvolutionWeights(shape)
    }

    let parameterGradientReads = Reads.input

    mutating func load(_ parameters: [Tensor], givesInputGradient: Bool) {
        let parameters = epilogues.folded(parameters)
        weights.pack(parameters[0], givesInputGradient: givesInputGradient, on: engine)
        guard parameters.count > 1 else { return }
        var held = bias ?? Tensor(shape: [0])
        bias = nil  // lets go of it, so that it is not copied
        held.copy(parameters[1])
        bias = held
    }

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.convolve(
            x, by: weights, bias: bias, activation: epilogues.activation, into: &y,
            scratch: &context.scratch)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.convolutionInputGradient(dy, by: weights, into: &dx, scratch: &context.scratch)
    }

    mutating func parameterGradients(
        _ dy: Tensor, x: Tensor, into gradients: inout [Tensor], context: inout OperationContext
    ) {
        engine.convolutionWeightGradient(
            dy, x: x, shape: shape, into: &gradients[0], scratch: &context.scratch)
        guard gradients.count > 1 else { return }
        let pixels = dy.rowCount * shape.outputHeight * shape.outputWidth
        engine.columnSums(dy.reshaped([pixels, shape.outputChannels]), into: &gradients[1])
    }
}
