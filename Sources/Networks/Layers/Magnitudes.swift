// Functions of a number's size.

import Tensors

/// y = |x|; dx = dy with the sign of x, and 0 at exactly 0.
public struct Absolute: Layer {
    /// The name, such as "abs1".
    public let name: String
    /// "absolute".
    public let kind = "absolute"

    /// A layer of this name.
    public init(_ name: String) { self.name = name }

    /// From one batch to another, of which it keeps the first.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        ElementwiseOperation(engine: setting.engine, function: .absolute)
    }
}

extension Absolute {
    /// "abs".
    public static var word: String { "abs" }
    /// The word alone.
    public init(reading form: inout LayerForm, on input: Features) throws { self.init(form.name) }
}

/// y = x / (1 + |x|); dx = dy / ((1 + |x|)·(1 + |x|)). Every operation is rounded.
public struct Softsign: Layer {
    /// The name, such as "softsign1".
    public let name: String
    /// "softsign".
    public let kind = "softsign"

    /// A softsign of this name.
    public init(_ name: String) { self.name = name }

    /// From one batch to another, of which it keeps the first.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        ElementwiseOperation(engine: setting.engine, function: .softsign)
    }
}

extension Softsign {
    /// "softsign".
    public static var word: String { "softsign" }
    /// The word alone.
    public init(reading form: inout LayerForm, on input: Features) throws { self.init(form.name) }
}
