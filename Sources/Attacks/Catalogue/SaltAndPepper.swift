// Ever more pixels set to black or white, then fewer of them again.

import Randomness
import Tensors

/// Salt and pepper: random pixels made black or white, as few as the same draw needs; see
/// `SaltAndPepper.md`.
public struct SaltAndPepper: DecisionAttack {
    /// It looks for the least number of changed values.
    public static let facts = AttackFacts(
        "salt-and-pepper", norms: [.l0, .l1, .l2], budget: .least, drawsAtRandom: true)

    @Setting(
        100, in: 1...100_000, unit: "steps",
        "equal shares of all values in which the noise grows")
    var steps: Int
    let draws = NoiseDraws()

    /// One order of the pixels, in a hundred steps.
    public init() {}

    /// Where a run's search stands.
    public struct State: Sendable {
        /// The values that may change, by their ranks among these, in the order in which they are set.
        var order: [Int] = []
        /// By rank: whether a value is set to its largest or its least.
        var isSalt: [Bool] = []
        var round = 0
        /// The number of values that is being tried; the largest that failed and the least that
        /// worked in this round.
        var count = 0
        var failed = 0
        var worked: Int?
        var stream: Randomness.Stream
        var best: (count: Int, image: Tensor)?
    }

    /// The first share of the first order.
    public func start(_ run: inout Run) -> State {
        var state = State(stream: run.stream("salt-and-pepper"))
        shuffle(&state, run.freeCount)
        run.point = draw(state, on: run.image, run.limits)
        return state
    }

    /// One number of values.
    public func step(_ batch: inout Batch<State>, on oracle: inout some DecisionOracle) throws {
        let answers = try oracle.answers(at: batch)
        for row in batch.open {
            batch[row].iterations += 1
            let image = batch.originals.rows(row..<row + 1)
            let isFooled = batch[row].sample.isFooled(by: answers[row])
            let noisy = batch.points.rows(row..<row + 1)
            if advance(&batch[row].state, isFooled, noisy) {
                batch.points.replaceRows(
                    from: row, with: draw(batch[row].state, on: image, batch.limits))
            } else {
                batch.finish(row, at: batch[row].state.best?.image ?? image, row: 0)
            }
        }
    }

    private func shuffle(_ state: inout State, _ length: Int) {
        state.order = state.stream.permutation(of: length)
        state.isSalt = (0..<length).map { _ in state.stream.next() & 1 != 0 }
        (state.failed, state.worked) = (0, nil)
        state.count = step(after: 0, length)
    }

    /// The next share after `count` values.
    private func step(after count: Int, _ length: Int) -> Int {
        min(length, count + max(1, length / steps))
    }

    /// Takes the answer; whether there is another number to try.
    private func advance(_ state: inout State, _ isFooled: Bool, _ image: Tensor) -> Bool {
        let length = state.order.count
        if isFooled {
            state.worked = state.count
            if state.best.map({ state.count < $0.count }) ?? true {
                state.best = (state.count, image)
            }
        } else {
            state.failed = state.count
        }
        if let worked = state.worked, worked - state.failed > 1 {
            state.count = state.failed + (worked - state.failed) / 2
            return true
        }
        // No larger number than the best so far is worth a try.
        let limit = min(length, state.best?.count ?? length)
        if state.worked == nil && state.failed < limit {
            state.count = min(limit, step(after: state.failed, length))
            return true
        }
        state.round += 1
        guard state.round < draws.repeats else { return false }
        shuffle(&state, length)
        return true
    }

    private func draw(_ state: State, on image: Tensor, _ limits: PixelLimits) -> Tensor {
        var noisy = image
        noisy.withMutableFloats { pixels in
            for rank in state.order.prefix(state.count) {
                let index = limits.place(ofFree: rank)
                pixels[index] =
                    state.isSalt[rank]
                    ? limits.upper(index, around: pixels[index])
                    : limits.lower(index, around: pixels[index])
            }
        }
        return noisy
    }
}
