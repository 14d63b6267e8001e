// Runs that share the passes through the network: each is one sample on its way within one
// budget, at a step of its own. A run that is over makes room for the next, so the batch stays full.

import Tensors

/// A batch of runs within the balls around their samples.
struct RunWindow {
    /// One sample within one budget.
    struct Run {
        let sample: AttackSample
        /// The place of the budget among the epsilons, and the budget itself.
        let budget: Int
        let epsilon: Float
        /// How many runs of this sample and budget went before.
        var restart = 0
        /// Steps since the start.
        var step = 0
        /// Of all runs of this sample and budget.
        var effort = Effort()
        fileprivate var state = State.walking
        /// The end of the failed run with the highest loss, where there were several.
        fileprivate var best: (loss: Float, image: Tensor)?

        /// Whether it takes part in the next step.
        var isWalking: Bool { state == .walking }
    }

    fileprivate enum State { case walking, restarting, done }

    /// Where a run begins, as a vector of the unit ball, or nil for the image itself.
    typealias Start = (Run, _ in: Ball, _ seed: UInt64, _ count: Int) -> [Float]?

    /// The runs, one a row.
    var runs: [Run] = []
    /// Where they are.
    private(set) var points = Tensor(shape: [0])
    private var originals = Tensor(shape: [0])
    private var scratch = Tensor(shape: [0])
    private let queue: AttackQueue
    private let ball: Ball
    /// Samples that were taken from the queue, and how many of their runs have begun.
    private var batch: AttackQueue.Batch
    private var begun = 0

    /// An empty window on a queue.
    init(_ queue: AttackQueue) {
        self.queue = queue
        ball = queue.model.norm == .l2 ? .l2 : .linf
        batch = queue.take(0)
    }

    /// Moves every run by its step and projects it.
    mutating func step(along gradient: Tensor, by steps: [Float]) {
        queue.engine.step(
            &points, along: gradient, around: originals, in: ball, by: steps,
            within: runs.map(\.epsilon), scratch: &scratch)
    }

    /// Ends the run in a row at the point where it is. A success is handed in; a failure gives
    /// way to a restart while there is one left, and then the failure with the highest loss is
    /// handed in, the earliest of equals.
    mutating func finish(_ row: Int, isFooled: Bool, loss: Float, restartsLeft: Int) {
        let run = runs[row]
        if let best = run.best, !isFooled, restartsLeft == 0, !(loss > best.loss) {
            deliver(run, image: best.image, row: 0)
            runs[row].state = .done
        } else if isFooled || restartsLeft == 0 {
            deliver(run, image: points, row: row)
            runs[row].state = .done
        } else {
            if run.best.map({ loss > $0.loss }) ?? true {
                runs[row].best = (loss, points.rows(row..<row + 1))
            }
            runs[row].restart += 1
            runs[row].step = 0
            runs[row].state = .restarting
        }
    }

    private func deliver(_ run: Run, image: Tensor, row: Int) {
        queue.deliver(run.sample, epsilon: run.budget, image: image, row: row, effort: run.effort)
    }

    /// Puts restarting runs at their starts and new ones in the places of those that are done;
    /// when there are none left, closes the gaps.
    mutating func refill(from start: Start) {
        if runs.isEmpty { open() }
        var gaps: [Int] = []
        for row in runs.indices where !runs[row].isWalking {
            if runs[row].state == .done {
                guard let (run, image) = next() else {
                    gaps.append(row)
                    continue
                }
                runs[row] = run
                originals.replaceRows(from: row, with: image)
            }
            runs[row].state = .walking
            place(row, from: start)
        }
        // From the back, so that the row moved into a gap is never itself a gap.
        for row in gaps.reversed() {
            let last = runs.count - 1
            runs.swapAt(row, last)
            runs.removeLast()
            points.moveRow(last, to: row)
            originals.moveRow(last, to: row)
            points.truncateRows(to: last)
            originals.truncateRows(to: last)
        }
    }

    /// Makes as many empty places as there are runs for.
    private mutating func open() {
        while runs.count < queue.window, let (run, image) = next() {
            if runs.isEmpty {
                originals = Tensor(shape: [queue.window] + image.shape.dropFirst())
            }
            originals.replaceRows(from: runs.count, with: image)
            runs.append(run)
            runs[runs.count - 1].state = .restarting
        }
        if !runs.isEmpty { originals.truncateRows(to: runs.count) }
        points = originals
    }

    /// The next run that has not begun, with its sample's image.
    private mutating func next() -> (Run, image: Tensor)? {
        let budgets = queue.epsilons.count
        if begun == batch.samples.count * budgets {
            let free = max(1, queue.window - runs.count)
            batch = queue.take((free + budgets - 1) / max(1, budgets))
            begun = 0
        }
        guard begun < batch.samples.count * budgets else { return nil }
        let (index, budget) = begun.quotientAndRemainder(dividingBy: budgets)
        begun += 1
        return (
            Run(
                sample: batch.samples[index], budget: budget, epsilon: queue.epsilons[budget]),
            batch.images.rows(index..<index + 1)
        )
    }

    /// Puts a run at its start.
    private mutating func place(_ row: Int, from start: Start) {
        var image = originals.rows(row..<row + 1)
        let run = runs[row]
        if let vector = start(run, ball, queue.model.seed, image.count) {
            let x = image
            image.withMutableFloats { pixels in
                for index in pixels.indices { pixels[index] += run.epsilon * vector[index] }
            }
            queue.engine.project(
                &image, around: x, in: ball, within: [run.epsilon], scratch: &scratch)
        }
        points.replaceRows(from: row, with: image)
    }
}
