// A border around feature maps, or less of them.

import Tensors

/// Maps with `value` around them: rows and columns on each side, and channels before and after. A
/// negative number takes as many away. The gradient is that of the pixels that are kept, and 0 for
/// those that are not.
///
/// A convolution pads with zeros by itself; this is for other values, for pooling that counts them, and
/// for shortcuts that add channels (He et al. 2015, option A).
public struct Pad: Layer {
    /// The name, such as "pad1".
    public let name: String
    /// "pad".
    public let kind = "pad"
    /// Rows and columns of each side.
    public let padding: Padding
    /// Channels before and after.
    public let channels: [Int]
    /// What the border holds.
    public let value: Float

    /// A border; ONNX's `Pad` in the mode "constant".
    ///
    /// - Precondition: The value is finite.
    public init(
        _ name: String, padding: Padding, channelsBefore: Int = 0, channelsAfter: Int = 0,
        value: Float = 0
    ) {
        precondition(value.isFinite, "Pad \(name): the value is \(value)")
        (self.name, self.padding, self.value) = (name, padding, value)
        channels = [channelsBefore, channelsAfter]
    }

    /// Maps of which something is left.
    public var takes: String {
        func least(_ sides: Int...) -> Int { max(1, 1 - sides.reduce(0, +)) }
        let (height, width) = (
            least(padding.top, padding.bottom), least(padding.left, padding.right)
        )
        return "maps of at least \(least(channels[0], channels[1])) channels, channels last, of at "
            + "least \(height) × \(width) pixels"
    }

    /// Larger or smaller maps.
    public func output(of input: Features) -> Features? {
        guard let maps = input.maps else { return nil }
        let sizes = [
            maps.channels + channels[0] + channels[1], maps.height + padding.top + padding.bottom,
            maps.width + padding.left + padding.right,
        ]
        guard sizes.allSatisfy({ $0 > 0 }) else { return nil }
        return .maps(channels: sizes[0], height: sizes[1], width: sizes[2])
    }

    /// A copy; nothing where nothing is added.
    public func operation(on input: Features, in setting: RunSetting) -> (any Operation)? {
        guard let output = output(of: input) else { refuse(input) }
        let isNothing = padding == Padding() && channels == [0, 0]
        return isNothing
            ? nil
            : Padded(
                engine: setting.engine,
                box: BoxCopy(
                    from: input.axes, to: output.axes,
                    offset: [padding.top, padding.left, channels[0]]), value: value)
    }
}

extension Pad {
    /// "pad".
    public static var word: String { "pad" }
    /// {"pad": [top, left, bottom, right]}, "before" and "after" the channels, "value".
    public init(reading form: inout LayerForm, on input: Features) throws {
        let range = -LayerForm.largest...LayerForm.largest
        form.settings["pad"] = form.value
        form.value = nil
        self.init(
            form.name, padding: try form.takePadding("pad", in: range),
            channelsBefore: try form.take("before", in: range, default: 0),
            channelsAfter: try form.take("after", in: range, default: 0),
            value: try form.take("value", default: 0))
    }
    /// The border.
    public func write(to form: inout LayerForm) {
        form.write("pad", padding)
        form.value = form.settings.removeValue(forKey: "pad")
        form.write("before", channels[0], default: 0)
        form.write("after", channels[1], default: 0)
        form.write("value", value, default: 0)
    }
}

private struct Padded: Operation {
    let engine: Engine
    let box: BoxCopy
    let value: Float

    func forward(_ x: Tensor, into y: inout Tensor, context: inout OperationContext) {
        engine.copy(x, box: box, filling: value, into: &y)
    }

    func inputGradient(
        _ dy: Tensor, x: Tensor, y: Tensor, into dx: inout Tensor, context: inout OperationContext
    ) {
        engine.copy(dy, box: box.reversed, filling: 0, into: &dx)
    }
}
