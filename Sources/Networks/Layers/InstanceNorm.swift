// Instance normalisation: every image by its own statistics.

import Tensors

/// y = (x − mean) / √(variance + ε)·weight[c] + bias[c] with mean and variance (divided by the count) of
/// channel c of the same image (Ulyanov et al. 2016), as PyTorch's `InstanceNorm2d(affine=True)`: what
/// `Engine.batchNormalise` does to a batch of one image. The gradients are that batch's, added image by
/// image for weight and bias.
public struct InstanceNorm: Layer {
    /// The name, such as "norm1".
    public let name: String
    /// "instance-norm".
    public let kind = "instance-norm"
    /// Channels.
    public let channels: Int
    /// ε, added to the variance.
    public let epsilon: Float

    /// A normalisation of maps of `channels` channels; ε is PyTorch's default.
    ///
    /// - Precondition: There is a channel, and ε is not negative.
    public init(_ name: String, channels: Int, epsilon: Float = 1e-5) {
        precondition(
            channels > 0 && epsilon >= 0 && epsilon.isFinite,
            "InstanceNorm \(name): \(channels) channels, ε = \(epsilon)")
        (self.name, self.channels, self.epsilon) = (name, channels, epsilon)
    }

    /// Weight and bias.
    public var parameters: [ParameterShape] {
        [("weight", 1), ("bias", 0)].map { part, value in
            ParameterShape(
                name: "\(name).\(part)", shape: [channels], initializer: .constant(value))
        }
    }

    /// Maps of `channels` channels.
    public var takes: String { "[\(channels), H, W], channels last" }
    /// The same shape.
    public func output(of input: Features) -> Features? {
        guard let maps = input.maps, maps.channels == channels, input.count > 0 else { return nil }
        return input
    }
    /// From one batch to another, of which it keeps the first.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        guard output(of: input) != nil else { refuse(input) }
        return InstanceNormalisation(engine: setting.engine, epsilon: epsilon)
    }
}

extension InstanceNorm {
    /// "instance-norm".
    public static var word: String { "instance-norm" }
    /// "in".
    public static var stem: String { "in" }
    /// "epsilon".
    public init(reading form: inout LayerForm, on input: Features) throws {
        let epsilon = try form.take("epsilon", default: 1e-5)
        guard epsilon >= 0, input.shape[0] > 0 else {
            throw form.fault("epsilon: expected a number from 0 on, found \(epsilon)")
        }
        self.init(form.name, channels: input.shape[0], epsilon: epsilon)
    }
    /// ε, if it is not the default.
    public func write(to form: inout LayerForm) { form.write("epsilon", epsilon, default: 1e-5) }
}

private struct InstanceNormalisation: Operation {
    let engine: Engine
    let epsilon: Float
    private var weight = Tensor(shape: [0])
    private var bias = Tensor(shape: [0])

    init(engine: Engine, epsilon: Float) { (self.engine, self.epsilon) = (engine, epsilon) }

    let inputGradientReads = Reads.input
    let parameterGradientReads = Reads.input

    mutating func load(_ parameters: [Tensor], givesInputGradient: Bool) {
        weight.copy(parameters[0])
        bias.copy(parameters[1])
    }

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        y.reserve(x.shape)
        for image in 0..<x.rowCount {
            let one = x.rows(image..<image + 1)
            let (mean, variance) = engine.batchStatistics(one)
            engine.batchNormalise(
                one, mean: mean, variance: variance, weight: weight, bias: bias, epsilon: epsilon,
                into: &context.scratch)
            y.setRow(image, to: context.scratch)
        }
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        dx.reserve(x.shape)
        eachGradient(dy, x: x, &context.scratch) { image, gradient, _, _ in
            dx.setRow(image, to: gradient)
        }
    }

    mutating func parameterGradients(
        _ dy: Tensor, x: Tensor, into gradients: inout [Tensor], context: inout OperationContext
    ) {
        for index in gradients.indices {
            gradients[index] = Tensor(shape: weight.shape)
        }
        eachGradient(dy, x: x, &context.scratch) { _, _, weight, bias in
            engine.add(weight, to: &gradients[0])
            engine.add(bias, to: &gradients[1])
        }
    }

    /// Calls `body` with the gradients of each image: at its pixels, at the weight, at the bias.
    private func eachGradient(
        _ dy: Tensor, x: Tensor, _ scratch: inout Tensor,
        _ body: (Int, Tensor, Tensor, Tensor) -> Void
    ) {
        var (ofWeight, ofBias) = (Tensor(shape: [0]), Tensor(shape: [0]))
        for image in 0..<x.rowCount {
            let one = x.rows(image..<image + 1)
            let (mean, variance) = engine.batchStatistics(one)
            engine.batchNormaliseGradient(
                dy.rows(image..<image + 1), x: one, mean: mean, variance: variance, weight: weight,
                epsilon: epsilon, into: &scratch, weightGradient: &ofWeight, biasGradient: &ofBias)
            body(image, scratch, ofWeight, ofBias)
        }
    }
}

extension Tensor {
    /// Writes the numbers of a sample.
    fileprivate mutating func setRow(_ row: Int, to sample: Tensor) {
        let length = rowLength
        sample.withFloats { from in
            withMutableFloats { to in
                _ = UnsafeMutableBufferPointer(rebasing: to[row * length..<(row + 1) * length])
                    .update(fromContentsOf: from)
            }
        }
    }
}
