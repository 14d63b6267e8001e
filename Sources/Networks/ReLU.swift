// The rectifier.

import Tensors

/// y = max(x, 0), written 0 > x ? 0 : x: the gradient at exactly 0 is 0.
public struct ReLU: Layer {
    /// The name, such as "relu1".
    public let name: String

    /// Describes a layer.
    public init(_ name: String) { self.name = name }

    /// "relu".
    public var kind: String { "relu" }
    /// None.
    public var parameters: [ParameterShape] { [] }
    /// Comparisons are not counted.
    public var operations: Int { 0 }

    /// The input's.
    public func outputShape(of input: [Int]) -> [Int]? { input }

    /// Ready to run.
    public func prepared(
        with parameters: [String: Tensor], on engine: Engine
    ) -> any PreparedLayer {
        PreparedReLU(engine: engine)
    }
}

private struct PreparedReLU: PreparedLayer {
    let engine: Engine

    func forward(_ x: Tensor, into y: inout Tensor, scratch: inout Tensor) {
        engine.relu(x, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, scratch: inout Tensor
    ) {
        engine.reluGradient(dy, output: y, into: &dx)
    }
}
