// A fixed scale and shift for each channel: constants that a graph multiplies by and adds.

import Tensors

/// y = fma(x, scale[c], shift[c]), channel by channel: what multiplications by, additions of,
/// subtractions of and divisions by constants come to, and a batch normalisation that is never trained.
/// The constants are part of the weights, `<name>.scale` [C] and `<name>.shift` [C], and no gradient moves
/// them. dx = dy·scale[c].
///
/// After a convolution or a fully connected layer it is folded into the weights, w′ = w·scale and
/// b′ = b·scale + shift, in double and rounded once.
public struct Affine: Layer {
    /// The name, such as "scale1".
    public let name: String
    /// "affine".
    public let kind = "affine"
    /// Channels of maps, or numbers of a vector.
    public let channels: Int

    /// A scale and a shift for each of so many channels.
    ///
    /// - Precondition: There is a channel.
    public init(_ name: String, channels: Int) {
        precondition(channels > 0, "Affine \(name): \(channels) channels")
        (self.name, self.channels) = (name, channels)
    }

    /// Scale, 1 at first, and shift, 0; neither trained.
    public var parameters: [ParameterShape] {
        [("scale", 1), ("shift", 0)].map { part, value in
            ParameterShape(
                name: "\(name).\(part)", shape: [channels], initializer: .constant(value),
                isTrained: false)
        }
    }

    /// Maps or a vector of so many channels.
    public var takes: String { "[\(channels), H, W], channels last, or [\(channels)]" }
    /// As its input.
    public func output(of input: Features) -> Features? {
        input.layout != .channelsFirst && input.shape[0] == channels ? input : nil
    }
    /// A scaling, which a product before it takes into its weights.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        guard output(of: input) != nil else { refuse(input) }
        return AffineOperation(engine: setting.engine, isFolded: !setting.isTraining)
    }
}

extension Affine {
    /// "affine".
    public static var word: String { "affine" }
    /// The word alone.
    public init(reading form: inout LayerForm, on input: Features) throws {
        guard input.shape[0] > 0 else { throw form.fault("there is no channel") }
        self.init(form.name, channels: input.shape[0])
    }
}

private struct AffineOperation: Operation {
    let engine: Engine
    /// Folding would give the product's own weights no gradient of their own.
    let isFolded: Bool
    private var scale = Tensor(shape: [0])
    private var shift = Tensor(shape: [0])

    init(engine: Engine, isFolded: Bool) { (self.engine, self.isFolded) = (engine, isFolded) }

    var epilogue: Epilogue? { isFolded ? .affine : nil }

    mutating func load(_ parameters: [Tensor], givesInputGradient: Bool) {
        scale.copy(parameters[0])
        shift.copy(parameters[1])
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
