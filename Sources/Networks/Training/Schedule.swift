// How large a training step is, from the first to the last.

/// The step size of every training step. Times are in epochs, so that a schedule means the same
/// for data sets and batches of any size; rates are worked out in double and rounded once, except
/// those by epoch.
public enum Schedule: Equatable, Sendable {
    /// From the first epoch's rate to the last epoch's, linear by epoch, the same within one.
    case byEpoch(first: Float, last: Float)
    /// Straight lines between knots, by step; before the first and after the last knot their rates.
    /// The times rise.
    case piecewise([Knot])
    /// `cycles` triangles one after the other, by step: up from `low` to `high` at the share `peak`
    /// of a cycle, and down again (Smith 2017; one cycle with its peak at 2/5 is that of Wong,
    /// Rice and Kolter 2020).
    case cyclic(low: Float, high: Float, cycles: Int, peak: Double)

    /// A rate at a time.
    public struct Knot: Equatable, Sendable {
        /// In epochs from the start of training.
        public var epoch: Double
        /// The step size.
        public var rate: Double

        /// A rate at a time.
        public init(epoch: Double, rate: Double) { (self.epoch, self.rate) = (epoch, rate) }
    }

    /// The step size of one step.
    ///
    /// A schedule by step is read at the end of the step, (step + 1) / steps epochs into its epoch:
    /// the first step of one that starts at 0 then moves something.
    ///
    /// - Parameters:
    ///   - epoch: Counted from 0.
    ///   - epochs: How many there are.
    ///   - step: The step within the epoch, counted from 0.
    ///   - steps: How many an epoch has.
    /// - Returns: The rate.
    public func rate(inEpoch epoch: Int, of epochs: Int, step: Int, of steps: Int) -> Float {
        let time = Double(epoch) + Double(step + 1) / Double(max(1, steps))
        switch self {
        case .byEpoch(let first, let last):
            guard epochs > 1 else { return first }
            let way = Float(epoch) / Float(epochs - 1)
            return first * (1 - way) + last * way
        case .piecewise(let knots):
            return Float(Self.line(through: knots, at: time))
        case .cyclic(let low, let high, let cycles, let peak):
            let length = Double(max(1, epochs)) / Double(max(1, cycles))
            let started = min((time / length).rounded(.down), Double(max(0, cycles - 1)))
            let start = started * length
            let ends = [
                Knot(epoch: start, rate: Double(low)),
                Knot(epoch: start + peak * length, rate: Double(high)),
                Knot(epoch: start + length, rate: Double(low)),
            ]
            return Float(Self.line(through: ends, at: time))
        }
    }

    private static func line(through knots: [Knot], at time: Double) -> Double {
        guard let first = knots.first, time > first.epoch else { return knots.first?.rate ?? 0 }
        for (left, right) in zip(knots, knots.dropFirst()) where time <= right.epoch {
            let way = (time - left.epoch) / (right.epoch - left.epoch)
            return left.rate * (1 - way) + right.rate * way
        }
        return knots[knots.count - 1].rate
    }
}
