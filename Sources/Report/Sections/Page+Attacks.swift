// One article an attack: how it works, what was asked, what came out, and what it looks like.

extension Page {
    /// Every attack of the study, one after the other.
    var attacks: Markup? {
        group {
            if study.attacks.isEmpty {
                paragraph {
                    "This experiment has no attack yet. A file "
                    code("pipeline/\(study.experiment)/attack-….json")
                    " adds one, and a part of this page with it."
                }
            } else {
                paragraph {
                    "In every set of three pictures below, the left one is the original, the right one "
                    "is what the attack made of it, and the middle one is the difference"
                    isPhotographic
                        ? ", around a middle grey. "
                        : ": orange where a pixel got brighter, blue where it got darker, nothing where it stayed. "
                    "Which "
                    "images are shown is decided by rule: the classes take turns, and within a class "
                    "the first in the sample comes first."
                }
                paragraph {
                    "In the tables, success is a share of the images that the network read correctly "
                    "before; accuracy left is the share of all images that it still reads correctly "
                    "afterwards. Noise is signed and taken over all pixels of those images, distances "
                    "over the successes alone; passes and FLOP are means for one image."
                }
            }
            for variants in study.variants { article(variants) }
        }
    }

    /// With more attacks than this, each is folded up.
    private static let unfolded = 8

    /// The part of one attack, or of several that are variants of one.
    private func article(_ variants: [AttackRun]) -> Markup {
        guard let first = variants.first else { return .nothing }
        guard variants.count == 1 else { return article(of: variants, first) }
        let text = AttackText(first)
        return tag("article", ["aria-labelledby": "attack-\(first.name)-h"]) {
            part(of: first, heading: "h3", text.title) {
                paragraph { text.explanation }
                text.formula
                settings(first, first.shownSettings)
            }
        }
    }

    /// Whether the parts are folded up, as many are.
    var isFolded: Bool { study.attacks.count > Self.unfolded }

    /// A part that can be folded: how the attack works, and then what it did.
    func part(
        of attack: AttackRun, heading: String, _ title: String, isOpen: Bool? = nil,
        @MarkupBuilder _ beginning: () -> [Markup]
    ) -> Markup {
        tag("details", ["class": "attack", "open": isOpen ?? !isFolded ? "open" : nil]) {
            tag("summary") {
                tag(heading, ["id": "attack-\(attack.name)-h"]) { title }
                tag("span", ["class": "gist"]) { figures(attack) }
            }
            // A link to here unfolds the part.
            tag("div", ["class": "unfolded", "id": "attack-\(attack.name)"]) {
                group(beginning)
                if let limits = attack.limitsInWords { paragraph { limits } }
                paragraph { result(of: attack) }
                for warning in attack.allWarnings { paragraph("warning") { warning } }
                if let featured = attack.featured, !attack.eligible.isEmpty {
                    summary(attack)
                    unclipped(attack)
                    parts(attack)
                    eachClass(attack)
                    storedNotes(attack)
                    triptychs(attack, featured)
                    curves(attack, featured)
                    leastEpsilons(attack)
                    classTable(attack, featured)
                    failures(attack, featured)
                }
            }
        }
    }

    /// The attack in a line: its node, and the figures of the level that is shown.
    private func figures(_ attack: AttackRun) -> String {
        guard let level = attack.featured, !attack.eligible.isEmpty else { return attack.name }
        let sizes = attack.successes(at: level).map {
            Double(level.outcomes[$0].size(in: attack.norm))
        }
        var parts = [attack.name, "\(Numerals.percent(attack.successRate(at: level))) success"]
        parts[1] += level.strength
        if let middle = Statistics.quantile(0.5, of: sizes) {
            parts.append("median \(Wording.norm(attack.norm)) \(Numerals.significant(middle))")
        }
        if let passes = attack.passes(at: level) {
            parts.append("\(Numerals.amount(passes)) passes")
        }
        return parts.joined(separator: " · ")
    }

    /// What was asked.
    func settings(
        _ attack: AttackRun, _ asked: [(key: String, value: String)]
    ) -> Markup {
        let known = [("goal", Wording.goal(attack.goal)), ("norm", Wording.norm(attack.norm))]
        return tag("dl", ["class": "settings"]) {
            for (key, value) in known + asked.map({ (Wording.label($0.key), $0.value) }) {
                tag("div") {
                    tag("dt") { key }
                    tag("dd") { value }
                }
            }
        }
    }

    private func result(of attack: AttackRun) -> String {
        let (all, eligible) = (attack.samples.count, attack.eligible.count)
        guard let level = attack.featured, eligible > 0 else {
            return
                "None of the \(Numerals.count(all, "image")) was read correctly to begin with, so there was nothing to attack."
        }
        let hits = attack.successes(at: level).count
        let rounded = attack.roundedSuccesses(at: level)
        var text =
            attack.predictedLabels == all
            ? "All \(Numerals.count(all, "image")) were attacked away from the network’s own answer, whatever they show. "
            : "Of \(Numerals.count(all, "image")), the network read \(Numerals.whole(eligible)) correctly. "
        text += "The attack\(level.strength) reached its goal on \(Numerals.whole(hits)) of them "
        text += "(\(Numerals.percent(attack.successRate(at: level)))). "
        switch (hits, rounded) {
        case (0, _): text += "There is no success to show."
        case (let hits, let rounded) where rounded == hits:
            text +=
                "All of these still do so after their pixels are rounded to 256 levels, as saving a picture does."
        default:
            text +=
                "Rounding pixels to 256 levels, as saving a picture does, leaves \(Numerals.whole(rounded)) of these successes."
        }
        if let spent = attack.failuresAtLimit(at: level), hits < eligible {
            let failed = eligible - hits
            text +=
                " Of the \(Numerals.count(failed, "failure")), \(Numerals.whole(spent)) had changed as many "
            text += "values as γ allows"
            text += spent < failed ? "; for the others no pair of pixels was left." : "."
        }
        return text
    }

    /// For steps that were not clipped: what the network said to what was really proposed.
    private func unclipped(_ attack: AttackRun) -> Markup {
        guard let answers = attack.notes["unclipped_class"] else { return .nothing }
        let count = attack.samples.count
        let parts = attack.levels.enumerated().compactMap { index, level -> String? in
            guard answers.count == attack.levels.count * count, let epsilon = level.epsilon else {
                return nil
            }
            let hits = attack.eligible.count { position in
                let (sample, answer) = (attack.samples[position], answers[index * count + position])
                return sample.target.map { answer == Float($0) } ?? (answer != Float(sample.label))
            }
            return "\(Numerals.whole(hits)) at ε \(Numerals.epsilon(epsilon))"
        }
        guard !parts.isEmpty else { return .nothing }
        return paragraph {
            "The images as the step left them, with values below 0 and above 1, fooled the network on "
            "\(Wording.list(parts)) of \(Numerals.whole(attack.eligible.count)). A picture cannot hold such "
            "values; the table above counts the clamped images, which can be saved and looked at."
        }
    }

    private func summary(_ attack: AttackRun) -> Markup {
        let hasEpsilon = attack.levels.contains { $0.epsilon != nil }
        // Distances in the attack's own norm first, and then what all attacks are measured in.
        let own = Wording.norm(attack.norm)
        let distances: [(title: String, value: (AttackRun.Level) -> Double?)] = [
            (
                "Median \(own)",
                { level in
                    Statistics.quantile(
                        0.5, of: attack.measures(at: level) { $0.size(in: attack.norm) })
                }
            ),
            ("Mean L₂", { Statistics.mean(attack.measures(at: $0, \.l2)) }),
            ("Median L∞", { Statistics.quantile(0.5, of: attack.measures(at: $0, \.linf)) }),
        ].filter { $0.title != "Median L∞" || own != "L∞" }
        let head =
            (hasEpsilon ? ["ε"] : ["Run"]) + [
                "Success", "After 8-bit rounding", "Accuracy left", "Noise mean", "max", "min",
            ] + distances.map(\.title) + ["Passes", "FLOP"]
        let rows = attack.levels.map { level in
            let passes = attack.passes(at: level)
            return [
                level.epsilon.map(Numerals.epsilon) ?? attack.changeLimit.map { limit in
                    "at most \(Numerals.count(limit.values, "value"))"
                } ?? "no budget",
                Numerals.percent(attack.successRate(at: level)),
                Numerals.percent(
                    Statistics.share(attack.roundedSuccesses(at: level), of: attack.eligible.count)),
                Numerals.percent(attack.robustAccuracy(at: level)),
                Numerals.fixed(level.noise?.mean, 4), Numerals.fixed(level.noise?.max, 3),
                Numerals.fixed(level.noise?.min, 3),
            ] + distances.map { Numerals.significant($0.value(level)) }
                + [Numerals.amount(passes), Numerals.engineering(level.flops)]
        }
        return table(
            AttackText(attack).title + (hasEpsilon ? ", by ε" : "")
                + ", of n = \(Numerals.whole(attack.eligible.count)) images.",
            head: head, rows: rows)
    }

    private func triptychs(_ attack: AttackRun, _ level: AttackRun.Level) -> Markup {
        let chosen = Selection.takingTurns(
            attack.successes(at: level), labels: attack.samples.map(\.label),
            limit: study.layout.examples)
        let triptychs = chosen.compactMap { Triptych(study, attack, level, $0) }
        guard let first = triptychs.first else { return .nothing }
        guard !first.isPhotograph else {
            store(
                attack.name,
                triptychs.map {
                    [$0.original, $0.perturbationInColour, $0.adversarial].map {
                        $0.bitmap(in: .grey)
                    }
                }, scale: 1)
            return photographTriptychs(attack, level, triptychs)
        }
        var sheets = TriptychSheets(id: "attack-\(attack.name)", like: first.original)
        let cards = triptychs.map { card($0, sheets.add($0)) }
        let rows = triptychs.map { triptych in
            [
                triptych.original.bitmap(in: .grey),
                triptych.perturbation.bitmap(in: .signed),
                triptych.adversarial.bitmap(in: .grey),
            ]
        }
        store(
            attack.name,
            stride(from: 0, to: rows.count, by: 3).map { start in
                rows[start..<min(start + 3, rows.count)].flatMap { $0 }
            })
        return group {
            sheets.definitions
            figure(
                "wide",
                tag("ul", ["class": "triptychs"]) { for card in cards { tag("li") { card } } }
            ) {
                shown(triptychs.count, of: attack, level)
                ": original, perturbation times the factor under it (colours: "
                signedScale
                "), adversarial image. Beside the factor: what the network says, and how sure it is."
            }
        }
    }

    /// How many of the successes a figure shows: `Successes at ε 0.1, 12 of 570`.
    func shown(_ count: Int, of attack: AttackRun, _ level: AttackRun.Level) -> Markup {
        group {
            "Successes"
            level.strength
            ", \(Numerals.whole(count)) of \(Numerals.whole(attack.successes(at: level).count))"
        }
    }

    /// A triptych of small pictures, with what the network says under it.
    func card(
        _ triptych: Triptych,
        _ windows: (original: Markup, perturbation: Markup, adversarial: Markup)
    ) -> Markup {
        group {
            tag(
                "div",
                ["class": "triptych", "role": "img", "aria-label": triptych.description]
            ) {
                windows.original
                windows.perturbation
                windows.adversarial
            }
            tag("p", ["class": "answers"]) {
                tag("span") {
                    tag("b") { triptych.cleanName }
                    " \(Numerals.percent(Double(triptych.cleanConfidence)))"
                }
                tag("span", ["class": "factor"]) { Numerals.factor(Double(triptych.factor)) }
                tag("span", ["class": "wrong"]) {
                    tag("b") { triptych.finalName }
                    " \(Numerals.percent(Double(triptych.finalConfidence)))"
                }
            }
        }
    }

    private func failures(_ attack: AttackRun, _ level: AttackRun.Level) -> Markup {
        let all = attack.failures(at: level)
        guard study.layout.failures > 0 else { return .nothing }
        guard !all.isEmpty else {
            return paragraph {
                "There is no failure to show: every image gave way\(level.strength)."
            }
        }
        let chosen = Selection.takingTurns(
            all, labels: attack.samples.map(\.label), limit: study.layout.failures
        ).filter { attack.originals.holds($0) }
        guard let first = chosen.first else { return .nothing }
        let model = Picture(attack.originals, first)
        guard !model.isPhotograph else {
            return photographFailures(attack, level, chosen, all.count)
        }
        var sheet = Sheet(
            id: "failed-\(attack.name)", map: .grey, width: model.width, height: model.height)
        var bitmaps: [Bitmap] = []
        let cards = chosen.map { position in
            let picture = Picture(attack.originals, position)
            bitmaps.append(picture.bitmap(in: .grey))
            return failure(attack, level.outcomes[position], position, sheet.add(picture))
        }
        store("\(attack.name)-failures", [bitmaps])
        return group {
            sheet.definition
            figure(
                "wide",
                tag("ul", ["class": "failures"]) { for card in cards { tag("li") { card } } }
            ) {
                "Images that held: \(Numerals.whole(all.count)) of \(Numerals.whole(attack.eligible.count))"
                level.strength
                all.count > chosen.count
                    ? ", of which \(Numerals.whole(chosen.count)) are shown" : ""
                ". The originals are shown, with the answer to the best that the attack could propose"
                attack.isTargeted ? " and the class that it wanted." : "."
            }
        }
    }

    private func photographFailures(
        _ attack: AttackRun, _ level: AttackRun.Level, _ chosen: [Int], _ count: Int
    ) -> Markup {
        let cards = chosen.map { position in
            failure(
                attack, level.outcomes[position], position,
                photographIfRoom(
                    "\(attack.origin)-\(position)", Picture(attack.originals, position)))
        }
        return figure(
            "wide",
            tag("ul", ["class": "failures large"]) { for card in cards { tag("li") { card } } }
        ) {
            "Images that held: \(Numerals.whole(count)) of \(Numerals.whole(attack.eligible.count))"
            level.strength
            count > chosen.count ? ", of which \(Numerals.whole(chosen.count)) are shown" : ""
            ". The originals are shown, with the answer to the best that the attack could propose."
        }
    }

    /// Whether the images of this page are photographs.
    private var isPhotographic: Bool {
        study.attacks.contains { $0.originals.holds(0) && Picture($0.originals, 0).isPhotograph }
    }

    private func failure(
        _ attack: AttackRun, _ outcome: AttackRun.Outcome, _ position: Int, _ window: Markup
    ) -> Markup {
        let sample = attack.samples[position]
        let name = study.name(of: sample.label)
        let answer = study.name(of: outcome.proposedAnswer)
        let sure = Numerals.percent(Double(outcome.proposedConfidence))
        let wanted = sample.target.map { study.name(of: $0) }
        let words =
            "An image of \(Wording.answer(name)); the answer to the attempt is "
            + "\(Wording.answer(answer)), \(sure) sure"
            + (wanted.map { ", where \(Wording.answer($0)) was wanted." } ?? ".")
        return group {
            tag("div", ["class": "single", "role": "img", "aria-label": words]) { window }
            tag("p", ["class": "answers"]) {
                tag("span") {
                    tag("b") { answer }
                    " \(sure)"
                }
                if let wanted { tag("span", ["class": "wanted"]) { "wanted: \(wanted)" } }
            }
        }
    }
}
