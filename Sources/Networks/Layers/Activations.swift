// Elementwise activations.

import Tensors

/// y = max(x, 0), written 0 > x ? 0 : x: the gradient at exactly 0 is 0.
public struct ReLU: Layer {
    /// The name, such as "relu1".
    public let name: String

    /// Describes a layer.
    public init(_ name: String) { self.name = name }

    /// "relu".
    public var kind: String { "relu" }
    /// In words.
    public var takes: String { "anything" }
    /// The input's.
    public func output(of input: Features) -> Features? { input }
    /// An activation.
    public func work(on input: Features, in setting: RunSetting) -> Work { .activation(.relu) }
}

/// y = min(max(x, 0), 6), written 0 > x ? 0 : (x > 6 ? 6 : x): the gradient at exactly 0 and 6 is 0.
public struct ReLU6: Layer {
    /// The name, such as "relu1".
    public let name: String

    /// Describes a layer.
    public init(_ name: String) { self.name = name }

    /// "relu6".
    public var kind: String { "relu6" }
    /// In words.
    public var takes: String { "anything" }
    /// The input's.
    public func output(of input: Features) -> Features? { input }
    /// An activation.
    public func work(on input: Features, in setting: RunSetting) -> Work { .activation(.relu6) }
}

/// y = 1 / (1 + e^−x), which is 0…1 for every x; dx = dy·(y·(1 − y)).
public struct Sigmoid: Layer {
    /// The name, such as "sigmoid1".
    public let name: String

    /// Describes a layer.
    public init(_ name: String) { self.name = name }

    /// "sigmoid".
    public var kind: String { "sigmoid" }
    /// In words.
    public var takes: String { "anything" }
    /// The input's.
    public func output(of input: Features) -> Features? { input }
    /// An operation: it does not fit into a product's store.
    public func work(on input: Features, in setting: RunSetting) -> Work {
        .operation(SigmoidOperation(engine: setting.engine))
    }
}

private struct SigmoidOperation: Operation {
    let engine: Engine
    var inputGradientReads: Reads { .output }

    func forward(_ x: Tensor, into y: inout Tensor, memory: inout OperationMemory) {
        engine.sigmoid(x, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, memory: inout OperationMemory
    ) {
        engine.sigmoidGradient(dy, output: y, into: &dx)
    }
}
