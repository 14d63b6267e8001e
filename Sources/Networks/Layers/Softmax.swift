// Softmax within a network, over the channels. A last one is left out of a classifier: attacks want
// logits.

import Tensors

/// y[c] = e^(x[c] − max) / Σ e^(x − max) over the channels of each pixel, or over the numbers of a
/// vector; the sum in order. dx = y·(dy − Σ dy·y).
public struct Softmax: Layer {
    /// The name, such as "softmax1".
    public let name: String
    /// "softmax".
    public let kind = "softmax"

    /// A softmax of this name.
    public init(_ name: String) { self.name = name }

    /// Maps or a vector.
    public var takes: String { "[C, H, W], channels last, or a vector" }
    /// As its input.
    public func output(of input: Features) -> Features? {
        input.layout != .channelsFirst && input.shape[0] > 0 ? input : nil
    }
    /// From one batch to another.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        guard output(of: input) != nil else { refuse(input) }
        return SoftmaxOperation(
            engine: setting.engine, channels: input.shape[0], isLogarithm: false)
    }
}

extension Softmax {
    /// "softmax".
    public static var word: String { "softmax" }
    /// The word alone.
    public init(reading form: inout LayerForm, on input: Features) throws { self.init(form.name) }
}

/// y[c] = (x[c] − max) − ln Σ e^(x − max), as `Softmax`; dx = dy − e^y·Σ dy.
public struct LogSoftmax: Layer {
    /// The name, such as "log-softmax1".
    public let name: String
    /// "log-softmax".
    public let kind = "log-softmax"

    /// A logarithm of a softmax, of this name.
    public init(_ name: String) { self.name = name }

    /// Maps or a vector.
    public var takes: String { "[C, H, W], channels last, or a vector" }
    /// As its input.
    public func output(of input: Features) -> Features? {
        input.layout != .channelsFirst && input.shape[0] > 0 ? input : nil
    }
    /// From one batch to another.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        guard output(of: input) != nil else { refuse(input) }
        return SoftmaxOperation(engine: setting.engine, channels: input.shape[0], isLogarithm: true)
    }
}

extension LogSoftmax {
    /// "log-softmax".
    public static var word: String { "log-softmax" }
    /// The word alone.
    public init(reading form: inout LayerForm, on input: Features) throws { self.init(form.name) }
}

private struct SoftmaxOperation: Operation {
    let engine: Engine
    let channels: Int
    let isLogarithm: Bool
    let inputGradientReads = Reads.output

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.softmax(x, columns: channels, isLogarithm: isLogarithm, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.softmaxGradient(
            dy, output: y, columns: channels, isLogarithm: isLogarithm, into: &dx)
    }
}
