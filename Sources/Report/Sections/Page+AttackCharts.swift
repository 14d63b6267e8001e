// The charts of one attack: accuracy against epsilon, how far images had to move, and which class
// became which.

extension Page {
    /// Up to two charts side by side, whichever the attack has data for.
    func curves(_ attack: AttackRun, _ level: AttackRun.Level) -> Markup {
        var charts = [epsilonCurve(attack), distances(attack, level)].compactMap { $0 }
        if charts.count == 1, let work = work(attack, level) { charts.append(work) }
        guard !charts.isEmpty else { return .nothing }
        return figure(
            "wide",
            tag("div", ["class": charts.count > 1 ? "pair" : "pair lone"]) {
                for chart in charts { tag("div") { chart.markup } }
            }
        ) {
            charts.map(\.caption).joined(separator: " ")
        }
    }

    private typealias Chart = (markup: Markup, caption: String)

    private func epsilonCurve(_ attack: AttackRun) -> Chart? {
        let points = attack.levels.compactMap { level in
            level.epsilon.map { (epsilon: $0, level: level) }
        }.sorted { $0.epsilon < $1.epsilon }
        guard points.count > 1, let last = points.last, let first = points.first else { return nil }
        let share = Double(attack.eligible.count) / Double(max(attack.samples.count, 1))
        func series(_ name: String, _ className: String, _ value: (AttackRun.Level) -> Double?)
            -> Series
        {
            let values = points.compactMap { point in value(point.level).map { (point.epsilon, $0) }
            }
            return Series(name: name, points: [(0, share)] + values, className: className)
        }
        let left = series("accuracy left", "s1") { attack.robustAccuracy(at: $0) }
        let rounded = series("the same after 8-bit rounding", "s2") {
            share - Double(attack.roundedSuccesses(at: $0)) / Double(max(attack.samples.count, 1))
        }
        let plot = Plot(
            id: "epsilon-\(attack.name)", title: "Accuracy against ε",
            description:
                "Accuracy is \(Numerals.percent(attack.robustAccuracy(at: first.level))) at ε "
                + "\(Numerals.epsilon(first.epsilon)) and "
                + "\(Numerals.percent(attack.robustAccuracy(at: last.level))) at ε \(Numerals.epsilon(last.epsilon)).",
            x: Plot.across(0, last.epsilon), y: Plot.up(0, 1, about: 5),
            xLabel: "ε, \(Wording.size(in: attack.norm))",
            yLabel: "still read correctly",
            yText: { value, _ in Numerals.fixed(value * 100, 0) + "\u{202F}%" })
        return (
            plot.lines([left, rounded]),
            "Accuracy against ε: the share of all \(Numerals.count(attack.samples.count, "image")) still read "
                + "correctly; it starts from \(Numerals.percent(share)) without an attack."
        )
    }

    private func distances(_ attack: AttackRun, _ level: AttackRun.Level) -> Chart? {
        if attack.leastEpsilon != nil {
            return histogram(
                attack.finiteLeastEpsilons, id: "least-\(attack.name)", title: "Least ε by image",
                axis: "least ε, \(Wording.size(in: attack.norm))",
                caption:
                    "Least ε: how strong the attack must be, image by image; the line marks the median."
            )
        }
        let norm = Wording.norm(attack.norm)
        return histogram(
            attack.measures(at: level) { $0.size(in: attack.norm) },
            id: "distance-\(attack.name)", title: "\(norm) distance by image",
            axis: Wording.size(in: attack.norm),
            caption:
                "\(norm) distance: how far each success lies from its original; the line marks the median."
        )
    }

    private func work(_ attack: AttackRun, _ level: AttackRun.Level) -> Chart? {
        let passes = attack.eligible.map { position in
            Double(level.outcomes[position].forwardPasses + level.outcomes[position].backwardPasses)
        }
        guard let least = passes.min(), let most = passes.max(), least < most else { return nil }
        return histogram(
            passes, id: "work-\(attack.name)", title: "Passes by image",
            axis: "passes, forward and backward",
            caption: "Work: how many passes each image took, failures included.")
    }

    private func histogram(
        _ values: [Double], id: String, title: String, axis: String, caption: String
    ) -> Chart? {
        guard let middle = Statistics.quantile(0.5, of: values), let most = values.max() else {
            return nil
        }
        // The axis ends at the 99.5th percentile, so that one outlier does not flatten the rest.
        let x = Plot.across(0, Statistics.quantile(0.995, of: values) ?? most)
        let bins = 30
        let counts = Statistics.histogram(values, from: x.low, to: x.high, bins: bins)
        let beyond = values.count - counts.reduce(0, +)
        let plot = Plot(
            id: id, title: title,
            description: "Histogram of \(Numerals.count(values.count, "image")). Median "
                + "\(Numerals.significant(middle)), largest \(Numerals.significant(most)).",
            x: x, y: Plot.up(0, Double(counts.max() ?? 1)), xLabel: axis, yLabel: "images",
            yText: { value, _ in value == value.rounded() ? Numerals.whole(Int(value)) : "" })
        let outside = beyond > 0 ? " \(Numerals.count(beyond, "image")) beyond the right edge." : ""
        return (
            plot.columns(counts, from: x.low, to: x.high, median: middle), caption + outside
        )
    }

    /// Which class became which: success by class and target, or answers by class.
    func classTable(_ attack: AttackRun, _ level: AttackRun.Level) -> Markup {
        let highest = attack.samples.map { max($0.label, $0.target ?? 0, $0.answer) }.max() ?? 0
        let count = max(study.classes.count, highest + 1)
        guard count <= 20 else {
            return paragraph {
                "A table of which class became which would have \(Numerals.whole(count)) rows and columns, "
                "and is left out."
            }
        }
        let names = (0..<count).map { study.name(of: $0) }
        return attack.isTargeted
            ? targetFigure(attack, level, names) : answerFigure(attack, level, names)
    }

    /// What an attack is called where no other of the page may be called so: with its name, where the
    /// same one meets several networks.
    private func distinct(_ attack: AttackRun) -> String {
        let short = AttackText(attack).short
        let isShared = study.attacks.filter { AttackText($0).short == short }.count > 1
        return isShared ? "\(short) (\(attack.name))" : short
    }

    private func targetFigure(
        _ attack: AttackRun, _ level: AttackRun.Level, _ names: [String]
    ) -> Markup {
        let cells = attack.targetTable(at: level, classes: names.count).enumerated().map {
            row, line in
            line.enumerated().map { column, cell in
                let rate = Statistics.share(cell.hits, of: cell.tries)
                return HeatTable.Cell(
                    text: rate.map { Numerals.fixed($0 * 100, 0) } ?? "·", strength: rate,
                    hint: "\(names[row]) to \(names[column]): \(cell.hits) of \(cell.tries)")
            }
        }
        let table = HeatTable(
            caption: "Success in per cent by true and wanted class, \(distinct(attack))",
            rowTitle: "true", columnTitle: "wanted", rows: names, columns: names, cells: cells,
            images: (attack.name, level.epsilon))
        return figure("wide", table.markup) {
            "Success in per cent, by what the image shows and what the attack wanted"
            level.strength
            ". A dot: never asked for."
        }
    }

    private func answerFigure(
        _ attack: AttackRun, _ level: AttackRun.Level, _ names: [String]
    ) -> Markup {
        let counts = attack.answers(at: level, classes: names.count)
        let most = counts.flatMap { $0 }.max() ?? 0
        guard most > 0 else { return .nothing }
        let cells = counts.enumerated().map { row, line in
            line.enumerated().map { column, count in
                HeatTable.Cell(
                    text: row == column ? "·" : "\(count)",
                    strength: row == column ? nil : Double(count) / Double(most),
                    hint: "\(names[row]) read as \(names[column]): \(Numerals.whole(count))")
            }
        }
        let table = HeatTable(
            caption: "Successes by true class and answer, \(distinct(attack))",
            rowTitle: "true", columnTitle: "answer", rows: names, columns: names, cells: cells,
            images: (attack.name, level.epsilon))
        return figure("wide", table.markup) {
            "Successes"
            level.strength
            ", by what the image shows and what the network then says."
        }
    }
}
