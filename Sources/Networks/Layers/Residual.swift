// The skip connection, named flatly: which earlier layer's output is added.

/// y = x + (the output of the layer called `of`).
///
/// In the backward pass that layer's output gets the sum of what flows back from each layer that
/// used it, added from the last of them to the first.
public struct Residual: Layer {
    /// The name, such as "add2".
    public let name: String
    /// The earlier layer.
    public let source: String

    /// Describes a layer.
    public init(_ name: String, of source: String) { (self.name, self.source) = (name, source) }

    /// "residual".
    public var kind: String { "residual" }
    /// In words. The pass checks that both sides agree.
    public var takes: String { "what \(source) gave" }
    /// The input's.
    public func output(of input: Features) -> Features? { input }
    /// An addition.
    public func work(on input: Features, in setting: RunSetting) -> Work { .addition(of: source) }
}
