// What a layer is: a description (data), and the same layer with weights, ready to run.

import Randomness
import Tensors

/// A parameter of a layer: its name as in a PyTorch `state_dict`, its shape, and the number of
/// inputs that feed one output, which sets the scale of its first values.
public struct ParameterShape: Equatable, Sendable {
    /// The name, such as "fc1.weight".
    public var name: String
    /// The shape, such as [300, 784].
    public var shape: [Int]
    /// The number of inputs of one output.
    public var fanIn: Int
}

/// A layer as data: what it is called, which parameters it has, what it does to a shape.
public protocol Layer: Sendable {
    /// The name, unique in its network.
    var name: String { get }
    /// The kind, such as "linear".
    var kind: String { get }
    /// The parameters, in the order of a `state_dict`.
    var parameters: [ParameterShape] { get }
    /// Floating-point operations of a forward pass over one sample, a multiply-add counted as two.
    var operations: Int { get }
    /// The shape of one sample's output, given that of its input; nil if it cannot take it.
    func outputShape(of input: [Int]) -> [Int]?
    /// The layer with its parameters in the layout that the engine's kernels read.
    func prepared(with parameters: [String: Tensor], on engine: Engine) -> any PreparedLayer
}

/// A layer with its weights: forward, and beside it backward. All tensors are batches.
public protocol PreparedLayer: Sendable {
    /// Whether `inputGradient` reads its x; where it does not, x need not be kept.
    var gradientReadsInput: Bool { get }
    /// y = layer(x).
    func forward(_ x: Tensor, into y: inout Tensor, scratch: inout Tensor)
    /// dx from dy, where x and y are the input and the output of the last forward pass.
    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, scratch: inout Tensor)
    /// The gradients of the parameters from dy, in the order of `Layer.parameters`.
    mutating func parameterGradients(
        _ dy: Tensor, x: Tensor, into gradients: inout [Tensor], scratch: inout Tensor)
    /// Takes changed parameters, in the same order; `givesInputGradient` tells whether
    /// `inputGradient` will be asked for, which in training the first layer never is.
    mutating func update(_ parameters: [Tensor], givesInputGradient: Bool)
}

extension PreparedLayer {
    /// Most layers do not.
    public var gradientReadsInput: Bool { false }

    /// A layer without parameters has nothing to give and nothing to take.
    public mutating func parameterGradients(
        _ dy: Tensor, x: Tensor, into gradients: inout [Tensor], scratch: inout Tensor
    ) {}

    /// A layer without parameters has nothing to give and nothing to take.
    public mutating func update(_ parameters: [Tensor], givesInputGradient: Bool) {}
}
