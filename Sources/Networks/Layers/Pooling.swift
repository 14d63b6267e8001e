// Pooling over windows, and over the whole image.

import Tensors

/// The largest value of each window; padding counts as −∞. Of equal values the first one, in the
/// order (kh, kw), takes the gradient.
public struct MaxPool: Layer {
    /// The name, such as "pool1".
    public let name: String
    /// "max-pool".
    public let kind = "max-pool"
    let windows: Windows

    /// Square windows of `kernel` pixels a side; the stride is the kernel's size if nothing is said.
    public init(_ name: String, kernel: Int, stride: Int? = nil, padding: Int = 0) {
        self.name = name
        windows = Windows(kernel: kernel, stride: stride ?? kernel, padding: padding)
    }

    /// Maps, padded no smaller than a window.
    public var takes: String { windows.takes }
    /// The kernel and its stride.
    public var window: LayerWindow? { windows.window }
    /// Maps with a pixel for each window.
    public func output(of input: Features) -> Features? { windows.output(of: input) }
    /// From one batch to another.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        guard output(of: input) != nil, let shape = windows.shape(on: input) else {
            refuse(input)
        }
        return MaxPoolOperation(engine: setting.engine, shape: shape)
    }
}

/// The mean of each window, padding counted as zeros.
public struct AveragePool: Layer {
    /// The name, such as "pool1".
    public let name: String
    /// "average-pool".
    public let kind = "average-pool"
    let windows: Windows

    /// Square windows of `kernel` pixels a side; the stride is the kernel's size if nothing is said.
    public init(_ name: String, kernel: Int, stride: Int? = nil, padding: Int = 0) {
        self.name = name
        windows = Windows(kernel: kernel, stride: stride ?? kernel, padding: padding)
    }

    /// Maps, padded no smaller than a window.
    public var takes: String { windows.takes }
    /// The kernel and its stride.
    public var window: LayerWindow? { windows.window }
    /// Maps with a pixel for each window.
    public func output(of input: Features) -> Features? { windows.output(of: input) }
    /// From one batch to another.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        guard output(of: input) != nil, let shape = windows.shape(on: input) else {
            refuse(input)
        }
        return AveragePoolOperation(engine: setting.engine, shape: shape)
    }
}

/// The mean of each channel over all pixels: [C, H, W] → [C].
public struct GlobalAveragePool: Layer {
    /// The name, such as "pool".
    public let name: String
    /// "global-average-pool".
    public let kind = "global-average-pool"

    /// A mean over all pixels.
    public init(_ name: String) { self.name = name }

    /// Maps of any size.
    public var takes: String { "[C, H, W], channels last" }
    /// A vector of channels.
    public func output(of input: Features) -> Features? {
        input.maps.flatMap { $0.height * $0.width > 0 ? .vector($0.channels) : nil }
    }
    /// From one batch to another.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        guard output(of: input) != nil, let maps = input.maps else { refuse(input) }
        return GlobalAveragePoolOperation(
            engine: setting.engine, height: maps.height, width: maps.width)
    }
}

/// Square windows over an image.
struct Windows: Equatable, Sendable {
    let kernel: Int, stride: Int, padding: Int

    /// - Precondition: No window lies in the padding alone.
    init(kernel: Int, stride: Int, padding: Int) {
        precondition(
            kernel > 0 && stride > 0 && padding >= 0 && 2 * padding <= kernel,
            "Pooling: kernel \(kernel), stride \(stride), padding \(padding)")
        (self.kernel, self.stride, self.padding) = (kernel, stride, padding)
    }

    var window: LayerWindow { LayerWindow(size: [kernel, kernel], stride: [stride, stride]) }

    var takes: String {
        let least = max(1, kernel - 2 * padding)
        return "[C, H, W], channels last, of at least \(least) × \(least) pixels"
    }

    func shape(on input: Features) -> PoolingShape? {
        input.maps.map {
            PoolingShape(
                inputHeight: $0.height, inputWidth: $0.width, channels: $0.channels,
                kernel: (kernel, kernel), stride: (stride, stride), padding: (padding, padding))
        }
    }

    func output(of input: Features) -> Features? {
        guard let maps = input.maps, min(maps.height, maps.width) + 2 * padding >= kernel,
            min(maps.height, maps.width) > 0, let shape = shape(on: input)
        else { return nil }
        return .maps(
            channels: maps.channels, height: shape.outputHeight, width: shape.outputWidth)
    }
}

private struct MaxPoolOperation: Operation {
    let engine: Engine
    let shape: PoolingShape
    let inputGradientReads: Reads = [.input, .output]

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.maxPool(x, shape: shape, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.maxPoolGradient(dy, x: x, y: y, shape: shape, into: &dx)
    }
}

private struct AveragePoolOperation: Operation {
    let engine: Engine
    let shape: PoolingShape

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.averagePool(x, shape: shape, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.averagePoolGradient(dy, shape: shape, into: &dx)
    }
}

private struct GlobalAveragePoolOperation: Operation {
    let engine: Engine
    let height: Int, width: Int

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.globalAveragePool(x, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.globalAveragePoolGradient(dy, height: height, width: width, into: &dx)
    }
}
