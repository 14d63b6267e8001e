// Exponential and logarithm, and the smooth ReLU made of both.

import Tensors

/// y = e^x, correctly rounded; dx = dy·y.
public struct Exponential: Layer {
    /// The name, such as "exp1".
    public let name: String
    /// "exponential".
    public let kind = "exponential"

    /// An exponential of this name.
    public init(_ name: String) { self.name = name }

    /// In place.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        ElementwiseOperation(engine: setting.engine, function: .exponential)
    }
}

extension Exponential {
    /// "exp".
    public static var word: String { "exp" }
    /// The word alone.
    public init(reading form: inout LayerForm, on input: Features) throws { self.init(form.name) }
}

/// y = ln x, correctly rounded: −∞ at 0, NaN below; dx = dy / x.
public struct Logarithm: Layer {
    /// The name, such as "log1".
    public let name: String
    /// "logarithm".
    public let kind = "logarithm"

    /// A logarithm of this name.
    public init(_ name: String) { self.name = name }

    /// From one batch to another, of which it keeps the first.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        ElementwiseOperation(engine: setting.engine, function: .logarithm)
    }
}

extension Logarithm {
    /// "log".
    public static var word: String { "log" }
    /// The word alone.
    public init(reading form: inout LayerForm, on input: Features) throws { self.init(form.name) }
}

/// y = ln(1 + e^x) (Dugas et al. 2001), in double, rounded once; dx = dy / (1 + e^−x).
public struct Softplus: Layer {
    /// The name, such as "softplus1".
    public let name: String
    /// "softplus".
    public let kind = "softplus"

    /// A softplus of this name.
    public init(_ name: String) { self.name = name }

    /// From one batch to another, of which it keeps the first.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        ElementwiseOperation(engine: setting.engine, function: .softplus)
    }
}

extension Softplus {
    /// "softplus".
    public static var word: String { "softplus" }
    /// The word alone.
    public init(reading form: inout LayerForm, on input: Features) throws { self.init(form.name) }
}
