// All attacks together: what is left of the network's accuracy at a budget, how far images had to
// move, who found what, and what the attacks themselves want to be known.

extension Page {
    /// Pictures and tables for every network, sample and norm that several attacks share; nil where
    /// there is nothing to put together.
    var evaluation: Markup? {
        let contests = Contest.all(study.attacks).filter { $0.entries.count > 1 }
        let warned = study.attacks.filter { !$0.warnings.isEmpty }
        guard !contests.isEmpty || !warned.isEmpty else { return nil }
        return group {
            if !contests.isEmpty {
                paragraph {
                    "A single attack tells only what it could not do. Here an image counts as "
                    "standing at a budget ε only if none of the attacks measured in the same norm has "
                    "turned it with a change of at most ε. The band around that line is Wilson’s 95\u{202F}% "
                    "interval: so far could the share be off because only some images were tried."
                }
                paragraph {
                    "Attacks that work within a budget have a mark at each ε that they were given, and "
                    "the lines between only join the marks. Attacks that look for the least change "
                    "have none: their line counts, for every ε, the images that they turned with a "
                    "change no larger. An attack that must reach one class has the harder task, and "
                    "its line lies higher."
                }
            }
            for (number, contest) in contests.enumerated() { account(of: contest, number) }
            warnings(warned)
        }
    }

    private func account(of contest: Contest, _ number: Int) -> Markup {
        let picture = EpsilonPicture(contest: contest, id: "contest-\(number)") {
            AttackText($0).short
        }
        return group {
            tag("h3", ["id": "norm-\(number)"]) { title(of: contest) }
            if let drawn = picture.markup {
                figure("wide", drawn) {
                    "Accuracy against ε in \(Wording.norm(contest.norm)), out of "
                    "\(Numerals.count(contest.images, "image")). The heavy line is what all attacks "
                    "together leave, with its 95\u{202F}% interval; the legend goes from the weakest "
                    "attack to the strongest."
                }
            }
            accuracyTable(contest)
            figuresTable(contest)
            distanceCharts(contest, number)
        }
    }

    /// The norm, and the network and sample where the page has more than one of them.
    private func title(of contest: Contest) -> String {
        let several = Set(study.attacks.map { $0.model + "/" + $0.sample }).count > 1
        let norm = Wording.norm(contest.norm)
        return several ? "\(norm): \(contest.model) on the sample \(contest.sample)" : norm
    }

    private func accuracyTable(_ contest: Contest) -> Markup {
        let most = contest.budgets.map(\.attacks).max() ?? 0
        // At most eight columns: the budgets that most attacks share, then the others from below.
        let shared = contest.budgets.sorted {
            ($0.attacks == most ? 0 : 1, $0.epsilon) < ($1.attacks == most ? 0 : 1, $1.epsilon)
        }
        let columns = shared.prefix(8).map(\.epsilon).sorted()
        guard !columns.isEmpty else { return .nothing }
        func share(_ count: Int?) -> String {
            Numerals.percent(count.flatMap { Statistics.share($0, of: contest.images) })
        }
        let rows = contest.entries.map { entry in
            [AttackText(entry.attack).short]
                + columns.map { share(contest.standing(at: $0, under: entry)) }
        }
        let together =
            ["all together"] + columns.map { share(contest.standing(at: $0)) }
        let interval =
            ["95\u{202F}% interval"]
            + columns.map { epsilon in
                let (low, high) = Statistics.wilson(
                    contest.standing(at: epsilon), of: contest.images)
                return Numerals.fixed(low * 100, 1) + "–" + Numerals.fixed(high * 100, 1)
            }
        return table(
            "Accuracy left within a budget in \(Wording.norm(contest.norm)), by ε; "
                + "\(share(contest.right)) without an attack.",
            head: ["Attack"] + columns.map { "ε \(Numerals.epsilon($0))" },
            rows: rows + [together, interval], className: "together")
    }

    private func figuresTable(_ contest: Contest) -> Markup {
        guard let reference = contest.reference else { return .nothing }
        let budget = Numerals.concise(reference)
        let turned = contest.worst.count { $0.isFinite }
        let rows = contest.entries.enumerated().map { number, entry in
            let attack = entry.attack
            let level = attack.level(at: reference) ?? (entry.seeksLeast ? attack.levels[0] : nil)
            let hits = level.map { attack.successes(at: $0) } ?? []
            let sizes = hits.map { position in
                Double(level?.outcomes[position].size(in: contest.norm) ?? 0)
            }
            return [
                AttackText(attack).short, entry.seeksLeast ? "least" : "within ε",
                Numerals.percent(
                    entry.fooled(at: reference)
                        .flatMap { Statistics.share($0, of: attack.eligible.count) }),
                Numerals.percent(
                    Statistics.share(entry.distances.count, of: attack.eligible.count)),
                Numerals.significant(Statistics.quantile(0.5, of: sizes)),
                Numerals.significant(Statistics.mean(sizes)),
                Numerals.amount(level.flatMap { attack.passes(at: $0) }),
                Numerals.percent(Statistics.share(contest.nearest(entry), of: turned)),
                Numerals.whole(contest.alone(number, at: reference)),
            ]
        }
        return table(
            "Who found what, compared at ε \(budget). Success and distances in "
                + "\(Wording.norm(contest.norm)) are of images that the network read correctly before; "
                + "“nearest” is the share of all turned images for which this attack has the smallest "
                + "change of all (ties count for each); “alone” counts the images that at ε \(budget) "
                + "only this attack has turned.",
            head: [
                "Attack", "Looks for", "Success at ε \(budget)", "Success at any size",
                "Median \(Wording.norm(contest.norm))", "Mean \(Wording.norm(contest.norm))",
                "Passes", "Nearest", "Alone",
            ], rows: rows, sortable: true, className: "kinds")
    }

    private func distanceCharts(_ contest: Contest, _ number: Int) -> Markup {
        let seekers = contest.entries.enumerated().filter {
            $0.element.seeksLeast && !$0.element.distances.isEmpty
        }
        guard !seekers.isEmpty else { return .nothing }
        // One axis for all, so that the eye can compare; it ends where 99 in a hundred lie.
        let all = seekers.flatMap(\.element.distances)
        let x = Plot.across(0, Statistics.quantile(0.99, of: all) ?? 1, about: 5)
        let charts = seekers.map { place, entry in
            let counts = Statistics.histogram(
                entry.distances, from: x.low, to: x.high, bins: 30)
            let middle = Statistics.quantile(0.5, of: entry.distances) ?? 0
            let name = AttackText(entry.attack).short
            let plot = Plot(
                id: "contest-\(number)-\(place)", title: name,
                description:
                    "Histogram of \(Numerals.count(entry.distances.count, "image")). Median "
                    + "\(Numerals.significant(middle)), largest "
                    + "\(Numerals.significant(entry.distances.max())).",
                x: x, y: Plot.up(0, Double(counts.max() ?? 1), about: 3),
                xLabel: Wording.norm(contest.norm) + " distance", yLabel: "images",
                yText: { value, _ in
                    value == value.rounded() ? Numerals.whole(Int(value)) : ""
                })
            return (name, plot.columns(counts, from: x.low, to: x.high, median: middle))
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
            "\(Wording.norm(contest.norm)), on one axis; the line marks the median. What lies beyond "
            "the right edge is one image in a hundred or less of all."
        }
    }

    private func warnings(_ attacks: [AttackResult]) -> Markup {
        guard !attacks.isEmpty else { return .nothing }
        return group {
            tag("h3") { "Warnings of the attacks" }
            tag("dl", ["class": "warnings"]) {
                for attack in attacks {
                    tag("div") {
                        tag("dt") { AttackText(attack).short }
                        for warning in attack.warnings { tag("dd") { warning } }
                    }
                }
            }
        }
    }
}
