// One run of an attack at its beginning.

import Randomness
import Tensors

/// A sample within one budget, about to begin.
public struct Run {
    /// The sample.
    public let sample: AttackSample
    /// The radius of its ball, in the model's norm; infinite where there is no budget, or more than one.
    public let epsilon: Float
    /// Its image, [1, C, H, W].
    public let image: Tensor
    /// Where it begins, [1, C, H, W]: the image, if the attack does not move it.
    public var point: Tensor

    let queue: AttackQueue

    /// What the attacker may do and wants.
    public var model: ThreatModel { queue.model }
    /// Which try this is, from 0.
    public var restart: Int { queue.restart }

    /// Which pixels may change, and between which values.
    public var limits: PixelLimits { queue.model.limits }

    /// The random numbers of the sample for a purpose, such as "pgd/start": they belong to the
    /// model's seed, the try and the image, not to the image's place in a batch, nor to a budget.
    public func stream(_ purpose: String) -> Stream { queue.stream(purpose, for: sample) }

    /// How many values of the image may change.
    public var freeCount: Int { limits.freeCount(of: image.count) }

    /// Moves the point by ε times a vector of the unit ball, and back into ball and limits.
    ///
    /// - Parameter vector: A number for each value that may change (`freeCount`), in order.
    public mutating func move(by vector: [Float]) {
        let vector = limits.spread(vector)
        point.withMutableFloats { pixels in
            for index in pixels.indices { pixels[index] += epsilon * vector[index] }
        }
        var scratch = Tensor(shape: [0])
        queue.engine.project(
            &point, around: image, in: model.norm.ball, within: [epsilon], limits: limits,
            scratch: &scratch)
    }
}
