// What a layer is: a description (data). What it does when it runs is an `Operation`.

import Randomness
import Tensors

/// A parameter or buffer of a layer: its name as in a PyTorch `state_dict`, its shape, and how its
/// first values come about.
public struct ParameterShape: Equatable, Sendable {
    /// How the first values come about.
    public enum FirstValues: Equatable, Sendable {
        /// Uniform in ±1/√fanIn, where fanIn inputs feed one output (He et al. 2015 with a = √5,
        /// which is PyTorch's default for weights and biases of linear layers and convolutions).
        case uniform(fanIn: Int)
        /// The same number everywhere.
        case constant(Float)
    }

    /// The name, such as "fc1.weight".
    public var name: String
    /// The shape, such as [300, 784].
    public var shape: [Int]
    /// How the first values come about.
    public var first: FirstValues
    /// False for a buffer, which is part of the weights but not moved by gradients.
    public var isTrained = true

    /// How many numbers it holds.
    public var count: Int { Tensor.count(of: shape) }
}

/// A layer as data: what it is called, which parameters it has, what it does to a shape.
public protocol Layer: Sendable {
    /// The name, unique in its network: parameters are called `<name>.weight` and so on.
    var name: String { get }
    /// The kind, such as "linear".
    var kind: String { get }
    /// The parameters and buffers, in the order of a `state_dict`.
    var parameters: [ParameterShape] { get }
    /// What it can take, in words: "[32, H, W] of at least 5 × 5 pixels".
    var takes: String { get }
    /// What it makes of one sample; nil if it cannot take it.
    func output(of input: Features) -> Features?
    /// Multiply-adds for one sample, each counted as two operations. Comparisons, additions and
    /// whatever else grows only with the number of values is not counted.
    ///
    /// - Precondition: It can take the input.
    func operations(on input: Features) -> Int
    /// What there is to do when it runs.
    ///
    /// - Precondition: It can take the input.
    func work(on input: Features, in setting: RunSetting) -> Work
    /// Names in a `state_dict` that are read over, such as PyTorch's count of batches.
    var ignoredNames: [String] { get }
    /// The window that it moves over the image, if it does.
    var window: LayerWindow? { get }
}

extension Layer {
    /// Traps: a layer that has been given an input that it cannot take must not be passed over, and
    /// `Architecture` throws before it comes to that.
    func refuse(_ input: Features) -> Never {
        preconditionFailure("layer \(name) takes \(takes); found \(input)")
    }
}

/// A window that moves over an image.
public struct LayerWindow: Equatable, Sendable {
    /// Rows and columns of the window.
    public let size: [Int]
    /// Rows and columns from one place to the next.
    public let stride: [Int]
}

extension Layer {
    /// Most layers have none.
    public var parameters: [ParameterShape] { [] }
    /// Most layers do not multiply.
    public func operations(on input: Features) -> Int { 0 }
    /// Most layers have none.
    public var ignoredNames: [String] { [] }
    /// Most layers have none.
    public var window: LayerWindow? { nil }
}

/// What a layer is prepared for.
public struct RunSetting: Sendable {
    /// What computes.
    public let engine: Engine
    /// The seed of a training; nil for evaluation and attacks.
    public let trainingSeed: UInt64?

    /// Whether parameters will be trained: batch statistics, dropout.
    public var isTraining: Bool { trainingSeed != nil }
}

/// What there is to do when a layer runs.
public enum Work: Sendable {
    /// Nothing: the numbers stay where they are, at most their shape changes. Never an answer to an input
    /// that the layer cannot take.
    case nothing
    /// An elementwise activation, which a product before it can take into its store.
    case activation(Activation)
    /// The addition of an earlier layer's output.
    case addition(of: String)
    /// A normalisation of fixed scale and shift, which a product before it can take into its
    /// weights.
    case scaling(BatchNorm)
    /// Anything else.
    case operation(any Operation)
}
