// Activations of straight pieces: between two bounds, and the sigmoid and the swish made of them.

import Tensors

/// y = lower > x ? lower : (x > upper ? upper : x), ONNX's `Clip` and PyTorch's `Hardtanh`; the
/// gradient is dy strictly between the bounds, and 0 at and beyond them. A bound may be infinite.
public struct Clip: Layer {
    /// The name, such as "clip1".
    public let name: String
    /// "clip".
    public let kind = "clip"
    /// The lower bound.
    public let lower: Float
    /// The upper bound.
    public let upper: Float

    /// A clip of this name.
    ///
    /// - Precondition: The lower bound is not above the upper one; neither is a NaN.
    public init(_ name: String, lower: Float = -.infinity, upper: Float = .infinity) {
        precondition(lower <= upper, "Clip \(name): from \(lower) to \(upper)")
        (self.name, self.lower, self.upper) = (name, lower, upper)
    }

    /// In place. Between 0 and 6 it is a ReLU6 and above 0 a ReLU, which a product before it takes in.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        switch (lower, upper) {
        case (-.infinity, .infinity): nil
        case (0, .infinity) where lower.sign == .plus: ReLUOperation(engine: setting.engine)
        case (0, 6) where lower.sign == .plus: ReLU6Operation(engine: setting.engine)
        default:
            ElementwiseOperation(
                engine: setting.engine, function: .clip(lower: lower, upper: upper))
        }
    }
}

extension Clip {
    /// "clip".
    public static var word: String { "clip" }
    /// "lower" and "upper"; without one there is no bound.
    public init(reading form: inout LayerForm, on input: Features) throws {
        let lower = try form.take("lower", default: -.infinity)
        let upper = try form.take("upper", default: .infinity)
        guard lower <= upper else { throw form.fault("lower is \(lower), above upper, \(upper)") }
        self.init(form.name, lower: lower, upper: upper)
    }
    /// The bounds that there are.
    public func write(to form: inout LayerForm) {
        form.write("lower", lower, default: -.infinity)
        form.write("upper", upper, default: .infinity)
    }
}

/// y = clip(slope·x + offset, 0, 1), every operation rounded, as ONNX's `HardSigmoid`; the gradient is
/// dy·slope where 0 < y < 1, else 0. ONNX's defaults are 0.2 and ½, PyTorch's ⅙ and ½.
public struct HardSigmoid: Layer {
    /// The name, such as "gate1".
    public let name: String
    /// "hard-sigmoid".
    public let kind = "hard-sigmoid"
    /// What x is multiplied by.
    public let slope: Float
    /// What is added.
    public let offset: Float

    /// A hard sigmoid of this name.
    ///
    /// - Precondition: Slope and offset are finite.
    public init(_ name: String, slope: Float = 0.2, offset: Float = 0.5) {
        precondition(
            slope.isFinite && offset.isFinite, "HardSigmoid \(name): \(slope)·x + \(offset)")
        (self.name, self.slope, self.offset) = (name, slope, offset)
    }

    /// In place.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        ElementwiseOperation(
            engine: setting.engine, function: .hardSigmoid(slope: slope, offset: offset))
    }
}

extension HardSigmoid {
    /// "hard-sigmoid".
    public static var word: String { "hard-sigmoid" }
    /// "slope" and "offset", ONNX's defaults.
    public init(reading form: inout LayerForm, on input: Features) throws {
        self.init(
            form.name, slope: try form.take("slope", default: 0.2),
            offset: try form.take("offset", default: 0.5))
    }
    /// What is not the default.
    public func write(to form: inout LayerForm) {
        form.write("slope", slope, default: 0.2)
        form.write("offset", offset, default: 0.5)
    }
}

/// y = x·clip(x/6 + ½, 0, 1) (Howard et al. 2019), with ⅙ as a float, as ONNX's `HardSwish`; dx = dy·(h
/// + (0 < h < 1 ? x/6 : 0)) with h the clip.
public struct HardSwish: Layer {
    /// The name, such as "swish1".
    public let name: String
    /// "hard-swish".
    public let kind = "hard-swish"

    /// A hard swish of this name.
    public init(_ name: String) { self.name = name }

    /// From one batch to another, of which it keeps the first.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        ElementwiseOperation(
            engine: setting.engine, function: .hardSwish(slope: 1 / 6, offset: 0.5))
    }
}

extension HardSwish {
    /// "hard-swish".
    public static var word: String { "hard-swish" }
    /// The word alone.
    public init(reading form: inout LayerForm, on input: Features) throws { self.init(form.name) }
}
