// Samples in flight that share the passes through the network, each at a step of its own: for
// attacks without budgets. A sample that is done makes room for the next, so the batch stays full.

import Tensors

/// A batch of samples, each with a state of the attack's own and a row in each of several tensors.
struct SampleWindow<State> {
    /// One sample on its way.
    struct Flight {
        let sample: AttackSample
        var state: State
        /// Steps of the method.
        var iterations = 0
        fileprivate(set) var isDone = false
    }

    /// The samples, one a row.
    private(set) var flights: [Flight] = []
    /// Their images.
    private(set) var originals: Tensor
    /// What the attack works on: row r of each belongs to flight r.
    var tensors: [Tensor]

    private let queue: AttackQueue
    private let begin: (AttackSample, _ image: Tensor) -> (State, [Tensor])

    /// Takes the first samples.
    ///
    /// - Parameters:
    ///   - queue: Where samples come from and go to.
    ///   - tensors: How many tensors there are.
    ///   - begin: A sample's first state and its row of each tensor, all of the image's shape
    ///     [1, C, H, W].
    init(
        _ queue: AttackQueue, tensors: Int,
        begin: @escaping (AttackSample, _ image: Tensor) -> (State, [Tensor])
    ) {
        (self.queue, self.begin) = (queue, begin)
        let batch = queue.take(queue.window)
        originals = batch.images
        self.tensors = Array(repeating: batch.images, count: tensors)
        for (row, sample) in batch.samples.enumerated() {
            flights.append(start(sample, batch.images.rows(row..<row + 1), row: row))
        }
    }

    /// For whom each row is asked: nobody where a sample is done.
    var owners: [RowOwner?] { owners { _ in true } }

    /// Likewise, and nobody where `isAsked` says no.
    func owners(where isAsked: (State) -> Bool) -> [RowOwner?] {
        flights.map { !$0.isDone && isAsked($0.state) ? RowOwner($0.sample, budget: 0) : nil }
    }

    /// Whether all samples of the queue are done or with others.
    var isEmpty: Bool { flights.isEmpty }

    /// Reads or changes a flight's state and count.
    subscript(row: Int) -> Flight {
        get { flights[row] }
        _modify { yield &flights[row] }
    }

    /// Changes two of the tensors at once.
    mutating func change(
        _ first: Int, _ second: Int,
        _ body: (inout Tensor, inout Tensor, _ originals: Tensor) throws -> Void
    ) rethrows {
        var pair = (Tensor(shape: [0]), Tensor(shape: [0]))
        swap(&pair.0, &tensors[first])
        swap(&pair.1, &tensors[second])
        defer {
            swap(&pair.0, &tensors[first])
            swap(&pair.1, &tensors[second])
        }
        try body(&pair.0, &pair.1, originals)
    }

    /// Hands in a row of `images` for the sample in a row of the window, which is done with that.
    mutating func finish(_ row: Int, image images: Tensor, row index: Int) {
        queue.deliver(
            flights[row].sample, image: images, row: index, iterations: flights[row].iterations)
        flights[row].isDone = true
    }

    /// Gives the places of those that are done to new samples; when there are none left, closes
    /// the gaps.
    ///
    /// - Returns: The rows that have new samples, and then the rows that were taken out one after the
    ///   other, the last row moving into each: for whoever keeps rows elsewhere.
    @discardableResult
    mutating func refill() -> (new: ArraySlice<Int>, closed: [Int]) {
        let done = flights.indices.filter { flights[$0].isDone }
        guard !done.isEmpty else { return ([], []) }
        let new = queue.take(done.count)
        for (row, index) in zip(done, new.samples.indices) {
            let image = new.images.rows(index..<index + 1)
            originals.replaceRows(from: row, with: image)
            flights[row] = start(new.samples[index], image, row: row)
        }
        // From the back, so that the row moved into a gap is never itself a gap.
        let closed = Array(done.dropFirst(new.samples.count).reversed())
        for row in closed {
            flights.swapAt(row, flights.count - 1)
            flights.removeLast()
            originals.closeRow(row)
            for index in tensors.indices { tensors[index].closeRow(row) }
        }
        return (done.prefix(new.samples.count), closed)
    }

    private mutating func start(_ sample: AttackSample, _ image: Tensor, row: Int) -> Flight {
        let (state, rows) = begin(sample, image)
        for index in tensors.indices { tensors[index].replaceRows(from: row, with: rows[index]) }
        return Flight(sample: sample, state: state)
    }
}
