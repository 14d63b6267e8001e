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
        /// Steps since the start.
        var step = 0
        var effort = Effort()
        /// Whether it takes part in the next step.
        fileprivate(set) var isWalking = true
    }

    /// Where a run begins, as a vector of the unit ball, or nil for the image itself.
    typealias Start = (Run, _ in: AttackQueue, _ count: Int) -> [Float]?

    /// The runs, one a row.
    var runs: [Run] = []
    /// Where they are.
    private(set) var points = Tensor(shape: [0])
    private var originals = Tensor(shape: [0])
    private var scratch = Tensor(shape: [0])
    private let queue: AttackQueue
    /// Samples that were taken from the queue, and how many of their runs have begun.
    private var batch: AttackQueue.Batch
    private var begun = 0

    /// An empty window on a queue.
    init(_ queue: AttackQueue) {
        self.queue = queue
        batch = queue.take(0)
    }

    /// Moves every run by its step and projects it.
    mutating func step(along gradient: Tensor, by steps: [Float]) {
        queue.engine.step(
            &points, along: gradient, around: originals, in: queue.model.norm.ball, by: steps,
            within: runs.map(\.epsilon), scratch: &scratch)
    }

    /// Ends the run in a row at the point where it is.
    mutating func finish(_ row: Int) {
        let run = runs[row]
        queue.deliver(run.sample, epsilon: run.budget, image: points, row: row, effort: run.effort)
        runs[row].isWalking = false
    }

    /// Puts new runs in the places of those that are over; when there are none left, closes the
    /// gaps.
    mutating func refill(from start: Start) {
        if runs.isEmpty { open(from: start) }
        var gaps: [Int] = []
        for row in runs.indices where !runs[row].isWalking {
            guard let (run, image) = next() else {
                gaps.append(row)
                continue
            }
            runs[row] = run
            originals.replaceRows(from: row, with: image)
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

    /// Fills the empty window.
    private mutating func open(from start: Start) {
        while runs.count < queue.window, let (run, image) = next() {
            if runs.isEmpty {
                originals = Tensor(shape: [queue.window] + image.shape.dropFirst())
            }
            originals.replaceRows(from: runs.count, with: image)
            runs.append(run)
        }
        if !runs.isEmpty { originals.truncateRows(to: runs.count) }
        points = originals
        for row in runs.indices { place(row, from: start) }
    }

    /// The next run that is wanted, with its sample's image.
    private mutating func next() -> (Run, image: Tensor)? {
        let budgets = queue.epsilons.count
        while true {
            if begun == batch.samples.count * budgets {
                let free = max(1, queue.window - runs.count)
                batch = queue.take((free + budgets - 1) / max(1, budgets))
                begun = 0
            }
            guard begun < batch.samples.count * budgets else { return nil }
            let (index, budget) = begun.quotientAndRemainder(dividingBy: budgets)
            begun += 1
            let sample = batch.samples[index]
            guard queue.isOpen(sample, epsilon: budget) else { continue }
            return (
                Run(sample: sample, budget: budget, epsilon: queue.epsilons[budget]),
                batch.images.rows(index..<index + 1)
            )
        }
    }

    /// Puts a run at its start.
    private mutating func place(_ row: Int, from start: Start) {
        var image = originals.rows(row..<row + 1)
        let run = runs[row]
        if let vector = start(run, queue, image.count) {
            let x = image
            image.withMutableFloats { pixels in
                for index in pixels.indices { pixels[index] += run.epsilon * vector[index] }
            }
            queue.engine.project(
                &image, around: x, in: queue.model.norm.ball, within: [run.epsilon],
                scratch: &scratch)
        }
        points.replaceRows(from: row, with: image)
    }
}
