// The figures at the top of the page. Each names the attack that it rests on, how many images, and its
// 95 % interval, and each rests on the strongest evidence that the study has.

extension Page {
    /// A list of up to four figures.
    var keyFigures: Markup {
        let figures = [testFigure, standingFigure, targetedFigure, leastFigure].compactMap { $0 }
        guard !figures.isEmpty else { return .nothing }
        return tag("dl", ["class": "key-figures"]) {
            for figure in figures {
                tag("div") {
                    tag("dt") { figure.text }
                    tag("dd") { figure.value }
                }
            }
        }
    }

    private typealias Figure = (value: String, text: String)

    private func interval(_ part: Int, of whole: Int) -> String {
        "95\u{202F}% interval \(Page.interval(part, of: whole))\u{202F}%"
    }

    private var testFigure: Figure? {
        guard let test = study.network?.test else { return nil }
        return (
            Numerals.percent(test.accuracy, 2),
            "of \(Numerals.count(test.count, "test image")) read correctly; "
                + interval(test.correct, of: test.count)
        )
    }

    /// What is left within a budget: all attacks of a norm together, L∞ before other norms. Attacks
    /// without a budget alone leave nothing standing, which says little.
    private var standingFigure: Figure? {
        let comparisons = Comparison.all(study.attacks.filter { !$0.isNormalised }).filter {
            comparison in
            comparison.right > 0
                && comparison.entries.contains { !$0.isMinimumNorm && !$0.attack.isTargeted }
        }
        guard let comparison = comparisons.first(where: { $0.norm == "linf" }) ?? comparisons.first,
            let strongest = comparison.strongest(of: comparison.chosen)
        else { return nil }
        // The budget at which attacks are compared, or the fair one that leaves nearest to half.
        let fair = comparison.budgets.map(\.epsilon).filter { comparison.isFair(at: $0) }
        func gap(_ epsilon: Double) -> Int {
            abs(2 * comparison.standing(at: epsilon) - comparison.right)
        }
        let reference = comparison.reference.flatMap { fair.contains($0) ? $0 : nil }
        guard let epsilon = reference ?? fair.min(by: { gap($0) < gap($1) }) else { return nil }
        let left = comparison.standing(at: epsilon)
        let count = comparison.entries.count
        let name = AttackText(strongest.attack).short
        return (
            Numerals.percent(Statistics.share(left, of: comparison.images)),
            "of \(Numerals.count(comparison.images, "image")) still read correctly under "
                + (count == 1
                    ? name
                    : "\(Numerals.count(count, "attack")) together (the strongest that saw them all: \(name))")
                + " at ε \(Numerals.epsilon(epsilon)) in \(Wording.norm(comparison.norm)); "
                + interval(left, of: comparison.images)
        )
    }

    /// The targeted attack whose success rate is surely the highest: by the lower end of the interval.
    private var targetedFigure: Figure? {
        let runs = study.attacks.filter { $0.isTargeted && !$0.eligible.isEmpty }.compactMap {
            attack in
            attack.featured.map {
                (attack: attack, level: $0, hits: attack.successes(at: $0).count)
            }
        }
        func low(_ run: (attack: AttackRun, level: AttackRun.Level, hits: Int)) -> Double {
            Statistics.wilson(run.hits, of: run.attack.eligible.count).low
        }
        guard let best = runs.max(by: { low($0) < low($1) }) else { return nil }
        let count = best.attack.eligible.count
        return (
            Numerals.percent(Statistics.share(best.hits, of: count)),
            "of \(Numerals.count(count, "image")) talked into a class chosen beforehand by "
                + "\(AttackText(best.attack).short)\(best.level.strength); "
                + interval(best.hits, of: count)
        )
    }

    /// The median of the least ε: that of the attack which found the lowest, of those that tried a
    /// hundred images or more; of fewer only where nobody tried as many.
    private var leastFigure: Figure? {
        let open = study.attacks.filter {
            $0.norm == "linf" && !$0.isTargeted && !$0.isNormalised && !$0.eligible.isEmpty
        }
        let found = open.compactMap { attack -> (attack: AttackRun, values: [Double])? in
            if let least = attack.leastEpsilon {
                return (attack, attack.eligible.map { Double(least[$0]) })
            }
            guard attack.isMinimumNorm, let level = attack.levels.first else { return nil }
            return (
                attack,
                attack.eligible.map {
                    level.outcomes[$0].isSuccess ? Double(level.outcomes[$0].linf) : .infinity
                }
            )
        }
        let enough = min(100, found.map(\.values.count).max() ?? 0)
        let medians = found.filter { $0.values.count >= enough }.compactMap { attack, values in
            Statistics.median(of: values).map { (attack, values.count, $0) }
        }
        guard let (attack, count, median) = medians.min(by: { $0.2.middle < $1.2.middle }),
            median.middle.isFinite
        else { return nil }
        return (
            Numerals.significant(median.middle),
            "change of every pixel at most that flips half of \(Numerals.count(count, "image")), by "
                + "\(AttackText(attack).short); 95\u{202F}% interval "
                + "\(Numerals.significant(median.low))–\(Numerals.significant(median.high))"
        )
    }
}
