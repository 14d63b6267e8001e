// For whom the rows of a pass are asked.

extension Batch {
    /// Each run for itself; nobody where a run is over.
    public var owners: [RowOwner?] { rows.map { $0.isOpen ? owner($0) : nil } }

    /// Likewise, and nobody where `isAsked` says no.
    public func owners(where isAsked: (Row) -> Bool) -> [RowOwner?] {
        rows.map { $0.isOpen && isAsked($0) ? owner($0) : nil }
    }

    /// The runs in some rows, in that order.
    public func owners(of rows: [Int]) -> [RowOwner?] { rows.map { owner(self.rows[$0]) } }

    /// One run, for any number of rows.
    public func owners(of row: Int, times count: Int) -> [RowOwner?] {
        Array(repeating: owner(rows[row]), count: count)
    }

    /// One budget of runs that serve all of them.
    public func owners(ofBudget budget: Int) -> [RowOwner?] {
        rows.map { $0.isOpen ? RowOwner($0.sample, budget: budget) : nil }
    }

    /// The runs in some rows, counted beside what their budgets took (`passesAside`).
    public func ownersAside(of rows: [Int]) -> [RowOwner?] {
        rows.map { RowOwner(self.rows[$0].sample, isAside: true) }
    }

    /// The forward passes that a sample took beside those of its budgets.
    public func passesAside(_ row: Int) -> Int {
        queue.tally.aside(row: rows[row].sample.row)
    }

    func owner(of row: Int) -> RowOwner { owner(rows[row]) }

    private func owner(_ row: Row) -> RowOwner { RowOwner(row.sample, budget: row.budget) }
}
