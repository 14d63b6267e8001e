// All attacks together: what is left of the network's accuracy at a budget, how far images had to
// move, who found what, and what the attacks themselves want to be known.

extension Page {
    /// Pictures and tables for every network and norm that several attacks share; nil where there is
    /// nothing to put together.
    var evaluation: Markup? {
        let all = Comparison.all(study.attacks)
        let comparisons = all.filter { $0.entries.count > 1 }
        let warned = study.attacks.filter { !$0.allWarnings.isEmpty }
        guard !comparisons.isEmpty || !warned.isEmpty else { return nil }
        return group {
            if !comparisons.isEmpty {
                paragraph {
                    "A single attack tells only what it could not do. Here an image counts as "
                    "standing at a budget ε only if no attack measured in the same norm that tried "
                    "this image has turned it with a change of at most ε. The band around that line is "
                    "Wilson’s 95\u{202F}% interval: so far could the share be off because only some "
                    "images were tried."
                }
                paragraph {
                    "Attacks that saw different samples are joined image by image. The line of all "
                    "together is drawn for the set of images on which most is shown, that is, where its "
                    "interval ends lowest on average, as far as the strongest of "
                    "the attacks that saw the whole set was run, or one that leaves hardly more (one image "
                    "in a hundred)."
                }
                paragraph {
                    "Attacks that work within a budget have a mark at each ε that they were given, and "
                    "the lines between only join the marks. Attacks that look for the least change "
                    "have none: their line counts, for every ε, the images that they turned with a "
                    "change no larger. An attack that must reach one class has the harder task, and "
                    "its line lies higher. The order from the weakest to the strongest is that of paired "
                    "comparisons, on the images that two attacks share and at the budgets that both "
                    "were given."
                }
                leaderboardWords
            }
            for (number, comparison) in comparisons.enumerated() { account(of: comparison, number) }
            if !comparisons.isEmpty { alone(all.filter { $0.entries.count == 1 }) }
            warnings(warned)
        }
    }

    /// What has nothing to be put beside.
    private func alone(_ comparisons: [Comparison]) -> Markup {
        let names = comparisons.map { comparison in
            "\(AttackText(comparison.entries[0].attack).short) (\(Wording.norm(comparison.norm)))"
        }
        guard !names.isEmpty else { return .nothing }
        return paragraph {
            "No other attack shares network, norm and images with "
            Wording.list(names)
            names.count == 1 ? "; it stands alone below." : "; each stands alone below."
        }
    }

    private func account(of comparison: Comparison, _ number: Int) -> Markup {
        let picture = EpsilonPicture(
            comparison: comparison, id: "comparison-\(number)", place: title(of: comparison)
        ) { AttackText($0).short }
        return group {
            tag("h3", ["id": "norm-\(number)"]) { title(of: comparison) }
            if let drawn = picture.markup {
                figure("wide", drawn) {
                    "Accuracy against ε in \(Wording.norm(comparison.norm)), out of "
                    "\(Numerals.count(comparison.images, "image")). The heavy line is what all attacks "
                    "together leave, with its 95\u{202F}% interval; the legend goes from the weakest "
                    "attack to the strongest"
                    comparison.entries.allSatisfy {
                        $0.seen(of: comparison.chosen.images) == comparison.images
                    }
                        ? "."
                        : ", with the number of these images that it saw where that is not all."
                }
            }
            accuracyTable(comparison)
            leaderboard(comparison, number)
            figuresTable(comparison)
            distanceCharts(comparison, number)
        }
    }

    /// The norm, and the network where the page has more than one.
    private func title(of comparison: Comparison) -> String {
        let norm = Wording.norm(comparison.norm)
        return Set(study.attacks.map(\.model)).count > 1 ? "\(norm): \(comparison.model)" : norm
    }

    private func accuracyTable(_ comparison: Comparison) -> Markup {
        let most = comparison.budgets.map(\.attacks).max() ?? 0
        // At most eight columns: the budgets that most attacks share, then the others from below.
        let shared = comparison.budgets.sorted {
            ($0.attacks == most ? 0 : 1, $0.epsilon) < ($1.attacks == most ? 0 : 1, $1.epsilon)
        }
        let columns = shared.prefix(8).map(\.epsilon).sorted()
        let left = shared.dropFirst(8).map(\.epsilon).sorted()
        guard !columns.isEmpty else { return .nothing }
        func share(_ count: Int?, of whole: Int) -> String {
            Numerals.percent(count.flatMap { Statistics.share($0, of: whole) })
        }
        let rows = comparison.entries.map { entry in
            let seen = entry.seen(of: comparison.chosen.images)
            return [AttackText(entry.attack).short, Numerals.whole(seen)]
                + columns.map { share(comparison.standing(at: $0, under: entry), of: seen) }
        }
        // The set of the picture last, below the others.
        let others = comparison.sets.filter { $0.images != comparison.chosen.images }
        let sums = (others + [comparison.chosen]).flatMap { set -> [[String]] in
            func cell(_ epsilon: Double, _ text: (Int) -> String) -> String {
                guard comparison.isFair(at: epsilon, of: set) else { return Numerals.none }
                return text(comparison.standing(at: epsilon, of: set))
            }
            let count = set.images.count
            return [
                ["all together", Numerals.whole(count)]
                    + columns.map { cell($0) { share($0, of: count) } },
                ["95\u{202F}% interval", ""]
                    + columns.map { cell($0) { Self.interval($0, of: count) } },
            ]
        }
        let isMixed = !others.isEmpty
        return table(
            "Accuracy left within a budget in \(Wording.norm(comparison.norm)), by ε, of n images of the "
                + "picture; \(share(comparison.right, of: comparison.images)) without an attack."
                + (isMixed
                    ? " All together is also given for the other sets of images that two attacks or more "
                        + "saw in full." : "")
                + " A dash: the attack was not run there, or the strongest of those that saw the whole set not so far."
                + (left.isEmpty
                    ? ""
                    : " Other budgets stand in the parts of the attacks: ε "
                        + Wording.list(left.map(Numerals.epsilon)) + "."),
            head: ["Attack", "n"] + columns.map { "ε \(Numerals.epsilon($0))" },
            rows: rows + sums, className: "together sets-\(min(others.count + 1, 4))")
    }

    /// Wilson’s interval in per cent: `14.2–30.0`.
    static func interval(_ part: Int, of whole: Int) -> String {
        let (low, high) = Statistics.wilson(part, of: whole)
        return Numerals.fixed(low * 100, 1) + "–" + Numerals.fixed(high * 100, 1)
    }

    private func figuresTable(_ comparison: Comparison) -> Markup {
        guard let reference = comparison.reference else { return .nothing }
        // A budget as it was asked for, a median as a figure.
        let isAsked = comparison.budgets.contains { $0.epsilon == reference }
        let budget = isAsked ? Numerals.epsilon(reference) : Numerals.concise(reference)
        let (norm, common) = (Wording.norm(comparison.norm), comparison.common)
        let rows = comparison.entries.enumerated().map { number, entry in
            let attack = entry.attack
            let places = comparison.chosen.images.compactMap { entry.places[$0] }
            let open = places.count { attack.samples[$0].isEligible }
            let level =
                attack.level(at: reference) ?? (entry.isMinimumNorm ? attack.levels[0] : nil)
            let sizes = places.compactMap { place -> Double? in
                guard let level, attack.samples[place].isEligible, level.outcomes[place].isSuccess
                else { return nil }
                return Double(level.outcomes[place].size(in: comparison.norm))
            }
            let any = comparison.chosen.images.count { entry.least[$0].isFinite }
            return [
                AttackText(attack).short, entry.isMinimumNorm ? "least" : "within ε",
                Numerals.whole(open),
                Numerals.percent(
                    entry.fooled(at: reference, of: comparison.chosen.images)
                        .flatMap { Statistics.share($0, of: open) }),
                Numerals.percent(Statistics.share(any, of: open)),
                Numerals.significant(Statistics.mean(sizes)),
                common.isEmpty
                    ? Numerals.none : Numerals.whole(comparison.alone(number, at: reference)),
            ]
        }
        return table(
            "Who found what, compared at ε \(budget). Success and distances in \(norm) are of the n "
                + "images of the picture that the attack saw and the network read correctly before; "
                + "“alone” counts those of the \(Numerals.count(common.count, "image")) that every attack here "
                + "saw which at ε \(budget) only this attack has turned.",
            head: [
                "Attack", "Looks for", "n", "Success at ε \(budget)", "Success at any size",
                "Mean \(norm)", "Alone",
            ], rows: rows, sortable: true, className: "kinds")
    }

    private func distanceCharts(_ comparison: Comparison, _ number: Int) -> Markup {
        let open = comparison.entries.enumerated().filter { $0.element.isMinimumNorm }
        let minimumNorm = open.filter { !$0.element.distances.isEmpty }
        let silent = open.filter { $0.element.distances.isEmpty }
            .map { AttackText($0.element.attack).short }
        guard !minimumNorm.isEmpty else { return .nothing }
        // One axis for all, so that the eye can compare; it ends where 99 in a hundred lie.
        let all = minimumNorm.flatMap(\.element.distances)
        let x = Plot.across(0, Statistics.quantile(0.99, of: all) ?? 1, about: 5)
        let charts = minimumNorm.map { place, entry in
            let counts = Statistics.histogram(
                entry.distances, from: x.low, to: x.high, bins: 30)
            let middle = Statistics.quantile(0.5, of: entry.distances) ?? 0
            let name = AttackText(entry.attack).short
            let plot = Plot(
                id: "comparison-\(number)-\(place)", title: name,
                description:
                    "Histogram of \(Numerals.count(entry.distances.count, "image")). Median "
                    + "\(Numerals.significant(middle)), largest "
                    + "\(Numerals.significant(entry.distances.max())).",
                x: x, y: Plot.up(0, Double(counts.max() ?? 1), about: 3),
                xLabel: Wording.size(in: comparison.norm), yLabel: "images",
                yText: { value, _ in
                    value == value.rounded() ? Numerals.whole(Int(value)) : ""
                })
            let count = Numerals.count(entry.distances.count, "image")
            return (
                "\(name), \(count)", plot.columns(counts, from: x.low, to: x.high, median: middle)
            )
        }
        return figure(
            "wide",
            tag("div", ["class": charts.count > 1 ? "multiples" : "multiples lone"]) {
                for (name, chart) in charts {
                    tag("div") {
                        tag("h4") { name }
                        chart
                    }
                }
            }
        ) {
            "How far images had to move, for attacks that look for the least change in "
            "\(Wording.norm(comparison.norm)), on one axis; the line marks the median. What lies beyond "
            "the right edge is one image in a hundred or less of all."
            silent.isEmpty ? "" : " \(Wording.list(silent)) turned no image and has no chart."
        }
    }

    private func warnings(_ attacks: [AttackRun]) -> Markup {
        guard !attacks.isEmpty else { return .nothing }
        return group {
            tag("h3") { "Warnings of the attacks" }
            tag("dl", ["class": "warnings"]) {
                for attack in attacks {
                    tag("div") {
                        tag("dt") { AttackText(attack).short }
                        for warning in attack.allWarnings { tag("dd") { warning } }
                    }
                }
            }
        }
    }
}
