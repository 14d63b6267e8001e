// What a layer is: a description (data). What it does when it runs is an `Operation`.

import Tensors

/// A parameter or buffer of a layer: its name as in a PyTorch `state_dict`, its shape, and how its
/// first values come about.
public struct ParameterShape: Equatable, Sendable {
    /// How the first values come about.
    public enum Initializer: Equatable, Sendable {
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
    public var initializer: Initializer
    /// False for a buffer, which is part of the weights but not moved by gradients.
    public var isTrained = true

    /// How many numbers it holds.
    public var count: Int { Tensor.count(of: shape) }
}

/// A window that moves over an image.
public struct LayerWindow: Equatable, Sendable {
    /// Rows and columns of the window.
    public let size: [Int]
    /// Rows and columns from one window to the next.
    public let stride: [Int]
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

/// A layer as data: what it is called, which parameters it has, what it does to a shape.
///
/// A new layer is one file: a type of this protocol and its `Operation`. Name, kind, operation and how it
/// is written down are all that it must give; the rest has a default for what most layers do.
public protocol Layer: Sendable {
    /// The word for it in a network that is written down, such as "conv".
    static var word: String { get }
    /// What one is called that has no name, before its number; by default its word.
    static var stem: String { get }
    /// Whether it changes no more than the layout.
    static var isLayout: Bool { get }
    /// The layer that is written down, for an input.
    ///
    /// It takes out of the form all that it knows; what is left is refused.
    ///
    /// - Throws: `NetworkFault.wrongForm` for values that it cannot have.
    init(reading form: inout LayerForm, on input: Features) throws
    /// Writes down what it is, but for what its input decides.
    func write(to form: inout LayerForm)
    /// The name, unique in its network: parameters are called `<name>.weight` and so on.
    var name: String { get }
    /// The kind, such as "linear".
    var kind: String { get }
    /// The parameters and buffers, in the order of a `state_dict`; by default none.
    var parameters: [ParameterShape] { get }
    /// What it can take, in words: "[32, H, W] of at least 5 × 5 pixels"; by default anything.
    var takes: String { get }
    /// What it makes of one sample, nil if it cannot take it; by default features as they were.
    func output(of input: Features) -> Features?
    /// Floating-point operations for one sample: multiply-adds, each counted as two. Comparisons,
    /// additions and whatever else grows only with the number of values are not counted.
    ///
    /// - Precondition: It can take the input.
    func flops(on input: Features) -> Int
    /// What it does when it runs; nil where the numbers stay as they are, at most under another
    /// shape.
    ///
    /// - Precondition: It can take the input.
    func operation(on input: Features, in setting: RunSetting) -> (any Operation)?
    /// The earlier layer whose output it reads in place of what the layer before it gave; by default
    /// none.
    var input: String? { get }
    /// The earlier layers whose outputs it reads beside its input, in this order; by default none.
    var otherInputs: [String] { get }
    /// What it makes of one sample of all its inputs, nil if it cannot take them; by default
    /// `output(of:)`, if all are alike.
    func output(of input: Features, with others: [Features]) -> Features?
    /// What it does with all its inputs; by default `operation(on:in:)`.
    ///
    /// - Precondition: It can take the inputs.
    func operation(
        on input: Features, with others: [Features], in setting: RunSetting
    ) -> (any Operation)?
    /// Names in a `state_dict` that are read over, such as PyTorch's count of batches.
    var ignoredNames: [String] { get }
    /// The window that it moves over the image, if it does.
    var window: LayerWindow? { get }
    /// What one unit of its output is in pixels, channel by channel; nil unless it normalises them.
    var pixelDeviations: [Double]? { get }
}

extension Layer {
    /// Its word.
    public static var stem: String { word }
    /// Most compute.
    public static var isLayout: Bool { false }
    /// The word says all.
    public func write(to form: inout LayerForm) {}
    /// None.
    public var parameters: [ParameterShape] { [] }
    /// Anything.
    public var takes: String { "anything" }
    /// Features as they were.
    public func output(of input: Features) -> Features? { input }
    /// Most layers do not multiply.
    public func flops(on input: Features) -> Int { 0 }
    /// The layer before it.
    public var input: String? { nil }
    /// None.
    public var otherInputs: [String] { [] }
    /// As for one input, where all are alike.
    public func output(of input: Features, with others: [Features]) -> Features? {
        others.allSatisfy { $0 == input } ? output(of: input) : nil
    }
    /// As for one input.
    public func operation(
        on input: Features, with others: [Features], in setting: RunSetting
    ) -> (any Operation)? {
        operation(on: input, in: setting)
    }
    /// None.
    public var ignoredNames: [String] { [] }
    /// None.
    public var window: LayerWindow? { nil }
    /// None.
    public var pixelDeviations: [Double]? { nil }

    /// Traps: a layer that has been given an input that it cannot take must not be passed over, and
    /// `Architecture` throws before it comes to that.
    func refuse(_ input: Features) -> Never {
        preconditionFailure("layer \(name) takes \(takes); found \(input)")
    }
}
