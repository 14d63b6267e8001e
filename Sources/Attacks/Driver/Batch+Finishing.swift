// How runs end, and what is noted about them on the way.

import Networks
import Randomness
import Tensors

extension Batch {
    /// Ends the run in a row at the point where it is.
    public mutating func finish(_ row: Int) { finish(row, at: points, row: row) }

    /// Ends the run in a row with row `index` of other points.
    ///
    /// - Precondition: Nothing has been handed in for this run.
    public mutating func finish(_ row: Int, at others: Tensor, row index: Int) {
        propose(row, budget: rows[row].budget ?? 0, at: others, row: index)
        close(row)
    }

    /// Ends the runs whose answers, at their points, are what the attacker wants.
    public mutating func finish(whereFooledBy answers: [Int]) {
        for row in open where rows[row].sample.isFooled(by: answers[row]) { finish(row) }
    }

    /// Counts a step of every run, and ends those that have done so many at their points. The driver
    /// itself looks at these.
    public mutating func finish(after steps: Int) {
        for row in open {
            rows[row].iterations += 1
            if rows[row].iterations == steps { finish(row) }
        }
    }

    /// Ends all runs, which serve every budget, with a point for one of the budgets, row by row.
    public mutating func propose(budget: Int, at others: Tensor) {
        for row in open { propose(row, budget: budget, at: others, row: row) }
    }

    /// Ends the runs that have proposed something for every budget.
    public mutating func finishProposed() { for row in open { close(row) } }

    private func propose(_ row: Int, budget: Int, at others: Tensor, row index: Int) {
        queue.deliver(
            rows[row].sample, epsilon: budget, image: others, row: index,
            iterations: rows[row].iterations)
    }

    /// Notes a number about a run's sample, under a name of the attack's choosing.
    ///
    /// - Parameters:
    ///   - name: The name; it becomes a column of the record.
    ///   - value: The number.
    ///   - row: The run.
    ///   - budget: The budget within which it holds; nil for all.
    ///   - rule: Which counts where a sample is tried several times.
    public func note(
        _ name: String, _ value: Float, _ row: Int, budget: Int? = nil,
        keeping rule: NoteRule = .ofTheImage
    ) {
        queue.note(
            AttackNote(
                name: name, row: rows[row].sample.row, epsilon: budget, value: value, rule: rule))
    }

    /// Keeps the line of answers of a run's sample; a later one takes the place of an earlier.
    public func keep(_ line: SignLine, of row: Int) {
        queue.keep(line, ofRow: rows[row].sample.row)
    }

    /// Remembers that a run's sample shows something that the attack's `warnings` may speak of, within
    /// one budget or nil for what belongs to none.
    public func flag(_ name: String, _ row: Int, budget: Int? = nil) {
        queue.flag(name, rows[row].sample, epsilon: budget)
    }

    /// Records that something happened to a run.
    public func mark(_ row: Int, _ event: AttackEvent) {
        queue.mark(rows[row].sample, event, epsilon: rows[row].budget)
    }

    /// The random numbers of a run's sample for a purpose; see `Run.stream`.
    public func stream(_ purpose: String, _ row: Int) -> Randomness.Stream {
        queue.stream(purpose, for: rows[row].sample)
    }
}
