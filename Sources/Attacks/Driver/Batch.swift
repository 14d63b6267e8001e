// Runs that share the passes through the network: each is one sample on its way, at a step of its
// own. The driver puts new runs in the places of those that are over, so that the batch stays full.

import Tensors

/// A tensor that an attack keeps beside the points, a row a run.
public struct RowTensor: Sendable {
    /// What its rows hold when a run begins.
    public enum Beginning: Sendable {
        /// Zeros.
        case zeros
        /// The image.
        case image
    }

    let name: String
    let beginning: Beginning

    /// A tensor of that name.
    public init(_ name: String, _ beginning: Beginning) {
        (self.name, self.beginning) = (name, beginning)
    }
}

/// The runs in step, one a row of every tensor.
public struct Batch<State: Sendable> {
    /// One run.
    public struct Row: Sendable {
        /// The sample.
        public let sample: AttackSample
        /// The place of its budget; nil for a run that serves all, or that has none.
        public let budget: Int?
        /// The radius of its ball; infinite where there is no budget, or more than one.
        public let epsilon: Float
        /// What the attack remembers of it.
        public var state: State
        /// Steps that count as the method's own.
        public var iterations = 0
        /// The distance of the nearest point found that reaches the goal; infinite before there is one.
        public var least = Double.infinity
        /// Whether it takes part in the next step.
        public fileprivate(set) var isOpen = true

        /// +1 to go up the loss of `sample.lossClass`, −1 to go down.
        public var direction: Float { sample.direction }
    }

    /// The runs.
    public internal(set) var rows: [Row] = []
    /// Where they are, [rows, C, H, W].
    public var points = Tensor(shape: [0])
    /// Their images, [rows, C, H, W].
    public private(set) var originals = Tensor(shape: [0])

    let queue: AttackQueue
    private let facts: AttackFacts
    private var kept: [(key: RowTensor, tensor: Tensor)] = []
    var scratch = Tensor(shape: [0])
    /// Samples that were taken from the queue, and how many of their runs have begun.
    private var taken: ArraySlice<AttackSample> = []
    private var begun = 0

    init<A: Attack>(of attack: A, from queue: AttackQueue) where A.State == State {
        (self.queue, facts) = (queue, A.facts)
        refill(for: attack)
    }

    // MARK: What an attack reads

    /// A run.
    public subscript(row: Int) -> Row {
        get { rows[row] }
        _modify { yield &rows[row] }
    }

    /// Whether all runs of the queue are over or with others.
    public var isEmpty: Bool { rows.isEmpty }
    /// The rows of the runs that are not over.
    public var open: [Int] { rows.indices.filter { rows[$0].isOpen } }
    /// The samples, one a row.
    public var samples: [AttackSample] { rows.map(\.sample) }
    /// The number of values of an image.
    public var length: Int { originals.rowLength }
    /// Which of them may change, and between which values.
    public var limits: PixelLimits { queue.model.limits }
    /// How many of them may change.
    public var freeCount: Int { limits.freeCount(of: length) }
    /// What the attacker may do and wants.
    public var model: ThreatModel { queue.model }
    /// The norm in which sizes are measured.
    public var norm: Norm { queue.model.norm }
    /// The budgets; none for an attack that looks for the least perturbation.
    public var epsilons: [Float] { queue.epsilons }
    /// Which try this is, from 0.
    public var restart: Int { queue.restart }
    /// How many rows the network handles best at a time.
    public var window: Int { queue.window }
    /// What computes.
    public var engine: Engine { queue.engine }

    /// A tensor of the attack's own. It comes into being where it is first named.
    public subscript(key: RowTensor) -> Tensor {
        mutating get { kept[place(of: key)].tensor }
        _modify {
            let place = place(of: key)
            yield &kept[place].tensor
        }
    }

    // MARK: Runs come and go

    /// Takes the run in a row out of the next steps.
    mutating func close(_ row: Int) { rows[row].isOpen = false }

    /// Puts new runs in the places of those that are over; when there are none left, closes the
    /// gaps.
    mutating func refill<A: Attack>(for attack: A) where A.State == State {
        if facts.company == .inStep && rows.contains(where: \.isOpen) { return }
        if rows.isEmpty { fill(for: attack) }
        var gaps: [Int] = []
        for row in rows.indices where !rows[row].isOpen {
            guard let next = next(for: attack) else {
                gaps.append(row)
                continue
            }
            rows[row] = next.row
            originals.replaceRows(from: row, with: next.run.image)
            points.replaceRows(from: row, with: next.run.point)
            for index in kept.indices { begin(row, of: index) }
        }
        // From the back, so that the row moved into a gap is never itself a gap.
        for row in gaps.reversed() {
            rows.swapAt(row, rows.count - 1)
            rows.removeLast()
            points.swapRemove(row: row)
            originals.swapRemove(row: row)
            for index in kept.indices { kept[index].tensor.swapRemove(row: row) }
        }
        // The next budget, where all samples make a batch.
        if rows.isEmpty { fill(for: attack) }
    }

    /// Fills the empty batch.
    private mutating func fill<A: Attack>(for attack: A) where A.State == State {
        kept = []
        while rows.count < size, let next = next(for: attack) {
            if rows.isEmpty {
                originals = Tensor(shape: [size] + next.run.image.shape.dropFirst())
                points = originals
            }
            originals.replaceRows(from: rows.count, with: next.run.image)
            points.replaceRows(from: rows.count, with: next.run.point)
            rows.append(next.row)
        }
        guard !rows.isEmpty else { return }
        originals.truncateRows(to: rows.count)
        points.truncateRows(to: rows.count)
    }

    /// How many runs there may be at a time.
    private var size: Int {
        switch facts.company {
        case .any, .inStep: queue.window
        case .alone: 1
        case .all: max(1, queue.samples.count)
        }
    }

    /// The next run that is wanted.
    private mutating func next<A: Attack>(for attack: A) -> (row: Row, run: Run)?
    where A.State == State {
        let budgets = facts.budget == .each ? queue.epsilons.count : 1
        while true {
            if begun == taken.count * budgets {
                let free = max(1, size - rows.count)
                let share = facts.company == .all ? free : (free + budgets - 1) / max(1, budgets)
                taken = queue.take(share)
                begun = 0
            }
            guard begun < taken.count * budgets else { return nil }
            // Where all samples make a batch the next budget comes when all of them have had this.
            let (place, budget) =
                facts.company == .all
                ? (begun % taken.count, begun / taken.count)
                : (begun / budgets, begun % budgets)
            if facts.company == .all && place == 0 && !rows.isEmpty { return nil }
            begun += 1
            let sample = taken[taken.startIndex + place]
            let own = facts.budget == .each ? budget : nil
            if let own, !queue.isOpen(sample, epsilon: own) { continue }
            let image = queue.images.rows(sample.row..<sample.row + 1)
            var run = Run(
                sample: sample, epsilon: own.map { queue.epsilons[$0] } ?? .infinity, image: image,
                point: image, queue: queue)
            let state = attack.start(&run)
            return (Row(sample: sample, budget: own, epsilon: run.epsilon, state: state), run)
        }
    }

    // MARK: Tensors of the attack's own

    private mutating func place(of key: RowTensor) -> Int {
        if let place = kept.firstIndex(where: { $0.key.name == key.name }) { return place }
        switch key.beginning {
        case .zeros: kept.append((key, Tensor(shape: originals.shape)))
        case .image: kept.append((key, originals))
        }
        return kept.count - 1
    }

    private mutating func begin(_ row: Int, of index: Int) {
        switch kept[index].key.beginning {
        case .zeros: kept[index].tensor.clearRow(row)
        case .image: kept[index].tensor.copyRow(row, of: originals, to: row)
        }
    }
}
