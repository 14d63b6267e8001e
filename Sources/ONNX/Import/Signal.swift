// What flows along an edge of the graph while it is imported: known numbers, or a batch of numbers
// that a layer gives.

import Networks

/// What a node reads or gives.
enum Operand: Sendable {
    /// Numbers that are known now.
    case constant(Constant)
    /// Numbers that depend on the image.
    case signal(Signal)
}

/// A batch inside the network: which layer gives it, and how ONNX sees its numbers.
///
/// ONNX and we lay numbers out differently, and exporters reshape and transpose them. So a signal has
/// two shapes: `features`, as our layer gives them, and `axes`, under which the graph sees them at
/// this place. A Reshape or a Transpose changes `axes` and `order` only; a layer is added where an
/// operator then wants maps or a row.
struct Signal: Sendable {
    /// How `axes`, read in row-major order, runs through the features [C, H, W].
    enum Order: Sendable {
        /// As they are: channel by channel, row by row.
        case channelsFirst
        /// Pixel by pixel, as TensorFlow has it: [H, W, C].
        case channelsLast
    }

    /// The layer that gives it; nil for the images themselves.
    var source: String?
    /// What that layer gives.
    var features: Features
    /// The sizes that the graph sees, without the batch.
    var axes: [Int]
    var order = Order.channelsFirst
    /// What the graph has done to the images so far, as long as no layer has.
    var scaling: PixelScaling?
    /// The operator (Softmax) that was left out because it is the last; nothing may compute with the
    /// signal any more.
    var end: String?

    /// Channels and spatial sizes as the graph sees them now, whatever place they stand in; nil where
    /// it sees no maps.
    ///
    /// Maps of one spatial axis [C, L] are maps [C, 1, L], those of three [C, D, H, W] are maps
    /// [C, D·H, W].
    var maps: [Int]? {
        guard axes.count > 1, order == .channelsFirst || axes.count < 4 else { return nil }
        switch order {
        case .channelsFirst:
            return [axes[0], axes[1..<(axes.count - 1)].reduce(1, *), axes[axes.count - 1]]
        case .channelsLast:
            let channels = axes[axes.count - 1]
            return axes.count == 3 ? [channels, axes[0], axes[1]] : [channels, 1, axes[0]]
        }
    }

    /// The one of `axes` that runs over the features' channels; nil where a Reshape has mixed them
    /// with others.
    var channelAxis: Int? {
        let shape = mapShape
        let pixels = shape[1] * shape[2]
        let (before, after) = order == .channelsFirst ? (1, pixels) : (pixels, 1)
        return axes.indices.first {
            axes[$0] == shape[0] && axes[..<$0].reduce(1, *) == before
                && axes[($0 + 1)...].reduce(1, *) == after
        }
    }

    /// The features as [C, H, W]; a row is that of [C, 1, 1].
    var mapShape: [Int] {
        features.shape.count == 3 ? features.shape : [features.count, 1, 1]
    }

    /// "[64, 8, 8] from layer conv1", for messages.
    var words: String { "\(axes) from \(source.map { "layer \($0)" } ?? "the images")" }
}

/// y = x·scale + shift, channel by channel: what a graph does to the images before its first layer,
/// in double.
struct PixelScaling: Sendable, Equatable {
    var scale: [Double]
    var shift: [Double]
}
