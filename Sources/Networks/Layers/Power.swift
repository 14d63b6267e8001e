// Powers, roots and reciprocals.

import Tensors

/// y = x^exponent. For the exponents 2, −1 and ½ that is x·x, 1 / x and √x, rounded once; for others
/// e^(exponent·ln |x|) in double, rounded once, with the sign of an odd power. A negative number has
/// only whole powers; of others it gives a NaN, which a pass names as a fault.
///
/// dx = dy·exponent·x^(exponent − 1), in double, rounded once.
public struct Power: Layer {
    /// The name, such as "sqrt1".
    public let name: String
    /// "power".
    public let kind = "power"
    /// The exponent.
    public let exponent: Float

    /// A power of this name.
    ///
    /// - Precondition: The exponent is finite.
    public init(_ name: String, exponent: Float) {
        precondition(exponent.isFinite, "Power \(name): the exponent is \(exponent)")
        (self.name, self.exponent) = (name, exponent)
    }

    /// From one batch to another, of which it keeps the first; nothing for an exponent of 1.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        exponent == 1
            ? nil
            : ElementwiseOperation(engine: setting.engine, function: .power(exponent: exponent))
    }
}

extension Power {
    /// "power".
    public static var word: String { "power" }
    /// "exponent", 2 where nothing is said.
    public init(reading form: inout LayerForm, on input: Features) throws {
        self.init(form.name, exponent: try form.take("exponent", default: 2))
    }
    /// The exponent, if it is not 2.
    public func write(to form: inout LayerForm) { form.write("exponent", exponent, default: 2) }
}
