// Runs that share the passes through the network: each is one sample on its way within one
// budget, at a step of its own. A run that is over makes room for the next, so the batch stays full.

import Tensors

/// A batch of runs within the balls around their samples, each with a state of the attack's own and a
/// row in each of several tensors.
struct RunWindow<State> {
    /// One sample within one budget.
    struct Run {
        let sample: AttackSample
        /// The place of the budget among the epsilons, and the budget itself.
        let budget: Int
        let epsilon: Float
        var state: State
        /// Steps since the start.
        var step = 0
        /// Steps that count as the method's own.
        var iterations = 0
        /// Whether it takes part in the next step.
        fileprivate(set) var isWalking = true
    }

    /// Where a run begins, as a vector of the unit ball, or nil for the image itself.
    typealias Start = @Sendable (AttackSample, _ in: AttackQueue, _ count: Int) -> [Float]?

    /// The runs, one a row.
    var runs: [Run] = []
    /// Where they are.
    var points = Tensor(shape: [0])
    /// What the attack keeps for each run; 0 when a run begins.
    var tensors: [Tensor]
    /// The samples' images.
    private(set) var originals = Tensor(shape: [0])
    private var scratch = Tensor(shape: [0])
    private let queue: AttackQueue
    private let state: State
    private let start: Start
    /// Samples that were taken from the queue, and how many of their runs have begun.
    private var batch: AttackQueue.Batch
    private var begun = 0

    /// A window with the first runs of a queue.
    ///
    /// - Parameters:
    ///   - queue: Where samples come from and go to.
    ///   - state: What each run begins with.
    ///   - tensors: How many tensors there are.
    ///   - start: Where a run begins.
    init(_ queue: AttackQueue, state: State, tensors: Int, from start: @escaping Start) {
        (self.queue, self.state, self.start) = (queue, state, start)
        self.tensors = Array(repeating: Tensor(shape: [0]), count: tensors)
        batch = queue.take(0)
        refill()
    }

    /// For whom each row is asked: nobody where a run is over.
    var owners: [RowOwner?] {
        runs.map { $0.isWalking ? RowOwner($0.sample, budget: $0.budget) : nil }
    }

    /// The radius of each run's ball.
    var epsilons: [Float] { runs.map(\.epsilon) }

    /// Moves every run by its step and projects it. For the share of values that an L1 step moves
    /// see `Engine.step`.
    mutating func step(along gradient: Tensor, by steps: [Float], share: Double = 0) {
        queue.engine.step(
            &points, along: gradient, around: originals, in: queue.model.norm.ball, by: steps,
            within: epsilons, share: share, scratch: &scratch)
    }

    /// Brings other points, a row a run, into the balls.
    mutating func project(_ others: inout Tensor) {
        queue.engine.project(
            &others, around: originals, in: queue.model.norm.ball, within: epsilons,
            scratch: &scratch)
    }

    /// Ends the run in a row at the point where it is.
    mutating func finish(_ row: Int) { finish(row, at: points, row: row) }

    /// Ends the run in a row with a row of other points.
    mutating func finish(_ row: Int, at others: Tensor, row index: Int) {
        let run = runs[row]
        queue.deliver(
            run.sample, epsilon: run.budget, image: others, row: index, iterations: run.iterations)
        runs[row].isWalking = false
    }

    /// Puts new runs in the places of those that are over; when there are none left, closes the
    /// gaps.
    mutating func refill() {
        if runs.isEmpty { open() }
        var gaps: [Int] = []
        for row in runs.indices where !runs[row].isWalking {
            guard let (run, image) = next() else {
                gaps.append(row)
                continue
            }
            runs[row] = run
            originals.replaceRows(from: row, with: image)
            place(row)
        }
        // From the back, so that the row moved into a gap is never itself a gap.
        for row in gaps.reversed() {
            runs.swapAt(row, runs.count - 1)
            runs.removeLast()
            points.closeRow(row)
            originals.closeRow(row)
            for index in tensors.indices { tensors[index].closeRow(row) }
        }
    }

    /// Fills the empty window.
    private mutating func open() {
        while runs.count < queue.window, let (run, image) = next() {
            if runs.isEmpty {
                originals = Tensor(shape: [queue.window] + image.shape.dropFirst())
            }
            originals.replaceRows(from: runs.count, with: image)
            runs.append(run)
        }
        guard !runs.isEmpty else { return }
        originals.truncateRows(to: runs.count)
        points = originals
        for index in tensors.indices { tensors[index] = Tensor(shape: originals.shape) }
        for row in runs.indices { place(row) }
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
                Run(sample: sample, budget: budget, epsilon: queue.epsilons[budget], state: state),
                batch.images.rows(index..<index + 1)
            )
        }
    }

    /// Puts a run at its start.
    private mutating func place(_ row: Int) {
        var image = originals.rows(row..<row + 1)
        let run = runs[row]
        for index in tensors.indices {
            tensors[index].replaceRows(from: row, with: Tensor(shape: image.shape))
        }
        if let vector = start(run.sample, queue, image.count) {
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
