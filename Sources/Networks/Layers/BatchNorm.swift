// Batch normalisation. In training it uses the batch's statistics and keeps running averages of
// them; otherwise it is a fixed scale and shift, which a product before it takes into its weights.

import Tensors

/// y = (x − mean[c]) / √(variance[c] + ε)·weight[c] + bias[c], channel by channel (Ioffe and
/// Szegedy 2015). Parameters and buffers are named as in PyTorch's `BatchNorm2d`.
///
/// In training, mean and variance (divided by the count) are the batch's, and
///
///     running ← (1 − momentum)·running + momentum·batch,   in double, rounded once,
///
/// where the variance goes in divided by the count less one, as in PyTorch (by 1 if there is only
/// one number). In evaluation they are the running averages; see `ChannelScaling`.
public struct BatchNorm: Layer {
    /// The name, such as "bn1".
    public let name: String
    /// "batch-norm".
    public let kind = "batch-norm"
    /// Channels.
    public let channels: Int
    /// ε, added to the variance.
    public let epsilon: Float
    /// The weight of a batch in the running averages.
    public let momentum: Float

    /// A normalisation of maps of `channels` channels; ε and momentum are PyTorch's defaults.
    public init(_ name: String, channels: Int, epsilon: Float = 1e-5, momentum: Float = 0.1) {
        (self.name, self.channels) = (name, channels)
        (self.epsilon, self.momentum) = (epsilon, momentum)
    }

    /// Weight and bias, trained; running_mean and running_var, not.
    public var parameters: [ParameterShape] {
        func shape(_ part: String, _ value: Float, isTrained: Bool) -> ParameterShape {
            ParameterShape(
                name: "\(name).\(part)", shape: [channels], initializer: .constant(value),
                isTrained: isTrained)
        }
        return [
            shape("weight", 1, isTrained: true), shape("bias", 0, isTrained: true),
            shape("running_mean", 0, isTrained: false), shape("running_var", 1, isTrained: false),
        ]
    }

    /// PyTorch counts batches, which nothing here needs.
    public var ignoredNames: [String] { ["\(name).num_batches_tracked"] }

    /// Maps of `channels` channels, or a vector of as many numbers (PyTorch's `BatchNorm1d`).
    public var takes: String { "[\(channels), H, W], channels last, or [\(channels)]" }

    /// The same shape.
    public func output(of input: Features) -> Features? {
        input.layout != .channelsFirst && input.shape[0] == channels ? input : nil
    }

    /// In training with the batch's statistics; otherwise a fixed scale and shift, which a product
    /// before it takes into its weights.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        setting.isTraining
            ? BatchNormTraining(self, engine: setting.engine)
            : BatchNormScaling(self, engine: setting.engine)
    }
}

extension BatchNorm {
    /// "batch-norm".
    public static var word: String { "batch-norm" }
    /// "bn".
    public static var stem: String { "bn" }
    /// "epsilon" and "momentum", PyTorch's defaults.
    public init(reading form: inout LayerForm, on input: Features) throws {
        let epsilon = try form.take("epsilon", default: 1e-5)
        let momentum = try form.take("momentum", default: 0.1)
        guard epsilon >= 0, (0...1).contains(momentum) else {
            throw form.fault(
                "expected epsilon 0 or more and momentum 0…1, found \(epsilon), \(momentum)")
        }
        self.init(form.name, channels: input.shape[0], epsilon: epsilon, momentum: momentum)
    }
    /// What is not the default.
    public func write(to form: inout LayerForm) {
        form.write("epsilon", epsilon, default: 1e-5)
        form.write("momentum", momentum, default: 0.1)
    }
}

/// What a normalisation with fixed statistics does to a channel: y = x·scale + shift.
///
///     scale = weight / √(variance + ε),   shift = bias − mean·scale,
///
/// in double. Taken into the weights of the product before it, w′ = w·scale and
/// b′ = b·scale + shift, in double and rounded once; alone, y = fma(x, scale, shift) with both
/// rounded to float.
public struct ChannelScaling: Sendable {
    /// One a channel.
    public let scale: [Double]
    /// One a channel.
    public let shift: [Double]

    /// From weight, bias, running_mean and running_var, in that order.
    public init(_ parameters: [Tensor], epsilon: Float) {
        let parts = parameters.map { $0.values.map(Double.init) }
        let (weight, bias, mean, variance) = (parts[0], parts[1], parts[2], parts[3])
        let scale = zip(weight, variance).map { $0 / ($1 + Double(epsilon)).squareRoot() }
        self.scale = scale
        shift = scale.indices.map { bias[$0] - mean[$0] * scale[$0] }
    }

    /// As it is: scale and shift, in that order.
    init(scale: Tensor, shift: Tensor) {
        self.scale = scale.values.map(Double.init)
        self.shift = shift.values.map(Double.init)
    }

    /// Scale and shift as floats, for a layer by itself.
    public var rounded: (scale: Tensor, shift: Tensor) {
        (
            Tensor(shape: [scale.count], values: scale.map { Float($0) }),
            Tensor(shape: [shift.count], values: shift.map { Float($0) })
        )
    }

    /// Weight and bias of a product whose output channels are scaled.
    func folded(weight: Tensor, bias: Tensor?) -> [Tensor] {
        var weight = weight
        let length = weight.rowLength
        weight.withMutableFloats { values in
            for channel in scale.indices {
                for place in channel * length..<(channel + 1) * length {
                    values[place] = Float(Double(values[place]) * scale[channel])
                }
            }
        }
        let before = bias?.values ?? Array(repeating: 0, count: scale.count)
        let after = scale.indices.map { Float(Double(before[$0]) * scale[$0] + shift[$0]) }
        return [weight, Tensor(shape: [after.count], values: after)]
    }
}

/// Batch normalisation in evaluation, by itself where no product precedes it.
private struct BatchNormScaling: Operation {
    let engine: Engine
    let epsilon: Float
    private var scale = Tensor(shape: [0])
    private var shift = Tensor(shape: [0])

    init(_ layer: BatchNorm, engine: Engine) { (epsilon, self.engine) = (layer.epsilon, engine) }

    var epilogue: Epilogue? { .batchNorm(epsilon: epsilon) }

    mutating func load(_ parameters: [Tensor], givesInputGradient: Bool) {
        (scale, shift) = ChannelScaling(parameters, epsilon: epsilon).rounded
    }

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.scaleChannels(x, by: scale, shift: shift, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.scaleChannels(dy, by: scale, shift: nil, into: &dx)
    }
}

/// Batch normalisation in training. It saves the batch's mean and variance for the gradient.
private struct BatchNormTraining: Operation {
    let engine: Engine
    let layer: BatchNorm
    private var weight = Tensor(shape: [0])
    private var bias = Tensor(shape: [0])

    init(_ layer: BatchNorm, engine: Engine) { (self.layer, self.engine) = (layer, engine) }

    let inputGradientReads = Reads.input
    let parameterGradientReads = Reads.input

    mutating func load(_ parameters: [Tensor], givesInputGradient: Bool) {
        weight.copy(parameters[0])
        bias.copy(parameters[1])
    }

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        let (mean, variance) = engine.batchStatistics(x)
        engine.batchNormalise(
            x, mean: mean, variance: variance, weight: weight, bias: bias, epsilon: layer.epsilon,
            into: &y)
        let count = Tensor(shape: [1], values: [Float(x.count / max(1, layer.channels))])
        if context.saved.isEmpty {
            context.saved = Array(repeating: Tensor(shape: [0]), count: 4)
        }
        (context.saved[0], context.saved[1], context.saved[2]) = (mean, variance, count)
    }

    /// Weight and bias gradients come out of the same sums, so this gives them too and
    /// `inputGradient` finds dx done.
    mutating func parameterGradients(
        _ dy: Tensor, x: Tensor, into gradients: inout [Tensor], context: inout OperationContext
    ) {
        var biasGradient = Tensor(shape: [0])
        swap(&biasGradient, &gradients[1])
        let (mean, variance) = (context.saved[0], context.saved[1])
        engine.batchNormaliseGradient(
            dy, x: x, mean: mean, variance: variance, weight: weight, epsilon: layer.epsilon,
            into: &context.saved[3], weightGradient: &gradients[0], biasGradient: &biasGradient)
        swap(&biasGradient, &gradients[1])
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        swap(&dx, &context.saved[3])
    }

    func updateBuffers(_ parameters: inout [Tensor], context: OperationContext) {
        precondition(
            context.saved.count == 4, "\(layer.name): no forward pass has saved statistics")
        let count = Double(context.saved[2].values[0])
        let unbiased = count > 1 ? count / (count - 1) : 1
        let momentum = Double(layer.momentum)
        func blend(_ running: Float, _ batch: Double) -> Float {
            Float((1 - momentum) * Double(running) + momentum * batch)
        }
        let (mean, variance) = (context.saved[0].values, context.saved[1].values)
        parameters[2].withMutableFloats { running in
            for c in running.indices { running[c] = blend(running[c], Double(mean[c])) }
        }
        parameters[3].withMutableFloats { running in
            for c in running.indices {
                running[c] = blend(running[c], Double(variance[c]) * unbiased)
            }
        }
    }
}
