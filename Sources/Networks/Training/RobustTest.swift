// How many images a network still answers as labelled where somebody moves them: a quick look during
// training, no attack of the pipeline's own.

import Tensors

/// A walk that every image of a test makes.
public struct RobustTest: Sendable {
    /// The walk; a random start is the same whatever the weights.
    public let walk: BallWalk
    /// Where the starts come from.
    public let seed: UInt64
    private var walker: BallWalker

    /// - Throws: `NetworkFault.noPixelGradient`.
    public init(_ architecture: Architecture, walk: BallWalk, seed: UInt64, engine: Engine) throws {
        (self.walk, self.seed) = (walk, seed)
        walker = try BallWalker(architecture, engine: engine)
    }

    /// Counts the images that stand.
    ///
    /// - Parameters:
    ///   - parameters: The weights, by name.
    ///   - images: [N, C, H, W] in [0, 1].
    ///   - labels: One a row.
    /// - Returns: How many are answered as labelled before the walk and at every point of it.
    public mutating func correct(
        _ parameters: [String: Tensor], images: Tensor, labels: [Int]
    ) -> Int {
        walker.load(parameters)
        let draws = ImageDraws(seed: seed, "train/robust/test", epoch: nil)
        return walker.standing(images, targets: labels, along: walk, draws: draws)
            .count { $0 }
    }
}
