// A layer with its weights, ready to run: forward, and beside it backward.

import Tensors

/// Which tensors of the last forward pass a gradient reads. What nobody reads is not kept.
public struct Reads: OptionSet, Sendable {
    /// The set as bits.
    public let rawValue: Int
    /// For `OptionSet`.
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// The input x.
    public static let input = Reads(rawValue: 1)
    /// The output y.
    public static let output = Reads(rawValue: 2)
}

/// What a pass keeps for its operations from one call to the next.
public struct OperationMemory: Sendable {
    /// Working memory that every operation may overwrite.
    public var scratch = Tensor(shape: [0])
    /// What this operation keeps from its forward pass for its gradient, beyond x and y.
    public var kept: [Tensor] = []
    /// The number of the training step, which keys random masks.
    public var step: UInt32 = 0
}

/// What a layer does to a batch. x, y, dx and dy are batches; a tensor that `Reads` did not ask
/// for is empty.
public protocol Operation: Sendable {
    /// What `inputGradient` reads.
    var inputGradientReads: Reads { get }
    /// What `parameterGradients` reads.
    var parameterGradientReads: Reads { get }
    /// Takes the parameters and buffers, in the order of the layer's; `givesInputGradient` tells
    /// whether `inputGradient` will be asked for, which in training the first layer never is.
    mutating func load(_ parameters: [Tensor], givesInputGradient: Bool)
    /// y = layer(x).
    func forward(_ x: Tensor, into y: inout Tensor, memory: inout OperationMemory)
    /// dx from dy.
    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, memory: inout OperationMemory)
    /// The gradients of the parameters from dy, in the order of the layer's; those of buffers are
    /// left alone.
    mutating func parameterGradients(
        _ dy: Tensor, x: Tensor, into gradients: inout [Tensor], memory: inout OperationMemory)
    /// Brings the buffers up to date after a forward pass in training.
    func updateBuffers(_ parameters: inout [Tensor], memory: OperationMemory)
}

extension Operation {
    /// Most need neither.
    public var inputGradientReads: Reads { [] }
    /// Most have no parameters.
    public var parameterGradientReads: Reads { [] }
    /// An operation without parameters has nothing to take.
    public mutating func load(_ parameters: [Tensor], givesInputGradient: Bool) {}
    /// An operation without parameters has nothing to give.
    public mutating func parameterGradients(
        _ dy: Tensor, x: Tensor, into gradients: inout [Tensor], memory: inout OperationMemory
    ) {}
    /// Most have no buffers.
    public func updateBuffers(_ parameters: inout [Tensor], memory: OperationMemory) {}
}

/// A matrix product or a convolution: it can apply an activation when it stores its results, and
/// its weight [O, …] and bias [O] can take in a scaling of its output channels.
public protocol Product: Operation {
    /// Applied when results are stored.
    var activation: Activation { get set }
}
