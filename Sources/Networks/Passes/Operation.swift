// A layer with its weights, ready to run: forward, and beside it backward.

import Tensors

/// Which tensors of the last forward pass a gradient reads. What nobody reads is not kept.
public struct Reads: OptionSet, Sendable {
    /// The set as bits.
    public let rawValue: Int
    /// The set of these bits.
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// The input x.
    public static let input = Reads(rawValue: 1)
    /// The output y.
    public static let output = Reads(rawValue: 2)
    /// What its layer reads beside x: `OperationContext.others`.
    public static let others = Reads(rawValue: 4)
}

/// What a pass hands to its operations besides the batches that they read and write.
public struct OperationContext: Sendable {
    /// A workspace that every operation may overwrite.
    public var scratch = Tensor(shape: [0])
    /// What the layer reads beside x, in the order of its `otherInputs`: in the forward pass, and in
    /// a gradient that asks for it.
    public var others: [Tensor] = []
    /// What this operation saves in its forward pass for its gradient, beyond x and y.
    public var saved: [Tensor] = []
    /// The number of the training step, which keys random masks.
    public var step: UInt32 = 0
}

/// What a layer does to a batch. x, y, dx and dy are batches [N, …] in the memory layout of the
/// layer's `Features`; one that `Reads` did not ask for is empty.
public protocol Operation: Sendable {
    /// Whether it works where the numbers lie: y comes in holding x, dx comes in holding dy, and
    /// x and dy are empty. The pass makes a copy first where somebody else still reads them.
    var isInPlace: Bool { get }
    /// What `inputGradient` reads.
    var inputGradientReads: Reads { get }
    /// What `parameterGradients` reads.
    var parameterGradientReads: Reads { get }
    /// What `otherGradient` reads.
    var otherGradientReads: Reads { get }
    /// Whether the gradients at its input and at all that it reads beside it are dy as it is, so that
    /// nobody need call `inputGradient`.
    var passesGradient: Bool { get }
    /// Whether it has an `otherGradient`. What reads more than one input must say this or pass its
    /// gradient on.
    var givesOtherGradients: Bool { get }
    /// What a product that comes before it may do in its place, as it stores its results.
    var epilogue: Epilogue? { get }
    /// The same operation with this epilogue; nil for one that cannot take it.
    func fusing(_ epilogue: Epilogue) -> (any Operation)?
    /// Takes the parameters and buffers, in the order of the layer's and then of what is fused into
    /// it; `givesInputGradient` tells whether `inputGradient` will be asked for, which in training
    /// the first layer never is.
    mutating func load(_ parameters: [Tensor], givesInputGradient: Bool)
    /// y = layer(x).
    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext)
    /// dx from dy.
    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext)
    /// The gradient from dy at what it reads beside x, counted from 0; never in place.
    func otherGradient(
        _ index: Int, _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor,
        context: inout OperationContext)
    /// The gradients of the parameters from dy, in the order of the layer's; those of buffers are
    /// left alone. It runs before `inputGradient`.
    mutating func parameterGradients(
        _ dy: Tensor, x: Tensor, into gradients: inout [Tensor], context: inout OperationContext)
    /// Brings the buffers up to date after a forward pass in training.
    func updateBuffers(_ parameters: inout [Tensor], context: OperationContext)
}

extension Operation {
    /// Most write into a batch of their own.
    public var isInPlace: Bool { false }
    /// A linear map's gradient needs neither input nor output.
    public var inputGradientReads: Reads { [] }
    /// Most have no parameters.
    public var parameterGradientReads: Reads { [] }
    /// A linear map's gradient needs neither input nor output.
    public var otherGradientReads: Reads { [] }
    /// Only an addition passes its gradient on.
    public var passesGradient: Bool { false }
    /// Most read nothing beside x.
    public var givesOtherGradients: Bool { false }
    /// Most cannot be done to one result after the other as a product stores them.
    public var epilogue: Epilogue? { nil }
    /// Only products have an epilogue.
    public func fusing(_ epilogue: Epilogue) -> (any Operation)? { nil }
    /// An operation without parameters has nothing to take.
    public mutating func load(_ parameters: [Tensor], givesInputGradient: Bool) {}
    /// What reads nothing beside x is never asked.
    public func otherGradient(
        _ index: Int, _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor,
        context: inout OperationContext
    ) {
        preconditionFailure("otherGradient: \(Self.self) has none")
    }
    /// An operation without parameters has nothing to give.
    public mutating func parameterGradients(
        _ dy: Tensor, x: Tensor, into gradients: inout [Tensor], context: inout OperationContext
    ) {}
    /// Most have no buffers.
    public func updateBuffers(_ parameters: inout [Tensor], context: OperationContext) {}
}
