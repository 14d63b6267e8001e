// Accuracy against the budget for all attacks of a contest in one picture: lines from budget to
// budget, stairs for attacks that look for the least change, and what is left when each image
// meets the attack that suits it best.

/// One picture of a contest.
struct EpsilonPicture {
    let contest: Contest
    let id: String
    /// What an attack is called.
    let name: (AttackResult) -> String

    /// Places across at which stairs are looked up.
    private static let places = 150

    /// Where the picture ends: the first budget that leaves less than one image in a hundred, else
    /// the largest; without budgets, where 99 in a hundred of the least distances lie.
    var end: Double? {
        let budgets = contest.budgets.map(\.epsilon)
        let few = Double(contest.images) / 100
        if let enough = budgets.first(where: { Double(contest.standing(at: $0)) < few }) {
            return enough
        }
        let found = contest.worst.filter(\.isFinite).map(Double.init)
        return budgets.last ?? Statistics.quantile(0.99, of: found)
    }

    /// The picture; nil if there is nothing to draw it from.
    var markup: Markup? {
        guard let end, end > 0, contest.images > 0 else { return nil }
        let x = Plot.across(0, end, about: 8, in: .full)
        let plot = Plot(
            id: id, title: "Accuracy against ε in \(Wording.norm(contest.norm)), all attacks",
            description: description(upTo: end), x: x, y: Plot.up(0, 1, about: 5, in: .full),
            xLabel: "ε, in \(Wording.norm(contest.norm))", yLabel: "still read correctly",
            yText: { value, _ in Numerals.fixed(value * 100, 0) + "\u{202F}%" }, size: .full)
        let grid = grid(upTo: x.high)
        return plot.lines(
            [worst(grid)] + curves(grid, upTo: x.high),
            band: grid.map { epsilon in
                let (low, high) = Statistics.wilson(
                    contest.standing(at: epsilon), of: contest.images)
                return (epsilon, low, high)
            })
    }

    /// Where the share that stands is looked up: at the budgets, and closely where there are stairs.
    private func grid(upTo end: Double) -> [Double] {
        guard contest.entries.contains(where: \.seeksLeast) else {
            return [0] + contest.budgets.map(\.epsilon).filter { $0 <= end }
        }
        let even = (0...Self.places).map { Double($0) / Double(Self.places) * end }
        let budgets = contest.budgets.map(\.epsilon).filter { $0 <= end }
        return Array(Set(even + budgets)).sorted()
    }

    private func share(_ count: Int) -> Double { Double(count) / Double(contest.images) }

    private func worst(_ grid: [Double]) -> Series {
        Series(
            name: "all attacks together",
            points: thinned(grid.map { ($0, share(contest.standing(at: $0))) }),
            className: "worst", hasMarks: false)
    }

    /// The attacks' own lines, the weakest first, as they lie in the picture from the top.
    private func curves(_ grid: [Double], upTo end: Double) -> [Series] {
        let lines = contest.entries.map { entry in
            let points: [(x: Double, y: Double)] =
                entry.seeksLeast
                ? grid.map { epsilon in
                    (epsilon, share(contest.right - (entry.fooled(at: epsilon) ?? 0)))
                }
                : [(0, share(contest.right))]
                    + contest.budgets.map(\.epsilon).filter { $0 <= end }.compactMap { epsilon in
                        contest.standing(at: epsilon, under: entry).map { (epsilon, share($0)) }
                    }
            return (entry: entry, points: points)
        }
        // What lies beyond an attack's last budget is taken to stay as it was there.
        let areas = lines.map { line in
            let known = zip(line.points, line.points.dropFirst()).reduce(0) {
                $0 + ($1.1.x - $1.0.x) * ($1.0.y + $1.1.y) / 2
            }
            return known + (line.points.last.map { (end - $0.x) * $0.y } ?? 0)
        }
        let order = lines.indices.sorted {
            areas[$0] == areas[$1] ? $0 < $1 : areas[$0] > areas[$1]
        }
        return order.map { number in
            let (entry, points) = lines[number]
            return Series(
                name: name(entry.attack), points: entry.seeksLeast ? thinned(points) : points,
                className: "c\(number % 6 + 1) d\(number / 6 % 4 + 1)",
                hasMarks: !entry.seeksLeast)
        }
    }

    /// Without the points between two others of the same height.
    private func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        points.indices.filter { index in
            guard index > 0, index + 1 < points.count else { return true }
            return points[index - 1].y != points[index].y || points[index + 1].y != points[index].y
        }.map { points[$0] }
    }

    private func description(upTo end: Double) -> String {
        let steps = contest.budgets.map(\.epsilon).filter { $0 <= end }
        let shown = steps.isEmpty ? [end / 2, end] : steps
        let figures = shown.map { epsilon in
            "\(Numerals.percent(share(contest.standing(at: epsilon)))) at ε "
                + Numerals.concise(epsilon)
        }
        return
            "One line for each of \(Numerals.count(contest.entries.count, "attack")); without an "
            + "attack \(Numerals.percent(share(contest.right))) are read correctly. Against all of "
            + "them together: \(Wording.list(figures))."
    }
}
