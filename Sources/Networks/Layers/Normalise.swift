// The normalisation of pixels, which is part of the network.

import Tensors

/// The first layer of a network that wants its pixels normalised: y = (x − mean[c]) / deviation[c]
/// and channels last.
///
/// The expression is y = fma(x, 1 / deviation, −mean / deviation), with both constants worked out
/// in double and rounded once; an attack sees pixels in [0, 1] only.
public struct Normalise: Layer {
    /// The name, such as "normalise".
    public let name: String
    /// "normalise".
    public let kind = "normalise"
    /// Of each channel, for pixels in [0, 1].
    public let mean: [Double]
    /// Of each channel, likewise.
    public let deviation: [Double]

    /// A normalisation of pixels.
    ///
    /// - Precondition: As many means as deviations, which are positive.
    public init(_ name: String = "normalise", mean: [Double], deviation: [Double]) {
        precondition(
            mean.count == deviation.count && deviation.allSatisfy { $0 > 0 },
            "Normalise: means \(mean), deviations \(deviation)")
        (self.name, self.mean, self.deviation) = (name, mean, deviation)
    }

    /// An image of as many channels as there are means.
    public var takes: String { "an image [\(mean.count), H, W]" }
    /// Maps of the image's shape, channels last.
    public func output(of input: Features) -> Features? {
        input.shape.first == mean.count ? ChannelsLast(name).output(of: input) : nil
    }
    /// The deviations.
    public var pixelDeviations: [Double]? { deviation }
    /// A change of layout and a scaling.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        NormaliseOperation(
            engine: setting.engine, axes: input.shape, scale: constants.scale,
            shift: constants.shift)
    }

    /// 1 / deviation and −mean / deviation, each rounded once.
    public var constants: (scale: Tensor, shift: Tensor) {
        let scale = deviation.map { Float(1 / $0) }
        let shift = zip(mean, deviation).map { Float(-$0 / $1) }
        return (
            Tensor(shape: [scale.count], values: scale), Tensor(shape: [shift.count], values: shift)
        )
    }
}

extension Normalise {
    /// "normalise".
    public static var word: String { "normalise" }
    /// True: the pixels' layer is called by its stem alone.
    public static var isLayout: Bool { true }
    /// "mean" and "deviation", a number a channel each, for pixels in [0, 1].
    public init(reading form: inout LayerForm, on input: Features) throws {
        let mean = try form.takeNumbers("mean")
        let deviation = try form.takeNumbers("deviation")
        let scales = deviation.map { Float(1 / $0) }
        guard mean.count == deviation.count, deviation.allSatisfy({ $0 > 0 }),
            scales.allSatisfy(\.isFinite),
            zip(mean, deviation).allSatisfy({ Float(-$0 / $1).isFinite })
        else {
            throw form.fault(
                "expected as many means as deviations above 0, found \(mean) and \(deviation)")
        }
        self.init(form.name, mean: mean, deviation: deviation)
    }
    /// Both.
    public func write(to form: inout LayerForm) {
        form.settings["mean"] = .list(mean.map { .number($0) })
        form.settings["deviation"] = .list(deviation.map { .number($0) })
    }
}

private struct NormaliseOperation: Operation {
    let engine: Engine
    /// [C, H, W].
    let axes: [Int]
    let scale: Tensor, shift: Tensor

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.channelsLast(x.reshaped([x.rowCount] + axes), into: &context.scratch)
        engine.scaleChannels(context.scratch, by: scale, shift: shift, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.scaleChannels(dy, by: scale, shift: nil, into: &context.scratch)
        engine.channelsFirst(context.scratch, into: &dx)
    }
}
