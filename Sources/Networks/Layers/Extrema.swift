// The larger and the smaller of two branches.

import Tensors

/// y = the larger of x and the output of the layer called `other`, which has the shape of x, element by
/// element; a NaN stays. The gradient goes to the side that was taken, and to x where both are equal.
public struct Maximum: Layer {
    /// The name, such as "max2".
    public let name: String
    /// "maximum".
    public let kind = "maximum"
    /// The earlier layer.
    public let other: String

    /// The larger of what comes and an earlier layer's output.
    public init(_ name: String, with other: String) { (self.name, self.other) = (name, other) }

    /// Two sides of one shape.
    public var takes: String { "two inputs of one shape" }
    /// The earlier layer.
    public var otherInputs: [String] { [other] }

    /// From two batches to another.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        Extremum(engine: setting.engine, takesLarger: true)
    }
}

extension Maximum {
    /// "maximum".
    public static var word: String { "maximum" }
    /// {"maximum": "relu1"}: the earlier layer.
    public init(reading form: inout LayerForm, on input: Features) throws {
        self.init(form.name, with: try form.takeSource())
    }
    /// The earlier layer.
    public func write(to form: inout LayerForm) { form.value = .text(other) }
}

/// y = the smaller of x and the output of the layer called `other`, as `Maximum`.
public struct Minimum: Layer {
    /// The name, such as "min2".
    public let name: String
    /// "minimum".
    public let kind = "minimum"
    /// The earlier layer.
    public let other: String

    /// The smaller of what comes and an earlier layer's output.
    public init(_ name: String, with other: String) { (self.name, self.other) = (name, other) }

    /// Two sides of one shape.
    public var takes: String { "two inputs of one shape" }
    /// The earlier layer.
    public var otherInputs: [String] { [other] }

    /// From two batches to another.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        Extremum(engine: setting.engine, takesLarger: false)
    }
}

extension Minimum {
    /// "minimum".
    public static var word: String { "minimum" }
    /// {"minimum": "relu1"}: the earlier layer.
    public init(reading form: inout LayerForm, on input: Features) throws {
        self.init(form.name, with: try form.takeSource())
    }
    /// The earlier layer.
    public func write(to form: inout LayerForm) { form.value = .text(other) }
}

private struct Extremum: Operation {
    let engine: Engine
    let takesLarger: Bool
    let givesOtherGradients = true
    let inputGradientReads: Reads = [.input, .others]
    let otherGradientReads: Reads = [.input, .others]

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.extremum(x, context.others[0], takingLarger: takesLarger, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        let (a, b) = sides(x, context.others[0])
        engine.select(dy, where: a, b, ofLess: false, into: &dx)
    }

    func otherGradient(
        _ index: Int, _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor,
        context: inout OperationContext
    ) {
        let (a, b) = sides(x, context.others[0])
        engine.select(dy, where: a, b, ofLess: true, into: &dx)
    }

    /// The sides such that x is taken where the first is not less than the second.
    private func sides(_ x: Tensor, _ other: Tensor) -> (Tensor, Tensor) {
        takesLarger ? (x, other) : (other, x)
    }
}
