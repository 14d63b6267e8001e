// What an attack may know of a network: logits, and the gradient back to the pixels.

import Synchronization
import Tensors

/// A network that assigns classes to images with pixels in [0, 1].
///
/// Normalisation, if any, is the network's own first layer: an attack sees pixels only.
public protocol Classifier: Sendable {
    /// One thread's working memory.
    associatedtype Pass: ClassifierPass
    /// The number of classes.
    var classes: Int { get }
    /// The shape of one image, [C, H, W].
    var imageShape: [Int] { get }
    /// Floating-point operations of a forward pass over one image; a backward pass to the pixels
    /// takes as many.
    var forwardFLOPs: Int { get }
    /// How many images one pass handles best at a time. Changes no result.
    var batch: Int { get }
    /// The engine that runs it.
    var engine: Engine { get }
    /// A pass with memory of its own, to be used by one thread.
    func makePass() -> Pass
}

/// Forward and backward passes over batches, with memory that is kept from one to the next.
public protocol ClassifierPass: Sendable {
    /// What one unit of the network's normalised image is in pixels, channel by channel.
    var deviations: [Double] { get }
    /// The logits [N, classes] of images [N, C, H, W] or [N, C·H·W].
    ///
    /// - Throws: `NetworkFault` for images of another shape, or for a logit that is not finite.
    mutating func logits(of images: Tensor) throws -> Tensor
    /// The vector–Jacobian product Σ_j d[n, j]·∂logits[n, j]/∂pixels of the last `logits` call:
    /// [N, C, H, W]. Any number of these may follow one `logits` call.
    ///
    /// - Throws: `NetworkFault` for a gradient that is not finite.
    mutating func pixelGradient(_ logitGradient: Tensor) throws -> Tensor
    /// As `logits`, but a row that is not finite is the caller's to find.
    mutating func uncheckedLogits(of images: Tensor) throws -> Tensor
    /// As `pixelGradient`, but a row that is not finite is the caller's to find.
    mutating func uncheckedPixelGradient(_ logitGradient: Tensor) throws -> Tensor
}

extension ClassifierPass {
    /// `logits(of:)`: enough for a pass whose logits are always finite.
    public mutating func uncheckedLogits(of images: Tensor) throws -> Tensor {
        try logits(of: images)
    }
    /// `pixelGradient(_:)`: enough for a pass whose gradients are always finite.
    public mutating func uncheckedPixelGradient(_ logitGradient: Tensor) throws -> Tensor {
        try pixelGradient(logitGradient)
    }
    /// [1], for all channels: no normalisation.
    public var deviations: [Double] { [1] }
}

extension Classifier {
    /// What `body` makes of consecutive ranges of `batch` rows of 0..<`count`, in order. The
    /// threads share the ranges, and a pass goes from one range to the next.
    ///
    /// - Throws: The first error of `body`, in that order.
    public func mapBatches<Part: Sendable>(
        of count: Int, _ body: @escaping @Sendable (inout Pass, Range<Int>) throws -> Part
    ) throws -> [Part] {
        let idle = Mutex<[Pass]>([])
        return try engine.workers.map(count: (count + batch - 1) / batch) { index in
            var pass = idle.withLock { $0.popLast() } ?? makePass()
            let part = try body(&pass, index * batch..<min((index + 1) * batch, count))
            idle.withLock { $0.append(pass) }
            return part
        }
    }
}
