// Accuracy against ε on both sides, and the difference between them.

extension PairedPage {
    /// All attacks together, norm by norm.
    var joint: Markup? {
        guard !study.groups.isEmpty else { return nil }
        return group {
            paragraph {
                "An image stands at ε if its network read it correctly and no attack turned it with a change "
                "of at most ε: the worst case over all attacks of that side. The difference is B’s share less "
                "A’s, so that it lies below zero where B is worse."
            }
            for (number, group) in study.groups.enumerated() { account(of: group, number) }
        }
    }

    private func account(of group: PairedGroup, _ number: Int) -> Markup {
        Report.group {
            tag("h3") { title(of: group) }
            page.figure("wide", charts(group.joint, id: "joint-\(number)")) {
                "All attacks of each side together, on \(Numerals.count(group.joint.images.count, "image")). "
                "Left: the share that stands. Right: B less A in points, with its 95\u{202F}% interval."
            }
            if group.joint.isPatchy || group.shared?.isPatchy == true {
                paragraph("warning") {
                    "No image set was seen whole by two attacks of each side, so that all images count that any "
                    "attack of both sides saw: an image stands against the attacks that did not see it."
                }
            }
            table(
                group.joint,
                "All attacks of each side (A: \(names(group.joint.a)); B: \(names(group.joint.b)))")
            if let shared = group.shared {
                table(
                    shared,
                    "Only attacks that both sides ran, at the budgets that both were given ("
                        + "\(names(shared.a)))")
            }
        }
    }

    private func title(of group: PairedGroup) -> String {
        let norm = Wording.norm(group.joint.norm)
        let (one, other) = (group.joint.modelA, group.joint.modelB)
        let network = one == other ? one : "\(one) and \(other)"
        return Set(study.groups.map { $0.joint.modelA }).count > 1 ? "\(norm): \(network)" : norm
    }

    private func names(_ side: PairedComparison.Side) -> String {
        Wording.list(side.entries.map(\.attack.name))
    }

    private func table(_ comparison: PairedComparison, _ caption: String) -> Markup {
        page.table(
            "\(caption), on \(Numerals.count(comparison.images.count, "image")): the share that stands at ε "
                + "in \(Wording.norm(comparison.norm)).",
            head: ["ε"] + heads("stands"),
            rows: [["none"] + cells(comparison.clean)]
                + comparison.epsilons.map {
                    [Numerals.budget($0)] + cells(comparison.shares(at: $0))
                })
    }

    private func charts(_ comparison: PairedComparison, id: String) -> Markup {
        tag("div", ["class": "pair"]) {
            tag("div") { accuracy(comparison, id: "\(id)-a") }
            tag("div") { difference(comparison, id: "\(id)-d") }
        }
    }

    /// Both sides' lines.
    func accuracy(_ comparison: PairedComparison, id: String, isOwn: Bool = false) -> Markup {
        let norm = Wording.norm(comparison.norm)
        let end = end(of: comparison)
        let x = Plot.across(0, end, about: 5)
        let shown = comparison.epsilons.filter { $0 <= end }.map { epsilon in
            let shares = comparison.shares(at: epsilon)
            return
                "at ε \(Numerals.budget(epsilon)) A \(Numerals.percent(share(shares.a, shares))) and B "
                + Numerals.percent(share(shares.b, shares))
        }
        let plot = Plot(
            id: id, title: "Accuracy against ε in \(norm), both sides",
            description: "Two lines of what stands: \(Wording.list(shown)).", x: x,
            y: Plot.up(0, 1, about: 5), xLabel: "ε, \(Wording.size(in: comparison.norm))",
            yLabel: "still read correctly",
            yText: { value, _ in Numerals.fixed(value * 100, 0) + "\u{202F}%" })
        return plot.lines([
            line(comparison, comparison.a, nameA, "s1", upTo: x.high, isOwn),
            line(comparison, comparison.b, nameB, "s2", upTo: x.high, isOwn),
        ])
    }

    /// How far a picture goes: the largest budget of both; where attacks look for the least change, where 99 in
    /// a hundred of the distances lie.
    private func end(of comparison: PairedComparison) -> Double {
        let isLeast = comparison.a.budgets.isEmpty && comparison.b.budgets.isEmpty
        let found = comparison.images.flatMap { [comparison.a.worst[$0], comparison.b.worst[$0]] }
            .filter(\.isFinite).map(Double.init)
        let far = Statistics.quantile(0.99, of: found)
        return (isLeast ? far : comparison.epsilons.last) ?? comparison.epsilons.last ?? 1
    }

    private func line(
        _ comparison: PairedComparison, _ side: PairedComparison.Side, _ name: String,
        _ className: String, upTo end: Double, _ isOwn: Bool
    ) -> Series {
        let isStair = side.entries.contains(where: \.isMinimumNorm)
        let even = (0...100).map { Double($0) / 100 * end }
        let budgets = side.budgets.union(isStair ? even : []).union([0]).filter { $0 <= end }
        let count = Double(comparison.images.count)
        let points = budgets.sorted().map { epsilon -> (x: Double, y: Double) in
            let fooled =
                isOwn && epsilon > 0
                ? side.entries.first?.fooled(
                    at: epsilon, of: comparison.images.filter { side.isRight[$0] })
                : nil
            let standing =
                fooled.map { fooled in comparison.images.count { side.isRight[$0] } - fooled }
                ?? comparison.images.count { side.stands($0, at: epsilon) }
            return (epsilon, Double(standing) / count)
        }
        return Series(
            name: name, points: isStair ? Self.thinned(points) : points, className: className,
            hasMarks: !isStair)
    }

    /// Without the points between two others of the same height.
    private static func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        points.indices.filter { index in
            guard index > 0, index + 1 < points.count else { return true }
            return points[index - 1].y != points[index].y || points[index + 1].y != points[index].y
        }.map { points[$0] }
    }

    /// B less A, with its interval.
    private func difference(_ comparison: PairedComparison, id: String) -> Markup {
        let places =
            [(0.0, comparison.clean)]
            + comparison.epsilons.map { ($0, comparison.shares(at: $0)) }
        let ends = places.map(\.1.interval)
        let x = Plot.across(0, end(of: comparison), about: 5)
        let y = Plot.up(min(0, ends.map(\.low).min() ?? 0), max(0, ends.map(\.high).max() ?? 0))
        let plot = Plot(
            id: id, title: "B less A in \(Wording.norm(comparison.norm))",
            description: "The difference of the shares that stand: "
                + Wording.list(
                    places.map {
                        "\(Numerals.points($0.1.difference)) points at ε \(Numerals.budget($0.0))"
                    }) + ".", x: x, y: y, xLabel: "ε", yLabel: "B − A, points",
            yText: { value, decimals in Numerals.signed(value * 100, max(0, decimals - 2)) })
        return plot.lines(
            [
                Series(
                    name: "B − A", points: places.map { ($0.0, $0.1.difference) }, className: "s1")
            ],
            band: places.map { ($0.0, $0.1.interval.low, $0.1.interval.high) })
    }
}
