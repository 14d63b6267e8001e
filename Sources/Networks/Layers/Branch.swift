// The place where a network forks: back to an earlier layer.

import Tensors

/// What an earlier layer gave, for the layer that follows: the start of another branch. Nothing moves.
///
///     Convolution("conv1", …), ReLU("relu1"), …, BatchNorm("bn3", …),
///     Branch("shortcut", of: "relu1"), Convolution("conv4", …), Residual("add", of: "bn3")
///
/// In the backward pass that layer's output gets the sum of what comes back from each layer that read
/// it, added from the last of them to the first.
public struct Branch: Layer {
    /// The name, such as "shortcut".
    public let name: String
    /// "branch".
    public let kind = "branch"
    /// The earlier layer.
    public let source: String

    /// A branch from an earlier layer's output.
    public init(_ name: String, of source: String) { (self.name, self.source) = (name, source) }

    /// The earlier layer.
    public var input: String? { source }

    /// Nothing moves.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? { nil }
}

extension Branch {
    /// "branch".
    public static var word: String { "branch" }
    /// {"branch": "relu1"}: the earlier layer.
    public init(reading form: inout LayerForm, on input: Features) throws {
        self.init(form.name, of: try form.takeSource())
    }
    /// The earlier layer.
    public func write(to form: inout LayerForm) { form.value = .text(source) }
}
