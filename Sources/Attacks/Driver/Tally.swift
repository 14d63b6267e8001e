// What the passes of one queue have cost, by sample and budget, and what went wrong on the way.

import Synchronization

/// What an attack spent on a sample.
public struct Effort: Equatable, Sendable {
    /// Steps of the method.
    public var iterations = 0
    /// Forward passes, the driver's own not counted.
    public var forwardPasses = 0
    /// Backward passes.
    public var backwardPasses = 0
    /// Of those, the ones whose gradient was exactly 0 everywhere: the attack saw nothing there.
    public var zeroGradients = 0

    /// Effort spent.
    public init(
        iterations: Int = 0, forwardPasses: Int = 0, backwardPasses: Int = 0,
        zeroGradients: Int = 0
    ) {
        self.iterations = iterations
        self.forwardPasses = forwardPasses
        self.backwardPasses = backwardPasses
        self.zeroGradients = zeroGradients
    }

    /// Both together.
    public static func + (left: Effort, right: Effort) -> Effort {
        Effort(
            iterations: left.iterations + right.iterations,
            forwardPasses: left.forwardPasses + right.forwardPasses,
            backwardPasses: left.backwardPasses + right.backwardPasses,
            zeroGradients: left.zeroGradients + right.zeroGradients)
    }
}

/// What happened to a sample on its way; of several the last of this list is on record.
public enum AttackEvent: Int, CaseIterable, Comparable, Sendable {
    /// Nothing.
    case none
    /// A gradient was exactly 0: in that step the sample stood still.
    case gradientVanished
    /// A gradient was exactly 0, and a random direction took its place, as the method has it.
    case randomDirection
    /// A value that is not a number arose, in the attack or in the network; what was proposed from it
    /// was dropped.
    case notANumber

    /// The word in a record; empty for nothing.
    public var word: String {
        switch self {
        case .none: ""
        case .gradientVanished: "gradient-vanished"
        case .randomDirection: "random-direction"
        case .notANumber: "not-a-number"
        }
    }

    /// In the order of the list.
    public static func < (left: AttackEvent, right: AttackEvent) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// The books of a queue.
final class Tally: Sendable {
    /// What is counted.
    enum Item { case forward, backward, zero }

    private struct Books {
        /// By budget and row; the passes alone, not the iterations.
        var efforts: [Effort]
        var events: [AttackEvent]
        /// Forward passes beside those, by row.
        var aside: [Int]
    }

    private let rows: Int
    private let books: Mutex<Books>

    init(rows: Int, budgets: Int) {
        self.rows = rows
        books = Mutex(
            Books(
                efforts: Array(repeating: Effort(), count: budgets * rows),
                events: Array(repeating: .none, count: budgets * rows),
                aside: Array(repeating: 0, count: rows)))
    }

    func count(_ owners: [RowOwner?], _ item: Item) {
        books.withLock { books in
            for case let owner? in owners {
                if owner.isAside {
                    if item == .forward { books.aside[owner.row] += 1 }
                    continue
                }
                for place in places(of: owner, among: books.efforts.count) {
                    switch item {
                    case .forward: books.efforts[place].forwardPasses += 1
                    case .backward: books.efforts[place].backwardPasses += 1
                    case .zero: books.efforts[place].zeroGradients += 1
                    }
                }
            }
        }
    }

    func mark(_ owners: [RowOwner?], _ event: AttackEvent) {
        guard !owners.isEmpty else { return }
        books.withLock { books in
            for case let owner? in owners {
                for place in places(of: owner, among: books.events.count) {
                    books.events[place] = max(books.events[place], event)
                }
            }
        }
    }

    /// Takes over what another attack spent for an owner.
    func add(_ effort: Effort, _ event: AttackEvent, for owner: RowOwner) {
        books.withLock { books in
            for place in places(of: owner, among: books.efforts.count) {
                books.efforts[place] = books.efforts[place] + effort
                books.events[place] = max(books.events[place], event)
            }
        }
    }

    func effort(budget: Int, row: Int) -> Effort {
        books.withLock { $0.efforts[budget * rows + row] }
    }

    func event(budget: Int, row: Int) -> AttackEvent {
        books.withLock { $0.events[budget * rows + row] }
    }

    func aside(row: Int) -> Int { books.withLock { $0.aside[row] } }

    private func places(of owner: RowOwner, among count: Int) -> StrideTo<Int> {
        owner.budget.map {
            stride(from: $0 * rows + owner.row, to: $0 * rows + owner.row + 1, by: 1)
        }
            ?? stride(from: owner.row, to: count, by: rows)
    }
}
