// Variants of one attack: what they share, how they differ in settings and results, and the part of each.

extension Page {
    /// The article of several variants; the first is unfolded where parts are.
    func article(of variants: [AttackRun], _ first: AttackRun) -> Markup {
        let texts = variants.map(AttackText.init)
        let keys = variants.dropFirst().reduce(into: Set<String>()) {
            $0.formUnion($1.differences(from: first))
        }
        let title = Self.beginning(texts.map(\.title), at: ", ")
        let shared = Self.beginning(texts.map(\.explanation), at: ". ")
        return tag("article", ["aria-labelledby": "variants-\(first.name)-h"]) {
            tag("details", ["class": "attack", "open": isFolded ? nil : "open"]) {
                tag("summary") {
                    tag("h3", ["id": "variants-\(first.name)-h"]) { title }
                    tag("span", ["class": "gist"]) {
                        "\(Numerals.whole(variants.count)) variants: "
                        variants.map(\.name).joined(separator: " · ")
                    }
                }
                tag("div", ["class": "unfolded", "id": "variants-\(first.name)"]) {
                    paragraph { shared }
                    settings(first, first.shownSettings.filter { !keys.contains($0.key) })
                    differences(variants, texts, keys, title)
                    for (attack, text) in zip(variants, texts) {
                        tag("div", ["class": "variant"]) {
                            variant(
                                attack, text, keys, shared, isOpen: attack.name == first.name)
                        }
                    }
                }
            }
        }
    }

    private func variant(
        _ attack: AttackRun, _ text: AttackText, _ keys: Set<String>, _ shared: String,
        isOpen: Bool
    ) -> Markup {
        part(of: attack, heading: "h4", text.short, isOpen: isOpen && !isFolded) {
            let rest = text.explanation.dropFirst(shared.count).drop { $0 == " " }
            if !rest.isEmpty { paragraph { String(rest) } }
            text.formula
            settings(attack, attack.shownSettings.filter { keys.contains($0.key) })
        }
    }

    /// The settings in which variants differ, beside what each of them did.
    private func differences(
        _ variants: [AttackRun], _ texts: [AttackText], _ keys: Set<String>, _ title: String
    ) -> Markup {
        let norm = Wording.norm(variants[0].norm)
        let asked = keys.sorted().filter { key in
            variants.contains { variant in variant.shownSettings.contains { $0.key == key } }
        }
        let rows = zip(variants, texts).map { attack, text -> [String] in
            let level = attack.featured
            let count = attack.eligible.count
            let sizes = level.map { attack.measures(at: $0) { $0.size(in: attack.norm) } }
            let rounded = level.map { attack.roundedSuccesses(at: $0) }
            return [text.short]
                + asked.map { key in
                    attack.shownSettings.first { $0.key == key }?.value ?? Numerals.none
                } + [
                    Numerals.whole(count),
                    Numerals.percent(level.flatMap { attack.successRate(at: $0) }),
                    Numerals.percent(rounded.flatMap { Statistics.share($0, of: count) }),
                    Numerals.significant(sizes.flatMap { Statistics.quantile(0.5, of: $0) }),
                    Numerals.significant(sizes.flatMap { Statistics.mean($0) }),
                    Numerals.amount(level.flatMap { attack.passes(at: $0) }),
                ]
        }
        return table(
            "\(title): the variants, which differ in \(Wording.list(asked.map(Wording.label))) alone.",
            head: ["Variant"] + asked.map(Wording.label) + [
                "n", "Success", "After 8-bit rounding", "Median \(norm)", "Mean \(norm)", "Passes",
            ], rows: rows)
    }

    /// What texts have in common from the start, cut at the last separator; the whole text where all are
    /// equal. A sentence keeps its full stop.
    static func beginning(_ texts: [String], at separator: String) -> String {
        guard let first = texts.first, texts.contains(where: { $0 != first }) else {
            return texts.first ?? ""
        }
        let common = texts.dropFirst().reduce(first) { $0.commonPrefix(with: $1) }
        guard let end = common.ranges(of: separator).last else {
            return separator == ". " ? "" : common
        }
        return String(common[..<end.lowerBound]) + (separator == ". " ? "." : "")
    }
}

extension String {
    /// The characters that two texts begin with.
    fileprivate func commonPrefix(with other: String) -> String {
        String(zip(self, other).prefix { $0 == $1 }.map(\.0))
    }
}
