// The skip connection, named flatly: which earlier layer's output is added.

import Tensors

/// y = x + (the output of the layer called `of`), which has the shape of x.
///
/// In the backward pass that layer's output gets the sum of what comes back from each layer that
/// read it, added from the last of them to the first.
public struct Residual: Layer {
    /// The name, such as "add2".
    public let name: String
    /// "residual".
    public let kind = "residual"
    /// The earlier layer.
    public let source: String

    /// An addition of an earlier layer's output.
    public init(_ name: String, of source: String) { (self.name, self.source) = (name, source) }

    /// Two sides of one shape.
    public var takes: String { "two inputs of one shape" }
    /// The earlier layer; `Architecture` sees to it that both sides have one shape.
    public var otherInputs: [String] { [source] }

    /// In place; the gradient goes to both sides as it is.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        Addition(engine: setting.engine)
    }
}

extension Residual {
    /// "add".
    public static var word: String { "add" }
    /// {"add": "relu1"}: the earlier layer.
    public init(reading form: inout LayerForm, on input: Features) throws {
        self.init(form.name, of: try form.takeSource())
    }
    /// The earlier layer.
    public func write(to form: inout LayerForm) { form.value = .text(source) }
}

/// y += the other side. Sums of gradients are made by it too.
struct Addition: Operation {
    let engine: Engine
    let isInPlace = true
    let passesGradient = true

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.add(context.others[0], to: &y)
    }

    /// dx = dy is there already.
    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {}
}
