// Samples waiting for an attack, and the proposals that come back. Several threads work on one
// queue; since no result depends on batch mates, it does not matter who takes what.

import Networks
import Randomness
import Synchronization
import Tensors

/// A sample on its way through an attack.
public struct AttackSample: Equatable, Sendable {
    /// The row in the set that is attacked.
    public let row: Int
    /// The index in the data set: random draws are keyed by it.
    public let key: Int
    /// The true class.
    public let label: Int
    /// The class to reach, or nil if any wrong class will do.
    public let target: Int?

    /// Whether that answer is what the attacker wants.
    func isFooled(by predicted: Int) -> Bool {
        target.map { predicted == $0 } ?? (predicted != label)
    }

    /// The class whose loss the attack follows: the target's downhill, the label's uphill.
    public var lossClass: Int { target ?? label }

    /// +1 to go up the loss, −1 to go down.
    public var direction: Float { target == nil ? 1 : -1 }
}

/// The samples of one try, and what has been handed in for them.
final class AttackQueue: Sendable {
    /// What the attacker may do and wants.
    let model: ThreatModel
    /// Which try this is, from 0: part of the key of every random draw.
    let restart: Int
    /// How many rows the network handles best at a time.
    let window: Int
    /// The number of the network's classes.
    let classes: Int
    /// What computes.
    let engine: Engine

    let images: Tensor
    let samples: [AttackSample]
    private let isOpen: [Bool]
    private let progress: @Sendable (_ of: Int) -> Void
    private let next = Atomic<Int>(0)
    /// By budget and row; nil where nothing has been handed in.
    private let proposals: Mutex<[Proposal?]>
    private let notes: Mutex<[AttackNote]> = Mutex([])
    private let flags: Mutex<Flags> = Mutex(Flags())
    private let lines: Mutex<[Int: SignLine]> = Mutex([:])
    /// What the passes cost.
    let tally: Tally

    /// `images` are those that the samples' rows count in; `isOpen`, [max(1, epsilons)·rows], says
    /// where a proposal is wanted: everywhere if nil.
    init(
        images: Tensor, samples: [AttackSample], model: ThreatModel, restart: Int = 0,
        isOpen: [Bool]? = nil, window: Int, classes: Int, engine: Engine,
        progress: @escaping @Sendable (_ of: Int) -> Void = { _ in }
    ) {
        (self.images, self.samples, self.model) = (images, samples, model)
        (self.window, self.classes, self.engine) = (window, classes, engine)
        self.progress = progress
        let budgets = max(1, model.epsilons.count)
        self.restart = restart
        tally = Tally(rows: images.rowCount, budgets: budgets)
        self.isOpen = isOpen ?? Array(repeating: true, count: budgets * images.rowCount)
        proposals = Mutex(Array(repeating: nil, count: budgets * images.rowCount))
    }

    /// What was handed in for a sample within one budget.
    private struct Proposal {
        /// [1, C, H, W].
        let image: Tensor
        let iterations: Int
    }

    private var budgets: Int { max(1, model.epsilons.count) }

    /// A queue for an attack within this one, in the same try.
    func sub(
        images: Tensor, samples: [AttackSample], model: ThreatModel, isOpen: [Bool]
    ) -> AttackQueue {
        AttackQueue(
            images: images, samples: samples, model: model, restart: restart, isOpen: isOpen,
            window: window, classes: classes, engine: engine)
    }

    /// Runs an attack until the queue is empty.
    ///
    /// - Throws: What the attack throws; `AttackFault.undelivered`, alone in this queue.
    func run<A: Attack>(
        _ attack: A, on oracle: inout NetworkOracle<some ClassifierPass>
    ) throws {
        var batch = Batch(of: attack, from: self)
        while !batch.isEmpty {
            try attack.stepOnAny(&batch, on: &oracle)
            batch.refill(for: attack)
        }
    }

    /// The first sample and epsilon for which nothing was handed in.
    ///
    /// - Throws: `AttackFault.undelivered`.
    func requireAll(of attack: String, named row: (Int) -> Int = { $0 }) throws {
        let all = proposals.withLock { $0 }
        for epsilon in 0..<budgets {
            if let sample = samples.first(where: {
                isOpen($0, epsilon: epsilon) && all[place($0.row, epsilon)] == nil
            }) {
                throw AttackFault.undelivered(
                    attack: attack, sample: row(sample.row), epsilon: epsilon)
            }
        }
    }

    /// The budgets; empty for a minimum-norm attack.
    var epsilons: [Float] { model.epsilons }

    /// The next samples, at most `count`; none when the queue is empty.
    func take(_ count: Int) -> ArraySlice<AttackSample> {
        let start = min(next.add(count, ordering: .relaxed).oldValue, samples.count)
        return samples[start..<min(start + count, samples.count)]
    }

    /// Whether a proposal is wanted: not where an earlier restart has reached the goal. The others
    /// may be left out.
    func isOpen(_ sample: AttackSample, epsilon: Int = 0) -> Bool {
        isOpen[epsilon * images.rowCount + sample.row]
    }

    /// The random stream of a sample for a purpose, such as "pgd/start": it belongs to the run's
    /// seed, the restart and the image, not to the image's place in a batch.
    func stream(_ purpose: String, for sample: AttackSample) -> Stream {
        Stream(
            seed: model.seed, name: "attack/\(purpose)/\(restart)",
            step: UInt32(truncatingIfNeeded: sample.key))
    }

    /// Hands in a proposal: row `index` of `images`, for one sample and one epsilon. One that is
    /// not wanted is dropped; in the place of one that is not finite stands the image itself.
    ///
    /// - Parameters:
    ///   - sample: The sample.
    ///   - epsilon: The place of the budget in `epsilons`; 0 for a minimum-norm attack.
    ///   - images: Rows of pixels.
    ///   - index: The row that belongs to the sample.
    ///   - iterations: Steps of the method that it took; passes are counted where they are asked for.
    /// - Precondition: Nothing has been handed in for this sample and epsilon.
    func deliver(
        _ sample: AttackSample, epsilon: Int = 0, image images: Tensor, row index: Int,
        iterations: Int
    ) {
        guard isOpen(sample, epsilon: epsilon) else { return }
        var image = images.rows(index..<index + 1)
        if !image.isFinite(row: 0) {
            mark(sample, .notANumber, epsilon: epsilon)
            image = self.images.rows(sample.row..<sample.row + 1)
        }
        let proposal = Proposal(image: image, iterations: iterations)
        let place = place(sample.row, epsilon)
        proposals.withLock {
            precondition($0[place] == nil, "deliver: sample \(sample.row) at \(epsilon) twice")
            $0[place] = proposal
        }
        progress(samples.count * budgets)
    }

    private func place(_ row: Int, _ epsilon: Int) -> Int { epsilon * images.rowCount + row }

    /// Keeps a number about a sample.
    func note(_ note: AttackNote) { notes.withLock { $0.append(note) } }

    /// Keeps the line of answers of the sample in a row.
    func keep(_ line: SignLine, ofRow row: Int) { lines.withLock { $0[row] = line } }

    /// Records that something happened to a sample, within one budget or within all.
    func mark(_ sample: AttackSample, _ event: AttackEvent, epsilon: Int? = nil) {
        tally.mark([RowOwner(sample, budget: epsilon)], event)
    }

    /// Remembers that a sample shows something that the attack's `warnings` may speak of.
    ///
    /// - Parameters:
    ///   - name: What it shows.
    ///   - sample: The sample.
    ///   - epsilon: The place of the budget within which it does; nil for what belongs to no budget.
    func flag(_ name: String, _ sample: AttackSample, epsilon: Int? = nil) {
        flags.withLock { $0.add(name, row: sample.row, epsilon: epsilon) }
    }

    // What the driver reads once all is delivered.

    func proposals(_ places: [(row: Int, epsilon: Int)]) -> Tensor {
        var result = Tensor(shape: [places.count] + images.shape.dropFirst())
        let all = proposals.withLock { $0 }
        for (index, (row, epsilon)) in places.enumerated() {
            guard let proposal = all[place(row, epsilon)] else { continue }
            result.replaceRows(from: index, with: proposal.image)
        }
        return result
    }

    func effort(epsilon: Int, row: Int) -> Effort {
        var effort = tally.effort(budget: epsilon, row: row)
        effort.iterations += proposals.withLock { $0[place(row, epsilon)] }?.iterations ?? 0
        return effort
    }

    func event(epsilon: Int, row: Int) -> AttackEvent { tally.event(budget: epsilon, row: row) }

    func allNotes() -> [AttackNote] { notes.withLock { $0 } }

    func allLines() -> [Int: SignLine] { lines.withLock { $0 } }

    /// Takes over what another attack's samples show.
    func take(_ others: Flags) { flags.withLock { $0.formUnion(others) } }

    func allFlags() -> Flags { flags.withLock { $0 } }
}

/// A number about a sample, or about a sample at one epsilon, under a name of the attack's choosing.
struct AttackNote: Sendable {
    let name: String
    let row: Int
    let epsilon: Int?
    let value: Float
    let rule: NoteRule
}

/// Which note counts where a sample is tried several times.
public enum NoteRule: Sendable {
    /// That of the try whose image is kept.
    case ofTheImage
    /// The smallest of all tries.
    case least
    /// The sum over all tries.
    case total
}

/// The samples that show something, by what they show and the epsilon.
public struct Flags: Equatable, Sendable {
    private var rows: [String: [Int?: Set<Int>]] = [:]

    mutating func add(_ name: String, row: Int, epsilon: Int?) {
        rows[name, default: [:]][epsilon, default: []].insert(row)
    }

    mutating func formUnion(_ other: Flags) {
        for (name, byEpsilon) in other.rows {
            for (epsilon, more) in byEpsilon {
                rows[name, default: [:]][epsilon, default: []].formUnion(more)
            }
        }
    }

    /// Those of another set of samples, whose row r is row `places`[r] here; without those that
    /// belong to a budget there, of which nothing is known here.
    func moved(to places: [Int]) -> Flags {
        var moved = Flags()
        for (name, byEpsilon) in rows {
            for row in byEpsilon[nil as Int?] ?? [] {
                moved.add(name, row: places[row], epsilon: nil)
            }
        }
        return moved
    }

    /// How many samples show it, at the epsilon at which most do.
    func count(_ name: String) -> Int { rows[name]?.values.map(\.count).max() ?? 0 }
}
