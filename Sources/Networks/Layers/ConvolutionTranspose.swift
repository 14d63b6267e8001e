// The transposed convolution: what a convolution does to gradients, forward.

import Tensors

/// y[n, o, oy, ox] = Σ over (kh, kw, i) ascending, from +0, of x[n, i, (oy + p − kh·d)/s, (ox + p −
/// kw·d)/s]·w[i, o, kh, kw] over the taps whose place is a whole number, plus b[o], rounded once more;
/// weight [inputs, outputs / groups, KH, KW], bias [outputs], as PyTorch's `ConvTranspose2d`.
///
/// There are (H − 1)·s + d·(KH − 1) + 1 rows less padding, plus `outputPadding`.
public struct ConvolutionTranspose: Layer {
    /// The name, such as "up1".
    public let name: String
    /// "convolution-transpose".
    public let kind = "convolution-transpose"
    /// Channels of the input.
    public let inputs: Int
    /// Channels of the output.
    public let outputs: Int
    /// Rows and columns of the kernel.
    public let kernel: [Int]
    /// Rows and columns of the result from one pixel of the input to the next.
    public let stride: [Int]
    /// What is cut off around the result.
    public let padding: Padding
    /// Rows and columns that the result has more, at the bottom and on the right.
    public let outputPadding: [Int]
    /// Rows and columns from one tap to the next.
    public let dilation: [Int]
    /// Into how many independent parts the channels fall.
    public let groups: Int
    /// Whether there is a bias.
    public let hasBias: Bool

    /// A transposed convolution with a kernel of [rows, columns].
    ///
    /// - Precondition: Sizes are positive, no padding is negative, the groups divide both channel
    ///   counts, and the output's padding is less than the stride.
    public init(
        _ name: String, inputs: Int, outputs: Int, kernel: [Int], stride: [Int] = [1, 1],
        padding: Padding = Padding(), outputPadding: [Int] = [0, 0], dilation: [Int] = [1, 1],
        groups: Int = 1, bias: Bool = true
    ) {
        precondition(
            kernel.count == 2 && stride.count == 2 && dilation.count == 2
                && outputPadding.count == 2 && groups > 0 && inputs > 0 && outputs > 0
                && inputs % groups == 0 && outputs % groups == 0
                && (kernel + stride + dilation).allSatisfy { $0 > 0 }
                && min(padding.top, padding.left, padding.bottom, padding.right) >= 0
                && zip(outputPadding, stride).allSatisfy { $0 >= 0 && $0 < $1 },
            "ConvolutionTranspose \(name): \(inputs) to \(outputs) channels in \(groups) groups, "
                + "kernel \(kernel), stride \(stride), dilation \(dilation), padding \(padding) and \(outputPadding)"
        )
        (self.name, self.inputs, self.outputs) = (name, inputs, outputs)
        (self.kernel, self.stride, self.padding) = (kernel, stride, padding)
        (self.outputPadding, self.dilation) = (outputPadding, dilation)
        (self.groups, hasBias) = (groups, bias)
    }

    /// Weight [inputs, outputs / groups, KH, KW] and bias [outputs].
    public var parameters: [ParameterShape] {
        let shape = [inputs, outputs / groups] + kernel
        let initializer = ParameterShape.Initializer.uniform(
            fanIn: shape.dropFirst().reduce(1, *))
        let weight = ParameterShape(
            name: "\(name).weight", shape: shape, initializer: initializer)
        let bias = ParameterShape(
            name: "\(name).bias", shape: [outputs], initializer: initializer)
        return hasBias ? [weight, bias] : [weight]
    }

    /// Maps of `inputs` channels of which something is left.
    public var takes: String { "[\(inputs), H, W], channels last, larger than the padding" }

    private func size(_ length: Int, _ axis: Int, _ padding: Int) -> Int {
        (length - 1) * stride[axis] + dilation[axis] * (kernel[axis] - 1) + 1
            + outputPadding[axis] - padding
    }

    /// Maps of `outputs` channels.
    public func output(of input: Features) -> Features? {
        guard let maps = input.maps, maps.channels == inputs, maps.height > 0, maps.width > 0
        else { return nil }
        let height = size(maps.height, 0, padding.top + padding.bottom)
        let width = size(maps.width, 1, padding.left + padding.right)
        return height > 0 && width > 0
            ? .maps(channels: outputs, height: height, width: width) : nil
    }

    /// The convolution that leads from the result back to the input.
    private func adjoint(on input: Features) -> ConvolutionShape {
        guard let output = output(of: input) else { refuse(input) }
        return ConvolutionShape(
            inputHeight: output.shape[1], inputWidth: output.shape[2], inputChannels: outputs,
            outputChannels: inputs, kernel: (kernel[0], kernel[1]), stride: (stride[0], stride[1]),
            padding: padding, dilation: (dilation[0], dilation[1]), groups: groups)
    }

    /// Two for every tap.
    public func flops(on input: Features) -> Int { adjoint(on: input).flops }

    /// The input gradient of a convolution; its own is a convolution.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        TransposedConvolution(adjoint(on: input), engine: setting.engine)
    }
}

extension ConvolutionTranspose {
    /// "conv-transpose".
    public static var word: String { "conv-transpose" }
    /// "up".
    public static var stem: String { "up" }
    /// {"conv-transpose": 16, "kernel": 2, "stride": 2}: so many channels; "padding", "output_padding" (rows
    /// and columns), "dilation", "groups", "bias".
    public init(reading form: inout LayerForm, on input: Features) throws {
        let inputs = input.shape[0]
        let outputs = try form.takeCount("channels")
        let kernel = try form.takeSizes("kernel")
        let stride = try form.takeSizes("stride", default: [1, 1])
        let dilation = try form.takeSizes("dilation", default: [1, 1])
        let more = try form.takeList("output_padding", in: 0...LayerForm.largest) ?? [0, 0]
        let groups = try form.take("groups", in: 1...LayerForm.largest, default: 1)
        guard inputs > 0, inputs % groups == 0, outputs % groups == 0 else {
            throw form.fault("\(groups) groups do not divide \(inputs) and \(outputs) channels")
        }
        guard more.count == 2, zip(more, stride).allSatisfy({ $0 < $1 }) else {
            throw form.fault("output_padding: expected rows and columns below the stride \(stride)")
        }
        try form.product([inputs, outputs / groups] + kernel, "weights")
        self.init(
            form.name, inputs: inputs, outputs: outputs, kernel: kernel, stride: stride,
            padding: try form.takePadding(), outputPadding: more, dilation: dilation,
            groups: groups, bias: try form.take("bias", default: true))
    }
    /// All but the channels of the input.
    public func write(to form: inout LayerForm) {
        form.value = .integer(outputs)
        form.write("kernel", kernel)
        form.write("stride", stride, default: [1, 1])
        form.write("padding", padding)
        form.writeList("output_padding", outputPadding == [0, 0] ? nil : outputPadding)
        form.write("dilation", dilation, default: [1, 1])
        form.write("groups", groups, default: 1)
        form.write("bias", hasBias, default: true)
    }
}

private struct TransposedConvolution: Operation {
    let engine: Engine
    let shape: ConvolutionShape
    private var weights: ConvolutionWeights
    private var bias: Tensor?
    private let ones: Tensor

    init(_ shape: ConvolutionShape, engine: Engine) {
        (self.shape, self.engine) = (shape, engine)
        weights = ConvolutionWeights(shape)
        let channels = shape.inputChannels
        ones = Tensor(shape: [channels], values: Array(repeating: 1, count: channels))
    }

    let parameterGradientReads = Reads.input

    mutating func load(_ parameters: [Tensor], givesInputGradient: Bool) {
        weights.pack(parameters[0], givesInputGradient: true, on: engine)
        guard parameters.count > 1 else { return }
        var held = bias ?? Tensor(shape: [0])
        bias = nil  // lets go of it, so that it is not copied
        held.copy(parameters[1])
        bias = held
    }

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        guard let bias else {
            engine.convolutionInputGradient(x, by: weights, into: &y, scratch: &context.scratch)
            return
        }
        if context.saved.isEmpty { context.saved = [Tensor(shape: [0])] }
        engine.convolutionInputGradient(
            x, by: weights, into: &context.saved[0], scratch: &context.scratch)
        engine.scaleChannels(context.saved[0], by: ones, shift: bias, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.convolve(dy, by: weights, into: &dx, scratch: &context.scratch)
    }

    mutating func parameterGradients(
        _ dy: Tensor, x: Tensor, into gradients: inout [Tensor], context: inout OperationContext
    ) {
        engine.convolutionWeightGradient(
            x, x: dy, shape: shape, into: &gradients[0], scratch: &context.scratch)
        guard gradients.count > 1 else { return }
        let pixels = dy.rowCount * shape.inputHeight * shape.inputWidth
        engine.columnSums(dy.reshaped([pixels, shape.inputChannels]), into: &gradients[1])
    }
}
