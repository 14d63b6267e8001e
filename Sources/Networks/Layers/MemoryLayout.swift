// Layers that only change the memory layout.

import Tensors

/// The first layer of a network of feature maps: [N, C, H, W] as images enter → [N, H, W, C] as
/// convolutions read. For one channel nothing moves.
public struct ChannelsLast: Layer {
    /// The name, such as "pixels".
    public let name: String
    /// "channels-last".
    public let kind = "channels-last"

    /// A change of layout.
    public init(_ name: String = "pixels") { self.name = name }

    /// An image, channels first.
    public var takes: String { "an image [C, H, W]" }
    /// Maps of the image's shape.
    public func output(of input: Features) -> Features? {
        guard input.layout == .channelsFirst, input.shape.count == 3 else { return nil }
        return .maps(channels: input.shape[0], height: input.shape[1], width: input.shape[2])
    }
    /// A transposition of each image, if it has more than one channel.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        input.shape[0] == 1
            ? nil : ChannelTransposition(toLast: true, of: input, engine: setting.engine)
    }
}

extension ChannelsLast {
    /// "channels-last".
    public static var word: String { "channels-last" }
    /// "pixels".
    public static var stem: String { "pixels" }
    /// True.
    public static var isLayout: Bool { true }
    /// The word alone.
    public init(reading form: inout LayerForm, on input: Features) throws { self.init(form.name) }
}

/// [C, H, W] → [C·H·W] in the order (C, H, W), as PyTorch flattens, so that the weights of a
/// linear layer that follows are PyTorch's.
public struct Flatten: Layer {
    /// The name, such as "flatten".
    public let name: String
    /// "flatten".
    public let kind = "flatten"

    /// A vector of what came.
    public init(_ name: String = "flatten") { self.name = name }

    /// [C·H·W].
    public func output(of input: Features) -> Features? { .vector(input.count) }
    /// A transposition of each sample, unless its numbers lie in that order already.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        input.isFlat
            ? nil : ChannelTransposition(toLast: false, of: input, engine: setting.engine)
    }
}

extension Flatten {
    /// "flatten".
    public static var word: String { "flatten" }
    /// True.
    public static var isLayout: Bool { true }
    /// The word alone.
    public init(reading form: inout LayerForm, on input: Features) throws { self.init(form.name) }
}

/// [C·H·W] in the order (C, H, W) → maps [C, H, W], channels last: the way back from a `Flatten`.
public struct Unflatten: Layer {
    /// The name, such as "maps".
    public let name: String
    /// "unflatten".
    public let kind = "unflatten"
    /// [C, H, W].
    public let shape: [Int]

    /// Maps of a vector.
    ///
    /// - Precondition: Three positive sizes.
    public init(_ name: String, shape: [Int]) {
        precondition(
            shape.count == 3 && shape.allSatisfy { $0 > 0 }, "Unflatten \(name): \(shape)")
        (self.name, self.shape) = (name, shape)
    }

    private var maps: Features { .maps(channels: shape[0], height: shape[1], width: shape[2]) }

    /// So many numbers in a row.
    public var takes: String { "\(maps.count) numbers in a row" }
    /// Maps.
    public func output(of input: Features) -> Features? {
        input.layout != .channelsLast && input.count == maps.count ? maps : nil
    }
    /// A transposition of each sample, unless its numbers lie in that order already.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        guard output(of: input) != nil else { refuse(input) }
        return maps.isFlat
            ? nil : ChannelTransposition(toLast: true, of: maps, engine: setting.engine)
    }
}

extension Unflatten {
    /// "unflatten".
    public static var word: String { "unflatten" }
    /// "maps".
    public static var stem: String { "maps" }
    /// {"unflatten": [C, H, W]}.
    public init(reading form: inout LayerForm, on input: Features) throws {
        let shape = try form.takeValueList("[C, H, W]", in: 1...LayerForm.largest)
        guard shape.count == 3 else {
            throw form.fault("expected [C, H, W], found \(LayerForm.list(shape))")
        }
        try form.product(shape, form.word)
        self.init(form.name, shape: shape)
    }
    /// [C, H, W].
    public func write(to form: inout LayerForm) {
        form.value = LayerForm.list(shape)
    }
}

/// Between [N, C, H, W] and [N, H, W, C].
private struct ChannelTransposition: Operation {
    let engine: Engine
    let toLast: Bool
    /// [H, W, C].
    private let axes: [Int]

    init(toLast: Bool, of input: Features, engine: Engine) {
        (self.toLast, self.engine) = (toLast, engine)
        axes = [input.shape[1], input.shape[2], input.shape[0]]
    }

    private func last(_ x: Tensor, into y: inout Tensor) {
        engine.channelsLast(x.reshaped([x.rowCount, axes[2], axes[0], axes[1]]), into: &y)
    }

    private func first(_ x: Tensor, into y: inout Tensor) {
        engine.channelsFirst(x.reshaped([x.rowCount] + axes), into: &y)
    }

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        toLast ? last(x, into: &y) : first(x, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        toLast ? first(dy, into: &dx) : last(dy, into: &dx)
    }
}
