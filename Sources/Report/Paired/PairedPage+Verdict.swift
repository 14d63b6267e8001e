// What the page says first: the gate, what was left out, and what is not the same on the two sides.

extension PairedPage {
    /// The outcome in short.
    var verdict: Markup? {
        group {
            if study.isIdentical {
                paragraph {
                    "Every network, sample, data set and attack of B has the same SHA-256 digest as that of "
                    "A. The figures below are equal, as they must be."
                }
            }
            if let words = study.gateWords {
                let failures = study.gateFailures
                paragraph(failures.isEmpty ? nil : "warning") {
                    strong(words)
                    if !failures.isEmpty { " This is why:" }
                }
                if !failures.isEmpty {
                    tag("ul") { for failure in failures { tag("li") { failure } } }
                }
            }
            if study.isUneven {
                paragraph("warning") {
                    "The sides were not attacked alike, and a network that was attacked less stands more "
                    "often. The tables below therefore also count only the attacks that both ran. "
                    study.uneven.map { $0 + "." }.joined(separator: " ")
                }
            }
            if !study.unequal.isEmpty {
                paragraph("warning") {
                    "Left out, since the picture of that number and label is not the same on both sides: "
                    Numerals.count(study.unequal.count, "image")
                    " (number "
                    study.unequal.prefix(20).map { Numerals.whole($0.index) }.joined(
                        separator: ", ")
                    study.unequal.count > 20 ? ", …)." : ")."
                }
            }
            if !study.obstacles.isEmpty {
                paragraph { "Not compared:" }
                tag("ul") { for obstacle in study.obstacles { tag("li") { obstacle } } }
            }
            paragraph {
                "Every image counts once on each side, so that chance in the choice of images falls out of "
                "the difference: what matters is only on how many images the two sides differ, and which "
                "way. The last section says how."
            }
        }
    }

    /// Digests and settings that are not equal.
    var changed: Markup? {
        let pairs = study.nodes
        let differing = pairs.filter { !$0.isSame }
        func short(_ digest: String?) -> String {
            digest.map { String($0.prefix(12)) } ?? Numerals.none
        }
        func cut(_ text: String?) -> String {
            guard let text else { return Numerals.none }
            return text.count > 90 ? text.prefix(90) + "…" : text
        }
        let settings = pairs.flatMap { pair in
            pair.differences.map { [pair.name, $0.key, cut($0.a), cut($0.b)] }
        }
        let alone = pairs.filter { $0.a == nil || $0.b == nil }
        return group {
            paragraph {
                let same = pairs.count - differing.count
                "Of \(Numerals.count(pairs.count, "step")) of the pipeline, "
                "\(Numerals.whole(same)) made the same on both sides, byte by byte."
                if !alone.isEmpty {
                    " Only one side has "
                    Wording.list(alone.map { "\($0.name) (\($0.a == nil ? "B" : "A"))" })
                    "."
                }
                // What one side alone has is no difference of settings, and equal steps have none.
                if settings.isEmpty, differing.count > alone.count {
                    " No setting is another one; what differs comes from the data, or from the code."
                }
            }
            if !settings.isEmpty {
                page.table(
                    "Settings that are not equal, key by key. A dash: that side has no such setting.",
                    head: ["Step", "Setting", nameA, nameB], rows: settings, className: "named")
            }
            if !pairs.isEmpty {
                page.table(
                    "What each step made: the beginning of its SHA-256 digest, data first.",
                    head: ["Step", "Artifact", "", nameA, nameB],
                    rows: pairs.flatMap { pair in
                        pair.outputs.map {
                            [
                                pair.name, $0.name, $0.a == $0.b ? "=" : "≠", short($0.a),
                                short($0.b),
                            ]
                        }
                    }, className: "named")
            }
        }
    }

    /// The accuracy of the networks, untouched.
    var clean: Markup? {
        var seen: Set<String> = []
        let rows = study.groups.compactMap { group -> [String]? in
            let (joint, shares) = (group.joint, group.joint.pool.clean)
            let network =
                joint.modelA == joint.modelB ? joint.modelA : "\(joint.modelA) / \(joint.modelB)"
            let row = [network, Numerals.whole(shares.images)] + cells(shares)
            return seen.insert(row.joined(separator: "|")).inserted ? row : nil
        }
        guard !rows.isEmpty else { return nil }
        return page.table(
            "Images read correctly before any attack, of those that both sides attacked.",
            head: ["Network", "n"] + heads("right"), rows: rows)
    }

    /// The columns of a paired table after its first.
    func heads(_ verb: String) -> [String] {
        [
            nameA, nameB, "B − A, points", "95\u{202F}% interval", "only A \(verb)",
            "only B \(verb)", "McNemar p",
        ]
    }

    func cells(_ shares: PairedShares) -> [String] {
        let (low, high) = shares.interval
        return [
            Numerals.percent(share(shares.a, shares)), Numerals.percent(share(shares.b, shares)),
            Numerals.points(shares.difference),
            "\(Numerals.points(low)) … \(Numerals.points(high))",
            Numerals.whole(shares.onlyA), Numerals.whole(shares.onlyB),
            Numerals.probability(shares.probability),
        ]
    }
}
