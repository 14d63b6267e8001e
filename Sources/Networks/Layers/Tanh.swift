// Activations of the exponential function.

import Tensors

/// y = tanh x, computed in double and rounded once, so nearly always the nearest float; dx = dy·((1 −
/// y)·(1 + y)). ±0 stays, and ±1 is reached from |x| = 9.01 on, where the gradient is 0.
public struct Tanh: Layer {
    /// The name, such as "tanh1".
    public let name: String
    /// "tanh".
    public let kind = "tanh"

    /// A tanh of this name.
    public init(_ name: String) { self.name = name }

    /// In place.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        ElementwiseOperation(engine: setting.engine, function: .tanh)
    }
}

extension Tanh {
    /// "tanh".
    public static var word: String { "tanh" }
    /// The word alone.
    public init(reading form: inout LayerForm, on input: Features) throws { self.init(form.name) }
}

/// y = x > 0 ? x : scale·(e^x − 1) (Clevert et al. 2015), the second in double and rounded once; dx =
/// x > 0 ? dy : dy·(scale·e^x), likewise, so that it does not vanish where y comes near to −scale.
public struct ELU: Layer {
    /// The name, such as "elu1".
    public let name: String
    /// "elu".
    public let kind = "elu"
    /// What e^x − 1 is multiplied by.
    public let scale: Float

    /// An ELU of this name.
    ///
    /// - Precondition: The scale is finite.
    public init(_ name: String, scale: Float = 1) {
        precondition(scale.isFinite, "ELU \(name): the scale is \(scale)")
        (self.name, self.scale) = (name, scale)
    }

    /// From one batch to another, of which it keeps the first.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        ElementwiseOperation(engine: setting.engine, function: .elu(scale: scale))
    }
}

extension ELU {
    /// "elu".
    public static var word: String { "elu" }
    /// "scale".
    public init(reading form: inout LayerForm, on input: Features) throws {
        self.init(form.name, scale: try form.take("scale", default: 1))
    }
    /// The scale, if it is not 1.
    public func write(to form: inout LayerForm) { form.write("scale", scale, default: 1) }
}
