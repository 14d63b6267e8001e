// What a training does so that the network resists small changes of its images.

/// How a training makes a network resist. All but `none` change the images of every batch, or what is
/// asked of them; images are in [0, 1], and what is drawn for one belongs to seed, epoch and the image's
/// place in the data set, never to its place in a batch.
public enum RobustTraining: Equatable, Sendable {
    /// The images as they are.
    case none
    /// Cross-entropy at the end of a walk that raises it: of one step, FGSM from a random start (Wong, Rice
    /// and Kolter 2020); of more, PGD (Madry and others 2018).
    case adversarial(BallWalk)
    /// Cross-entropy of the image, and `beta` times the divergence of the answers at the end of a walk that
    /// raises it from those to the image (TRADES, Zhang and others 2019).
    case trades(BallWalk, beta: Float)
    /// Normal noise of this deviation, in pixel units, added to every pixel; what leaves [0, 1] stays
    /// outside (Cohen, Rosenfeld and Kolter 2019).
    case gaussian(deviation: Float)
    /// Cross-entropy of the image and of the worst logits that an interval around it allows.
    case intervals(IntervalTraining)

    /// The walk that every image makes, if it makes one.
    var walk: BallWalk? {
        switch self {
        case .adversarial(let walk), .trades(let walk, _): walk
        case .none, .gaussian, .intervals: nil
        }
    }
}

/// A walk of steps along the sign of a gradient, each projected onto [0, 1] and the L∞ ball around the
/// image. No point leaves them by a last bit, but for the start of some.
public struct BallWalk: Equatable, Sendable {
    /// Where it begins.
    public enum Start: Equatable, Sendable {
        /// At the image.
        case image
        /// Every pixel moved by a uniform share of ε from [−1, 1), and back into [0, 1].
        case uniform
        /// Likewise, but not back: the first gradient is that at a point which may lie outside, and the
        /// first step goes from there. Of one step alone this is what keeps its ends apart: from within
        /// [0, 1] a step of 1.25 ε leads every dark pixel to 0 or to ε, and a network learns to stand there
        /// and nowhere else.
        case uniformBeyond
        /// Every pixel moved by a normal deviate of this size, in pixel units, and not back.
        case gaussian(deviation: Float)

        /// Whether it is brought back into ball and [0, 1] before the first step.
        var isProjected: Bool { self == .image || self == .uniform }
    }

    /// The radius, in pixel units, at least 0.
    public var epsilon: Float
    /// How many steps, at least 0.
    public var steps: Int
    /// How far a step moves every pixel, in pixel units.
    public var stepSize: Float
    /// Where it begins.
    public var start: Start

    /// A walk.
    public init(epsilon: Float, steps: Int, stepSize: Float, start: Start) {
        (self.epsilon, self.steps) = (epsilon, steps)
        (self.stepSize, self.start) = (stepSize, start)
    }
}

/// Training by intervals (Gowal and others 2018): each batch costs
///
///     κ·CE(logits) + (1 − κ)·CE(worst logits)
///
/// where the worst logits are, less that of the label, the upper ends of the intervals that real arithmetic
/// gives for the box of ε around the image within [0, 1]. A linear layer that is the last of several is
/// led through by the differences of its rows to that of the label, which makes them narrower; else that of
/// the label is the lower end and all others the upper end of their own intervals.
public struct IntervalTraining: Equatable, Sendable {
    /// The radius at the end of the ramp, in pixel units, at least 0.
    public var epsilon: Float
    /// κ at the end of the ramp, in [0, 1]; 1 before it.
    public var kappa: Float
    /// Epochs before the ramp, with ε 0 and κ 1.
    public var warmUp: Double
    /// Epochs in which ε and κ go to their last values, linear by step.
    public var ramp: Double

    /// A training by intervals.
    public init(epsilon: Float, kappa: Float, warmUp: Double, ramp: Double) {
        (self.epsilon, self.kappa) = (epsilon, kappa)
        (self.warmUp, self.ramp) = (warmUp, ramp)
    }

    /// ε and κ at a time in epochs, worked out in double and rounded once.
    public func values(at epoch: Double) -> (epsilon: Float, kappa: Float) {
        let way =
            epoch >= warmUp + ramp ? 1 : epoch <= warmUp ? 0 : (epoch - warmUp) / ramp
        return (Float(way * Double(epsilon)), Float(1 - way * (1 - Double(kappa))))
    }
}
