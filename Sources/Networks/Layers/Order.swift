// Layers that only change the order in which numbers lie, and the one that also scales pixels.

import Tensors

/// The first layer of a network of feature maps: [N, C, H, W] as images enter → [N, H, W, C] as
/// convolutions read. For one channel nothing moves.
public struct ChannelsLast: Layer {
    /// The name, such as "pixels".
    public let name: String

    /// Describes a layer.
    public init(_ name: String = "pixels") { self.name = name }

    /// "channels-last".
    public var kind: String { "channels-last" }
    /// In words.
    public var takes: String { "an image [C, H, W]" }
    /// The same maps.
    public func output(of input: Features) -> Features? {
        guard input.order == .planes, input.shape.count == 3 else { return nil }
        return .maps(channels: input.shape[0], height: input.shape[1], width: input.shape[2])
    }
    /// A move, if there is more than one channel.
    public func work(on input: Features, in setting: RunSetting) -> Work {
        input.shape[0] == 1
            ? .nothing : .operation(MoveChannels(toLast: true, of: input, engine: setting.engine))
    }
}

/// [C, H, W] → [C·H·W] in the order (C, H, W), as PyTorch flattens, so that the weights of a
/// linear layer that follows are PyTorch's.
public struct Flatten: Layer {
    /// The name, such as "flatten".
    public let name: String

    /// Describes a layer.
    public init(_ name: String = "flatten") { self.name = name }

    /// "flatten".
    public var kind: String { "flatten" }
    /// In words.
    public var takes: String { "anything" }
    /// A row.
    public func output(of input: Features) -> Features? { .row(input.count) }
    /// A move, unless the numbers lie in that order already.
    public func work(on input: Features, in setting: RunSetting) -> Work {
        input.isFlat
            ? .nothing : .operation(MoveChannels(toLast: false, of: input, engine: setting.engine))
    }
}

/// The first layer of a network that wants its pixels normalised: y = (x − mean[c]) / deviation[c]
/// and channels last.
///
/// The expression is y = fma(x, 1 / deviation, −mean / deviation), with both constants worked out
/// in double and rounded once; an attack sees pixels in [0, 1] only.
public struct Normalise: Layer {
    /// The name, such as "normalise".
    public let name: String
    /// Of each channel, for pixels in [0, 1].
    public let mean: [Double]
    /// Of each channel, likewise.
    public let deviation: [Double]

    /// Describes a layer.
    ///
    /// - Precondition: As many means as deviations, which are positive.
    public init(_ name: String = "normalise", mean: [Double], deviation: [Double]) {
        precondition(
            mean.count == deviation.count && deviation.allSatisfy { $0 > 0 },
            "Normalise: means \(mean), deviations \(deviation)")
        (self.name, self.mean, self.deviation) = (name, mean, deviation)
    }

    /// "normalise".
    public var kind: String { "normalise" }
    /// In words.
    public var takes: String { "an image [\(mean.count), H, W]" }
    /// The same maps.
    public func output(of input: Features) -> Features? {
        input.shape.first == mean.count ? ChannelsLast(name).output(of: input) : nil
    }
    /// A move and a scaling.
    public func work(on input: Features, in setting: RunSetting) -> Work {
        let scale = deviation.map { Float(1 / $0) }
        let shift = zip(mean, deviation).map { Float(-$0 / $1) }
        return .operation(
            NormaliseOperation(
                engine: setting.engine, axes: input.shape,
                scale: Tensor(shape: [scale.count], values: scale),
                shift: Tensor(shape: [shift.count], values: shift)))
    }
}

/// A move between [N, C, H, W] and [N, H, W, C].
private struct MoveChannels: Operation {
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

    func forward(_ x: Tensor, into y: inout Tensor, memory: inout OperationMemory) {
        toLast ? last(x, into: &y) : first(x, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, memory: inout OperationMemory
    ) {
        toLast ? first(dy, into: &dx) : last(dy, into: &dx)
    }
}

private struct NormaliseOperation: Operation {
    let engine: Engine
    /// [C, H, W].
    let axes: [Int]
    let scale: Tensor, shift: Tensor

    func forward(_ x: Tensor, into y: inout Tensor, memory: inout OperationMemory) {
        engine.channelsLast(x.reshaped([x.rowCount] + axes), into: &memory.scratch)
        engine.scaleChannels(memory.scratch, by: scale, shift: shift, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, memory: inout OperationMemory
    ) {
        engine.scaleChannels(dy, by: scale, shift: nil, into: &memory.scratch)
        engine.channelsFirst(memory.scratch, into: &dx)
    }
}
