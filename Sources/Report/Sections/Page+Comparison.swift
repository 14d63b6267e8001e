// All attacks side by side, the four observations, and the published figures.

extension Page {
    /// A table and bars over all attacks; nil unless there are two to compare.
    var comparison: Markup? {
        let runs = study.attacks.compactMap { attack in attack.featured.map { (attack, $0) } }
        guard runs.count > 1 else { return nil }
        let rows = runs.map { attack, level in
            [
                AttackText(attack).short, attack.isTargeted ? "one class" : "any wrong",
                Numerals.whole(attack.eligible.count),
                level.epsilon.map(Numerals.epsilon) ?? Numerals.none,
                Numerals.percent(attack.successRate(at: level)),
                Numerals.percent(
                    Statistics.share(attack.roundedSuccesses(at: level), of: attack.eligible.count)),
                Numerals.significant(Statistics.mean(attack.measures(at: level, \.l2))),
                Numerals.significant(
                    Statistics.quantile(0.5, of: attack.measures(at: level, \.linf))),
                Numerals.percent(attack.changedShare(at: level)),
                Numerals.amount(attack.passes(at: level)), Numerals.engineering(level.flops),
            ]
        }
        return group {
            paragraph {
                "Attacks want different things, so no single column ranks them: one that may pick any "
                "wrong answer has an easier life than one that must reach a given class, and one that "
                "may move every pixel by ε pays in distance what it saves in work. Cost is counted in "
                "passes through the network and in floating-point operations, which are the same on "
                "every machine; seconds are not."
            }
            table(
                "Each attack at the strength shown in its own part: the weakest that fools half of the images, "
                    + "or else its best. Of n images; attacks with another n saw another sample.",
                head: [
                    "Attack", "Goal", "n", "ε", "Success", "After 8-bit rounding", "Mean L₂",
                    "Median L∞",
                    "Pixels changed", "Passes", "FLOP",
                ], rows: rows, sortable: true)
            bars(runs)
        }
    }

    private func bars(_ runs: [(AttackRun, AttackRun.Level)]) -> Markup {
        func list(
            _ title: String, _ value: (AttackRun, AttackRun.Level) -> Double?,
            full: Double? = nil,
            _ text: (Double?) -> String
        ) -> Markup {
            let values = runs.map { value($0.0, $0.1) }
            let most = full ?? values.compactMap { $0 }.max() ?? 0
            return tag("div") {
                tag("h3", ["class": "minor"]) { title }
                Bars(
                    bars: zip(runs, values).map { run, value in
                        Bars.Bar(
                            label: AttackText(run.0).short,
                            share: most > 0 ? value.map { $0 / most } : nil, figure: text(value))
                    }
                ).markup
            }
        }
        return figure(
            "wide",
            tag("div", ["class": "pair"]) {
                list("Success", { $0.successRate(at: $1) }, full: 1) { Numerals.percent($0) }
                list("Mean L₂ distance", { Statistics.mean($0.measures(at: $1, \.l2)) }) {
                    Numerals.significant($0)
                }
            }
        ) {
            "Success, and what it costs in distance from the original."
        }
    }

    /// What the original scripts' authors noticed, with the figures of this study.
    var observations: Markup? {
        guard !study.attacks.isEmpty else { return nil }
        return group {
            paragraph {
                "The scripts that this project re-implements came with four observations. Here they "
                "are again, each with the figures of this experiment, which also decide how it fared."
            }
            tag("ol", ["class": "observations"]) {
                for observation in Observation.all(study.attacks) {
                    tag("li") {
                        paragraph("claim") {
                            observation.claim
                            " "
                            tag("span", ["class": "finding-\(observation.finding)"]) {
                                observation.finding.rawValue
                            }
                        }
                        paragraph { observation.evidence }
                    }
                }
            }
        }
    }

    /// Our noise beside a published table; nil if the study has none.
    var published: Markup? {
        guard let published = study.published, !published.rows.isEmpty else { return nil }
        let rows = published.rows.map { row in
            let ours = ours(for: row)
            return [row.title(in: study)]
                + [
                    (row.noise.mean, ours?.mean, 4), (row.noise.max, ours?.max, 3),
                    (row.noise.min, ours?.min, 3),
                ].flatMap { theirs, ours, decimals in
                    [
                        Numerals.fixed(theirs, decimals), Numerals.fixed(ours, decimals),
                        ours.map { Numerals.signed($0 - theirs, decimals) } ?? Numerals.none,
                    ]
                } + [
                    study.attacks.first { $0.name == row.attack }
                        .map { Numerals.whole($0.eligible.count) } ?? Numerals.none
                ]
        }
        return group {
            paragraph {
                "The noise table of \(published.source), and the same figures from this experiment. "
                "Noise here is the raw perturbation r before the sum is brought back between black and "
                "white, over all pixels of the images that the network read correctly at first, failures "
                "included; it can therefore pass ±1. (The original took every image.) For FGSM it is the "
                "difference between original and proposal, likewise. Another training run gives "
                "another network, so equal figures are not to be expected, only figures of one kind."
            }
            table(
                "Published figure, ours, and ours minus published, for the mean, the largest and the smallest "
                    + "value; n images of ours.",
                head: [
                    "Attack", "Mean, published", "ours", "difference", "Max, published", "ours",
                    "difference", "Min, published", "ours", "difference", "n",
                ], rows: rows, className: "triples")
        }
    }

    private func ours(for row: PublishedNoise.Row) -> Noise? {
        guard let attack = study.attacks.first(where: { $0.name == row.attack }) else { return nil }
        let level =
            attack.levels.first { $0.epsilon == row.epsilon }
            ?? (row.epsilon == nil ? attack.featured : nil)
        return level.flatMap { $0.rawNoise ?? $0.noise }
    }
}

extension PublishedNoise.Row {
    fileprivate func title(in study: Study) -> String {
        let attack = study.attacks.first { $0.name == self.attack }
        let name = attack.map { AttackText($0).short } ?? self.attack
        return epsilon.map { "\(name), ε \(Numerals.epsilon($0))" } ?? name
    }
}
