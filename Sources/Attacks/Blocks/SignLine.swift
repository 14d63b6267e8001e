// The network's answers along a line of signs: what a slider over ε shows of an image.

import Networks
import Tensors

/// The answers to x + ε·s at evenly spaced ε, each projected and judged as a proposal within that ε is.
public struct SignLine: Sendable {
    /// The ε, from 0 to the largest budget.
    public let epsilons: [Float]
    /// The likeliest classes at each of them.
    public let answers: [Ranking]
    /// The direction s: −1, 0 or 1 for each value of the image; 0 where it may not change.
    public let signs: [Int8]

    /// So many ε from 0 to the largest: i·largest/(count − 1), rounded once.
    ///
    /// - Precondition: `count` is 2 or more.
    static func epsilons(_ count: Int, to largest: Float) -> [Float] {
        (0..<count).map { Float(Double($0) * Double(largest) / Double(count - 1)) }
    }

    /// The lines of the runs that are not over, in the order of `batch.open`. Passes are counted aside, one
    /// for each ε.
    static func lines<State>(
        of batch: Batch<State>, along gradient: Tensor, count: Int,
        on oracle: inout some ScoreOracle
    ) throws -> [SignLine] {
        let rows = batch.open
        let epsilons = epsilons(count, to: batch.epsilons.max() ?? 0)
        let originals = batch.originals.gather(rows)
        let slopes = gradient.gather(rows)
        let directions = rows.map { batch[$0].direction }
        var moved = Tensor(shape: [0])
        var scratch = Tensor(shape: [0])
        var answers: [[Ranking]] = Array(repeating: [], count: rows.count)
        for epsilon in epsilons {
            batch.engine.signStep(
                originals, along: slopes, by: directions.map { $0 * epsilon }, into: &moved)
            batch.engine.project(
                &moved, around: originals, in: batch.norm.ball,
                within: rows.map { _ in epsilon }, limits: batch.limits, scratch: &scratch)
            let logits = try oracle.logits(of: moved, for: batch.ownersAside(of: rows))
            for (place, ranking) in Ranking.ofRows(logits).enumerated() {
                answers[place].append(ranking)
            }
        }
        let length = batch.length
        return slopes.withFloats { slopes in
            rows.indices.map { place in
                let signs = slopes[place * length..<(place + 1) * length].map { slope -> Int8 in
                    slope == 0 ? 0 : (slope > 0) == (directions[place] > 0) ? 1 : -1
                }
                return SignLine(epsilons: epsilons, answers: answers[place], signs: signs)
            }
        }
    }
}
