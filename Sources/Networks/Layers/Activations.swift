// Elementwise activations. ReLU and ReLU6 work in place, and a product before them applies them as it
// stores its results.

import Tensors

/// y = max(x, 0), written 0 > x ? 0 : x: the gradient at exactly 0 is 0.
public struct ReLU: Layer {
    /// The name, such as "relu1".
    public let name: String
    /// "relu".
    public let kind = "relu"

    /// A ReLU of this name.
    public init(_ name: String) { self.name = name }

    /// In place; dx = y > 0 ? dy : 0.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        ReLUOperation(engine: setting.engine)
    }
}

extension ReLU {
    /// "relu".
    public static var word: String { "relu" }
    /// The word alone.
    public init(reading form: inout LayerForm, on input: Features) throws { self.init(form.name) }
}

/// y = min(max(x, 0), 6), written 0 > x ? 0 : (x > 6 ? 6 : x): the gradient at exactly 0 and 6 is 0.
public struct ReLU6: Layer {
    /// The name, such as "relu1".
    public let name: String
    /// "relu6".
    public let kind = "relu6"

    /// A ReLU6 of this name.
    public init(_ name: String) { self.name = name }

    /// In place; dx = 0 < y < 6 ? dy : 0.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        ReLU6Operation(engine: setting.engine)
    }
}

extension ReLU6 {
    /// "relu6".
    public static var word: String { "relu6" }
    /// The word alone.
    public init(reading form: inout LayerForm, on input: Features) throws { self.init(form.name) }
}

/// y = 1 / (1 + e^−x), which is 0…1 for every x; dx = dy·(y·(1 − y)).
public struct Sigmoid: Layer {
    /// The name, such as "sigmoid1".
    public let name: String
    /// "sigmoid".
    public let kind = "sigmoid"

    /// A sigmoid of this name.
    public init(_ name: String) { self.name = name }

    /// From one batch to another.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        SigmoidOperation(engine: setting.engine)
    }
}

extension Sigmoid {
    /// "sigmoid".
    public static var word: String { "sigmoid" }
    /// The word alone.
    public init(reading form: inout LayerForm, on input: Features) throws { self.init(form.name) }
}

struct ReLUOperation: Operation {
    let engine: Engine
    let isInPlace = true
    let inputGradientReads = Reads.output
    let epilogue: Epilogue? = .activation(.relu)

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.relu(inPlace: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.reluBackward(&dx, output: y)
    }
}

struct ReLU6Operation: Operation {
    let engine: Engine
    let isInPlace = true
    let inputGradientReads = Reads.output
    let epilogue: Epilogue? = .activation(.relu6)

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.relu6(inPlace: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.relu6Backward(&dx, output: y)
    }
}

private struct SigmoidOperation: Operation {
    let engine: Engine
    let inputGradientReads = Reads.output

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.sigmoid(x, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.sigmoidBackward(dy, output: y, into: &dx)
    }
}
