// Local response normalisation, which AlexNet and GoogLeNet have.

import Tensors

/// y[c] = x[c] / (k + α / n·Σ x[j]²)^β over the n channels around c as far as there are any (Krizhevsky
/// et al. 2012): ⌊(n − 1) / 2⌋ before and ⌈(n − 1) / 2⌉ after it, as ONNX's `LRN` and PyTorch's
/// `LocalResponseNorm`. In double, rounded once; its gradient: `Engine.normaliseResponseGradient`.
public struct ResponseNorm: Layer {
    /// The name, such as "norm1".
    public let name: String
    /// "response-norm".
    public let kind = "response-norm"
    /// n.
    public let size: Int
    /// α.
    public let alpha: Float
    /// β.
    public let beta: Float
    /// k.
    public let offset: Float

    /// A normalisation; the defaults are ONNX's.
    ///
    /// - Precondition: The size and k are positive, α and β not negative, and all finite.
    public init(
        _ name: String, size: Int, alpha: Float = 1e-4, beta: Float = 0.75, offset: Float = 1
    ) {
        precondition(
            size > 0 && offset > 0 && alpha >= 0 && beta >= 0
                && alpha.isFinite && beta.isFinite && offset.isFinite,
            "ResponseNorm \(name): size \(size), alpha \(alpha), beta \(beta), offset \(offset)")
        (self.name, self.size, self.alpha) = (name, size, alpha)
        (self.beta, self.offset) = (beta, offset)
    }

    /// Maps or a vector.
    public var takes: String { "[C, H, W], channels last, or a vector" }
    /// As its input.
    public func output(of input: Features) -> Features? {
        input.layout != .channelsFirst && input.shape[0] > 0 ? input : nil
    }
    /// From one batch to another, of which it keeps the first.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        guard output(of: input) != nil else { refuse(input) }
        let most = input.shape[0] - 1
        return ResponseOperation(
            engine: setting.engine, channels: input.shape[0],
            window: ResponseWindow(
                before: min(most, (size - 1) / 2), after: min(most, size / 2),
                offset: Double(offset), scale: Double(alpha) / Double(size), power: Double(beta)))
    }
}

extension ResponseNorm {
    /// "response-norm".
    public static var word: String { "response-norm" }
    /// "lrn".
    public static var stem: String { "lrn" }
    /// {"response-norm": 5}: the size; "alpha", "beta", "offset".
    public init(reading form: inout LayerForm, on input: Features) throws {
        let size = try form.takeCount("channels")
        let (alpha, beta) = (
            try form.take("alpha", default: 1e-4), try form.take("beta", default: 0.75)
        )
        let offset = try form.take("offset", default: 1)
        guard alpha >= 0, beta >= 0, offset > 0 else {
            throw form.fault("expected alpha and beta from 0 on, and an offset above 0")
        }
        self.init(form.name, size: size, alpha: alpha, beta: beta, offset: offset)
    }
    /// The size, and what is not the default.
    public func write(to form: inout LayerForm) {
        form.value = .integer(size)
        form.write("alpha", alpha, default: 1e-4)
        form.write("beta", beta, default: 0.75)
        form.write("offset", offset, default: 1)
    }
}

private struct ResponseOperation: Operation {
    let engine: Engine
    let channels: Int
    let window: ResponseWindow
    let inputGradientReads = Reads.input

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.normaliseResponse(x, channels: channels, window: window, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.normaliseResponseGradient(
            dy, x: x, channels: channels, window: window, into: &dx, scratch: &context.scratch)
    }
}
