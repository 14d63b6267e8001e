// The quotient of two branches.

import Tensors

/// y = x / (the output of the layer called `other`), which has the shape of x, element by element. The
/// gradients are dy / other, and at the other side −(dy·y) / other.
public struct Divide: Layer {
    /// The name, such as "div2".
    public let name: String
    /// "divide".
    public let kind = "divide"
    /// The earlier layer.
    public let other: String

    /// A division by an earlier layer's output.
    public init(_ name: String, by other: String) { (self.name, self.other) = (name, other) }

    /// Two sides of one shape.
    public var takes: String { "two inputs of one shape" }
    /// The earlier layer.
    public var otherInputs: [String] { [other] }

    /// From two batches to another.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        Division(engine: setting.engine)
    }
}

extension Divide {
    /// "divide".
    public static var word: String { "divide" }
    /// {"divide": "relu1"}: the earlier layer.
    public init(reading form: inout LayerForm, on input: Features) throws {
        self.init(form.name, by: try form.takeSource())
    }
    /// The earlier layer.
    public func write(to form: inout LayerForm) { form.value = .text(other) }
}

private struct Division: Operation {
    let engine: Engine
    let givesOtherGradients = true
    let inputGradientReads = Reads.others
    let otherGradientReads: Reads = [.output, .others]

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.divide(x, by: context.others[0], into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.divide(dy, by: context.others[0], into: &dx)
    }

    func otherGradient(
        _ index: Int, _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor,
        context: inout OperationContext
    ) {
        engine.divisorGradient(dy, y: y, by: context.others[0], into: &dx)
    }
}
