// Accuracy against the budget for all attacks of a comparison in one picture: lines from budget to
// budget, stairs for attacks that look for the least change, and what is left when each image
// meets the attack that suits it best. All lines are of the same images, as far as an attack saw them.

/// One picture of a comparison.
struct EpsilonPicture {
    let comparison: Comparison
    let id: String
    /// The norm, and the network where the page has several: no two pictures of a page have one title.
    let place: String
    /// What an attack is called.
    let name: (AttackRun) -> String

    /// Places across at which stairs are looked up.
    private static let places = 150

    /// Where the picture ends: the first budget that leaves less than one image in a hundred, else
    /// the largest; without budgets, where 99 in a hundred of the least distances lie.
    var end: Double? {
        let budgets = comparison.budgets.map(\.epsilon)
        let few = Double(comparison.images) / 100
        let enough = budgets.first {
            comparison.isFair(at: $0) && Double(comparison.standing(at: $0)) < few
        }
        let found = comparison.chosen.images.map { Double(comparison.worst[$0]) }.filter(\.isFinite)
        return enough ?? budgets.last ?? Statistics.quantile(0.99, of: found)
    }

    /// The picture; nil if there is nothing to draw it from.
    var markup: Markup? {
        guard let end, end > 0, comparison.images > 0 else { return nil }
        let x = Plot.across(0, end, about: 8, in: .full)
        let plot = Plot(
            id: id, title: "Accuracy against ε in \(place), all attacks",
            description: description(upTo: end), x: x, y: Plot.up(0, 1, about: 5, in: .full),
            xLabel: "ε, \(Wording.size(in: comparison.norm))", yLabel: "still read correctly",
            yText: { value, _ in Numerals.fixed(value * 100, 0) + "\u{202F}%" }, size: .full)
        let grid = grid(upTo: x.high)
        let reach = comparison.reach(of: comparison.chosen)
        let fair = grid.filter { $0 <= reach }
        return plot.lines(
            [worst(fair)] + curves(grid, upTo: x.high),
            band: fair.map { epsilon in
                let (low, high) = Statistics.wilson(
                    comparison.standing(at: epsilon), of: comparison.images)
                return (epsilon, low, high)
            })
    }

    /// Where the share that stands is looked up: at the budgets, and closely where there are stairs.
    private func grid(upTo end: Double) -> [Double] {
        guard comparison.entries.contains(where: \.isMinimumNorm) else {
            return [0] + comparison.budgets.map(\.epsilon).filter { $0 <= end }
        }
        let even = (0...Self.places).map { Double($0) / Double(Self.places) * end }
        let budgets = comparison.budgets.map(\.epsilon).filter { $0 <= end }
        return Array(Set(even + budgets)).sorted()
    }

    private func worst(_ grid: [Double]) -> Series {
        Series(
            name: "all attacks together",
            points: thinned(
                grid.map { ($0, Double(comparison.standing(at: $0)) / Double(comparison.images)) }),
            className: "worst",
            hasMarks: !comparison.entries.contains(where: \.isMinimumNorm))
    }

    /// The attacks' own lines, the weakest first, by paired comparison.
    private func curves(_ grid: [Double], upTo end: Double) -> [Series] {
        let drawn = comparison.order.filter {
            comparison.entries[$0].seen(of: comparison.chosen.images) > 0
        }
        return drawn.enumerated().map { rank, number in
            let entry = comparison.entries[number]
            let seen = entry.seen(of: comparison.chosen.images)
            func share(_ epsilon: Double) -> Double? {
                comparison.standing(at: epsilon, under: entry).map { Double($0) / Double(seen) }
            }
            let clean = comparison.chosen.images.count {
                entry.places[$0] != nil && comparison.isRight[$0]
            }
            let asked =
                entry.isMinimumNorm ? grid : comparison.budgets.map(\.epsilon).filter { $0 <= end }
            let points: [(x: Double, y: Double)] =
                (asked.first == 0 ? [] : [(0, Double(clean) / Double(seen))])
                + asked.compactMap { epsilon in share(epsilon).map { (epsilon, $0) } }
            return Series(
                name: name(entry.attack)
                    + (seen < comparison.images ? " (\(Numerals.count(seen, "image")))" : ""),
                points: entry.isMinimumNorm ? thinned(points) : points,
                className: "c\(rank % 6 + 1) d\(rank / 6 % 4 + 1)",
                hasMarks: !entry.isMinimumNorm)
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
        let steps = comparison.budgets.map(\.epsilon).filter {
            $0 <= end && comparison.isFair(at: $0)
        }
        let shown = steps.isEmpty ? [end / 2, end].filter { comparison.isFair(at: $0) } : steps
        func share(_ count: Int) -> String {
            Numerals.percent(Statistics.share(count, of: comparison.images))
        }
        let figures = shown.map { epsilon in
            "\(share(comparison.standing(at: epsilon))) at ε " + Numerals.concise(epsilon)
        }
        return
            "One line for each of \(Numerals.count(comparison.entries.count, "attack")); of "
            + "\(Numerals.count(comparison.images, "image")) \(share(comparison.right)) are read correctly "
            + "without an attack."
            + (figures.isEmpty ? "" : " Against all of them together: \(Wording.list(figures)).")
    }
}
