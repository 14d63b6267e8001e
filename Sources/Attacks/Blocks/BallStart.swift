// A random point of a ball: where an attack with random starts begins. Keyed by seed, sample and
// restart, so that it belongs to the image and not to its place in a batch.

import Networks
import Randomness
import Tensors

/// Uniform random points of the balls of radius 1.
enum BallStart {
    /// A point of the ball, `count` coordinates.
    ///
    /// L∞: each coordinate uniform in [−1, 1). L2: n + 2 normal deviates, divided by their norm,
    /// without the last two (Voelker, Gosmann, Stewart, "Efficiently sampling vectors and
    /// coordinates from the n-sphere and n-ball", 2017). L1: n + 1 exponential deviates, divided by
    /// their sum, without the last one, each with a random sign. L0 has no such points: 0.
    static func point(of ball: Ball, count: Int, random: inout Stream) -> [Float] {
        switch ball {
        case .linf:
            return (0..<count).map { _ in 2 * random.uniform() - 1 }
        case .l2:
            var deviates: [Double] = []
            while deviates.count < count + 2 { append(random.normalPair(), to: &deviates) }
            deviates.removeLast(deviates.count - (count + 2))
            let size = deviates.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return deviates.prefix(count).map { Float($0 / size) }
        case .l1:
            // 1 − u is never 0.
            let deviates = (0...count).map { _ in
                -Double(Elementary.log(1 - random.uniform()))
            }
            let sum = deviates.reduce(0, +)
            return deviates.prefix(count).map {
                Float(random.next() & 1 == 0 ? $0 / sum : -$0 / sum)
            }
        case .l0:
            return Array(repeating: 0, count: count)
        }
    }

    /// A uniformly random vector of norm 1: normal deviates, divided by their norm.
    static func direction(count: Int, random: inout Stream) -> [Float] {
        var deviates: [Double] = []
        while deviates.count < count { append(random.normalPair(), to: &deviates) }
        deviates.removeLast(deviates.count - count)
        let size = deviates.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return deviates.map { Float($0 / size) }
    }

    private static func append(_ pair: (Double, Double), to deviates: inout [Double]) {
        deviates.append(pair.0)
        deviates.append(pair.1)
    }
}
