// The least ε along a line of signs.

import Tensors

/// A search for the least ε with which x + ε·sign(g) reaches the goal.
///
/// First in equal steps to 1, stopping at the first that does, since the answer along a line need not
/// stay wrong once it is; then by halvings of that step. The ε found is a tested one. Passes are counted
/// aside.
struct SignLineSearch {
    /// Equal steps from 0 to 1.
    let steps: Int
    /// Halvings of the step in which the answer first changes.
    let bisections: Int

    /// By row of the batch; infinite where no ε up to 1 does.
    func leastEpsilons<State>(
        of batch: Batch<State>, along gradient: Tensor, on oracle: inout some DecisionOracle
    ) throws -> [Float] {
        var least = [Float](repeating: .infinity, count: batch.rows.count)
        let width = 1 / Float(steps)

        func fooled(_ rows: [Int], at epsilon: (Int) -> Float) throws -> [Bool] {
            var moved = Tensor(shape: [0])
            batch.engine.signStep(
                batch.originals.gather(rows), along: gradient.gather(rows),
                by: rows.map { batch[$0].direction * epsilon($0) }, into: &moved)
            // The step itself knows the box.
            if !batch.limits.isBox { batch.confine(&moved, of: rows) }
            let answers = try oracle.answers(to: moved, for: batch.ownersAside(of: rows))
            return zip(rows, answers).map { batch[$0].sample.isFooled(by: $1) }
        }

        var open = batch.open
        for step in 1...steps where !open.isEmpty {
            let epsilon = step == steps ? 1 : Float(step) * width
            let hits = try fooled(open, at: { _ in epsilon })
            for (row, isHit) in zip(open, hits) where isHit { least[row] = epsilon }
            open = zip(open, hits).filter { !$1 }.map(\.0)
        }

        let found = batch.open.filter { least[$0].isFinite }
        var half = width
        for _ in 0..<bisections where !found.isEmpty {
            half *= 0.5
            let hits = try fooled(found, at: { max(0, least[$0] - half) })
            for (row, isHit) in zip(found, hits) where isHit {
                least[row] = max(0, least[row] - half)
            }
        }
        return least
    }
}
