// Rectifiers that let something through: one slope for all, or one that is learned.

import Tensors

/// y = x > 0 ? x : slope·x (Maas, Hannun and Ng 2013); the gradient at exactly 0 is slope·dy. PyTorch's
/// and ONNX's default is a slope of 0.01.
public struct LeakyReLU: Layer {
    /// The name, such as "leaky1".
    public let name: String
    /// "leaky-relu".
    public let kind = "leaky-relu"
    /// The slope below 0.
    public let slope: Float

    /// A leaky ReLU of this name.
    ///
    /// - Precondition: The slope is finite.
    public init(_ name: String, slope: Float = 0.01) {
        precondition(slope.isFinite, "LeakyReLU \(name): the slope is \(slope)")
        (self.name, self.slope) = (name, slope)
    }

    /// In place, for a slope that is not negative: y then has the sign of x.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        ElementwiseOperation(engine: setting.engine, function: .leakyReLU(slope: slope))
    }
}

extension LeakyReLU {
    /// "leaky-relu".
    public static var word: String { "leaky-relu" }
    /// "slope".
    public init(reading form: inout LayerForm, on input: Features) throws {
        self.init(form.name, slope: try form.take("slope", default: 0.01))
    }
    /// The slope, if it is not the default.
    public func write(to form: inout LayerForm) { form.write("slope", slope, default: 0.01) }
}

/// y = x > 0 ? x : weight[c]·x with a learned slope a channel, or one for all (He et al. 2015); weight
/// [C] or [1], a quarter at first, as PyTorch has it. The gradient at exactly 0 is weight[c]·dy; that at
/// the weight is the sum of x > 0 ? 0 : dy·x, rows in order in chunks of 256 as a bias's, and for a
/// single weight over the channels in order after that.
public struct PReLU: Layer {
    /// The name, such as "prelu1".
    public let name: String
    /// "prelu".
    public let kind = "prelu"
    /// How many slopes there are: the channels, or 1.
    public let slopes: Int

    /// A ReLU with learned slopes.
    ///
    /// - Precondition: There is a slope.
    public init(_ name: String, slopes: Int) {
        precondition(slopes > 0, "PReLU \(name): \(slopes) slopes")
        (self.name, self.slopes) = (name, slopes)
    }

    /// The weight [slopes].
    public var parameters: [ParameterShape] {
        [ParameterShape(name: "\(name).weight", shape: [slopes], initializer: .constant(0.25))]
    }

    /// As many channels as slopes; anything but an image as it enters, for one.
    public var takes: String {
        slopes == 1
            ? "maps, channels last, or a vector"
            : "[\(slopes), H, W], channels last, or [\(slopes)]"
    }
    /// As its input.
    public func output(of input: Features) -> Features? {
        input.layout != .channelsFirst && (slopes == 1 || input.shape[0] == slopes) ? input : nil
    }
    /// From one batch to another.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        guard output(of: input) != nil else { refuse(input) }
        return PReLUOperation(engine: setting.engine, channels: input.shape[0])
    }
}

extension PReLU {
    /// "prelu".
    public static var word: String { "prelu" }
    /// "slopes": 1, or as many as there are channels, which is the default.
    public init(reading form: inout LayerForm, on input: Features) throws {
        let channels = input.shape[0]
        let slopes = try form.take("slopes", in: 1...LayerForm.largest, default: channels)
        guard slopes == 1 || slopes == channels else {
            throw form.fault("slopes: expected 1 or \(channels), found \(slopes)")
        }
        guard slopes > 0 else { throw form.fault("there is no channel") }
        self.init(form.name, slopes: slopes)
    }
    /// A single slope.
    public func write(to form: inout LayerForm) {
        if slopes == 1 { form.write("slopes", 1) }
    }
}

private struct PReLUOperation: Operation {
    let engine: Engine
    let channels: Int
    let inputGradientReads = Reads.input
    let parameterGradientReads = Reads.input
    /// One a channel.
    private var slopes = Tensor(shape: [0])

    init(engine: Engine, channels: Int) { (self.engine, self.channels) = (engine, channels) }

    mutating func load(_ parameters: [Tensor], givesInputGradient: Bool) {
        if parameters[0].count == channels { return slopes.copy(parameters[0]) }
        let only = parameters[0].values[0]
        slopes.reserve([channels])
        slopes.withMutableFloats { $0.update(repeating: only) }
    }

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.prelu(x, slopes: slopes, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.preluGradient(dy, x: x, slopes: slopes, into: &dx)
    }

    mutating func parameterGradients(
        _ dy: Tensor, x: Tensor, into gradients: inout [Tensor], context: inout OperationContext
    ) {
        let isShared = gradients[0].count == 1
        engine.preluSlopeGradient(
            dy, x: x, columns: channels, into: &gradients[0], scratch: &context.scratch)
        guard isShared, channels > 1 else { return }
        let total = gradients[0].values.reduce(0, +)
        gradients[0].reserve([1])
        gradients[0].withMutableFloats { $0[0] = total }
    }
}
