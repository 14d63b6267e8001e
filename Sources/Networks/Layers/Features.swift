// What one layer hands to the next, seen for one sample: a shape in PyTorch's words, and the layout
// of its numbers in memory.

import Tensors

/// The numbers that one sample carries from one layer to the next.
public struct Features: Equatable, Sendable {
    /// How the numbers lie in memory.
    public enum Layout: Equatable, Sendable {
        /// [C, H, W], channel by channel: an image as it enters.
        case channelsFirst
        /// [H, W, C], pixel by pixel: feature maps inside a network.
        case channelsLast
        /// [F].
        case vector
    }

    /// [C, H, W] or [F], whatever the layout.
    public let shape: [Int]
    /// The layout in memory.
    public let layout: Layout

    private init(_ shape: [Int], _ layout: Layout) { (self.shape, self.layout) = (shape, layout) }

    /// An image as it enters: [C, H, W].
    public static func image(_ shape: [Int]) -> Features { Features(shape, .channelsFirst) }

    /// Feature maps, channels last in memory.
    public static func maps(channels: Int, height: Int, width: Int) -> Features {
        Features([channels, height, width], .channelsLast)
    }

    /// A vector.
    public static func vector(_ length: Int) -> Features { Features([length], .vector) }

    /// How many numbers there are.
    public var count: Int { Tensor.count(of: shape) }

    /// The axes in memory, without that of the batch: [H, W, C] for feature maps.
    public var axes: [Int] {
        layout == .channelsLast ? [shape[1], shape[2], shape[0]] : shape
    }

    /// Channels, rows and columns of feature maps; nil for anything else.
    public var maps: (channels: Int, height: Int, width: Int)? {
        layout == .channelsLast ? (shape[0], shape[1], shape[2]) : nil
    }

    /// Whether the numbers lie in the order of `shape`, so that they are a vector as they are.
    /// So do maps of a single channel or of a single pixel.
    public var isFlat: Bool {
        layout != .channelsLast || shape[0] == 1 || shape[1] * shape[2] == 1
    }
}

extension Features: CustomStringConvertible {
    /// "[32, 14, 14]", and for an image that it is one.
    public var description: String {
        layout == .channelsFirst ? "an image \(shape)" : "\(shape)"
    }
}
