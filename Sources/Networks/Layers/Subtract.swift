// The difference of two branches. Their sum is a `Residual`.

import Tensors

/// y = x − (the output of the layer called `other`), which has the shape of x.
public struct Subtract: Layer {
    /// The name, such as "sub2".
    public let name: String
    /// "subtract".
    public let kind = "subtract"
    /// The earlier layer.
    public let other: String

    /// A subtraction of an earlier layer's output.
    public init(_ name: String, by other: String) { (self.name, self.other) = (name, other) }

    /// Two sides of one shape.
    public var takes: String { "two inputs of one shape" }
    /// The earlier layer.
    public var otherInputs: [String] { [other] }

    /// dx = dy; that at the other side is 0 − dy.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        Subtraction(engine: setting.engine)
    }
}

extension Subtract {
    /// "subtract".
    public static var word: String { "subtract" }
    /// {"subtract": "relu1"}: the earlier layer.
    public init(reading form: inout LayerForm, on input: Features) throws {
        self.init(form.name, by: try form.takeSource())
    }
    /// The earlier layer.
    public func write(to form: inout LayerForm) { form.value = .text(other) }
}

private struct Subtraction: Operation {
    let engine: Engine
    let givesOtherGradients = true

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.subtract(context.others[0], from: x, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        dx.copy(dy)
    }

    func otherGradient(
        _ index: Int, _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor,
        context: inout OperationContext
    ) {
        context.scratch.reserve(dy.shape)
        context.scratch.withMutableFloats { $0.update(repeating: 0) }
        engine.subtract(dy, from: context.scratch, into: &dx)
    }
}
