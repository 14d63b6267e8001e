// Pooling over windows, and over the whole image.

import Tensors

/// The largest value of each window; padding counts as −∞. Of equal values the first one, in the
/// order (kh, kw), takes the gradient.
public struct MaxPool: Layer {
    /// The name, such as "pool1".
    public let name: String
    /// "max-pool".
    public let kind = "max-pool"
    let windows: PoolWindows

    /// Square windows of `kernel` pixels a side; the stride is the kernel's size if nothing is said.
    public init(_ name: String, kernel: Int, stride: Int? = nil, padding: Int = 0) {
        let stride = stride ?? kernel
        self.init(
            name, kernel: [kernel, kernel], stride: [stride, stride],
            padding: Padding(padding, padding))
    }

    /// Windows of [rows, columns], with padding of each side's own.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - kernel: Rows and columns of pixels of a window.
    ///   - stride: From one window to the next.
    ///   - padding: Around the image.
    ///   - dilation: From one pixel of a window to the next.
    ///   - ceil: Whether a last window may reach beyond the padding (`ceil_mode`).
    /// - Precondition: Sizes are positive, and padding is smaller than what a window reaches over.
    public init(
        _ name: String, kernel: [Int], stride: [Int], padding: Padding = Padding(),
        dilation: [Int] = [1, 1], ceil: Bool = false
    ) {
        self.name = name
        windows = PoolWindows(
            kernel: kernel, stride: stride, dilation: dilation, padding: padding, isCeiling: ceil)
    }

    /// Maps, padded no smaller than a window.
    public var takes: String { windows.takes }
    /// The kernel and its stride.
    public var window: LayerWindow? { windows.window }
    /// Maps with a pixel for each window.
    public func output(of input: Features) -> Features? { windows.output(of: input) }
    /// The windows on maps of a size; nil for anything else.
    public func places(on input: Features) -> PoolingWindows? {
        windows.windows(on: input, countsPadding: false)
    }
    /// From one batch to another.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        if let (shape, _) = windows.shape(on: input) {
            return MaxPoolOperation(engine: setting.engine, shape: shape)
        }
        guard let windows = windows.windows(on: input, countsPadding: false) else { refuse(input) }
        return WideMaxPoolOperation(engine: setting.engine, windows: windows)
    }
}

extension MaxPool {
    /// "max-pool".
    public static var word: String { "max-pool" }
    /// "pool".
    public static var stem: String { "pool" }
    /// {"max-pool": 2}: the window; "stride" (by default the window), "padding", "dilation", "ceil".
    public init(reading form: inout LayerForm, on input: Features) throws {
        (name, windows) = (form.name, try PoolWindows(reading: &form))
    }
    /// The window, and what is not the default.
    public func write(to form: inout LayerForm) { windows.write(to: &form) }
}

/// The mean of each window. It is divided by the window's pixels within image and padding, which counts
/// as zeros; or, without `countsPadding`, by those within the image.
public struct AveragePool: Layer {
    /// The name, such as "pool1".
    public let name: String
    /// "average-pool".
    public let kind = "average-pool"
    let windows: PoolWindows
    /// Whether padding counts (`count_include_pad`).
    public let countsPadding: Bool

    /// Square windows of `kernel` pixels a side, padding counted; the stride is the kernel's size if
    /// nothing is said.
    public init(_ name: String, kernel: Int, stride: Int? = nil, padding: Int = 0) {
        let stride = stride ?? kernel
        self.init(
            name, kernel: [kernel, kernel], stride: [stride, stride],
            padding: Padding(padding, padding))
    }

    /// Windows of [rows, columns], with padding of each side's own.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - kernel: Rows and columns of pixels of a window.
    ///   - stride: From one window to the next.
    ///   - padding: Around the image.
    ///   - dilation: From one pixel of a window to the next.
    ///   - ceil: Whether a last window may reach beyond the padding, which then does not count.
    ///   - countsPadding: PyTorch's `count_include_pad`; ONNX's default is false.
    /// - Precondition: Sizes are positive, and padding is smaller than what a window reaches over.
    public init(
        _ name: String, kernel: [Int], stride: [Int], padding: Padding = Padding(),
        dilation: [Int] = [1, 1], ceil: Bool = false, countsPadding: Bool = true
    ) {
        (self.name, self.countsPadding) = (name, countsPadding)
        windows = PoolWindows(
            kernel: kernel, stride: stride, dilation: dilation, padding: padding, isCeiling: ceil)
    }

    /// Maps, padded no smaller than a window.
    public var takes: String { windows.takes }
    /// The kernel and its stride.
    public var window: LayerWindow? { windows.window }
    /// Maps with a pixel for each window.
    public func output(of input: Features) -> Features? { windows.output(of: input) }
    /// From one batch to another. Where every window is divided by the same number, sums are divided
    /// once; see `Engine.averagePool`.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        if let (shape, isInside) = windows.shape(on: input), isInside,
            countsPadding || windows.padding == Padding()
        {
            return AveragePoolOperation(engine: setting.engine, shape: shape)
        }
        guard let windows = windows.windows(on: input, countsPadding: countsPadding) else {
            refuse(input)
        }
        return WideAveragePoolOperation(engine: setting.engine, windows: windows)
    }
}

extension AveragePool {
    /// "average-pool".
    public static var word: String { "average-pool" }
    /// "pool".
    public static var stem: String { "pool" }
    /// {"average-pool": 2}: the window; "stride" (by default the window), "padding", "dilation", "ceil",
    /// "counts_padding" (true).
    public init(reading form: inout LayerForm, on input: Features) throws {
        countsPadding = try form.take("counts_padding", default: true)
        (name, windows) = (form.name, try PoolWindows(reading: &form))
    }
    /// The window, and what is not the default.
    public func write(to form: inout LayerForm) {
        windows.write(to: &form)
        form.write("counts_padding", countsPadding, default: true)
    }
}

/// The mean of each channel over all pixels: [C, H, W] → [C], or [C, 1, 1] where maps must follow.
public struct GlobalAveragePool: Layer {
    /// The name, such as "pool".
    public let name: String
    /// "global-average-pool".
    public let kind = "global-average-pool"

    /// Whether it gives maps of one pixel.
    public let keepsMaps: Bool

    /// A mean over all pixels: a vector, or with `keepsMaps` maps of one pixel (ONNX's shape).
    public init(_ name: String, keepsMaps: Bool = false) {
        (self.name, self.keepsMaps) = (name, keepsMaps)
    }

    /// Maps of any size.
    public var takes: String { "[C, H, W], channels last" }
    /// A vector of channels, or maps of one pixel.
    public func output(of input: Features) -> Features? {
        guard let maps = input.maps, maps.height * maps.width > 0 else { return nil }
        return keepsMaps
            ? .maps(channels: maps.channels, height: 1, width: 1) : .vector(maps.channels)
    }
    /// From one batch to another.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        guard output(of: input) != nil, let maps = input.maps else { refuse(input) }
        return GlobalAveragePoolOperation(
            engine: setting.engine, height: maps.height, width: maps.width)
    }
}

extension GlobalAveragePool {
    /// "global-average-pool".
    public static var word: String { "global-average-pool" }
    /// "pool".
    public static var stem: String { "pool" }
    /// "maps": whether it gives maps of one pixel.
    public init(reading form: inout LayerForm, on input: Features) throws {
        self.init(form.name, keepsMaps: try form.take("maps", default: false))
    }
    /// Whether it gives maps.
    public func write(to form: inout LayerForm) { form.write("maps", keepsMaps, default: false) }
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
        engine.globalAveragePoolGradient(
            dy.reshaped([dy.rowCount, dy.rowLength]), height: height, width: width, into: &dx)
    }
}

/// Windows with gaps.
private struct WideMaxPoolOperation: Operation {
    let engine: Engine
    let windows: PoolingWindows
    let inputGradientReads: Reads = [.input, .output]

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.maxPool(x, windows: windows, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.maxPoolGradient(dy, x: x, y: y, windows: windows, into: &dx)
    }
}

/// Windows with gaps, or with divisors of their own.
private struct WideAveragePoolOperation: Operation {
    let engine: Engine
    let windows: PoolingWindows

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.averagePool(x, windows: windows, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.averagePoolGradient(dy, windows: windows, into: &dx)
    }
}
