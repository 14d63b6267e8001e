// What a comparison comes to, in sentences: for the page, for the terminal, for whoever reads a log.

extension PairedFigure {
    /// Where it is: `L∞ at ε 0.1, all attacks of each side`.
    public var place: String {
        "\(Wording.norm(norm)) at ε \(Numerals.budget(epsilon)), "
            + (isOfShared ? "attacks that both sides ran" : "all attacks of each side")
    }
}

extension PairedShares {
    /// The difference with all that is to be known of it.
    var words: String {
        let (low, high) = interval
        return
            "\(percent(a)) → \(percent(b)) of \(Numerals.count(images, "image")), "
            + "\(Numerals.points(difference)) points (95\u{202F}% interval "
            + "\(Numerals.points(low)) to \(Numerals.points(high)); McNemar p "
            + "\(Numerals.probability(probability)): "
            + (isSignificant ? "significant by itself" : "not significant") + ")"
    }

    private func percent(_ count: Int) -> String {
        Numerals.percent(Statistics.share(count, of: images))
    }
}

extension PairedStudy {
    /// The page in a sentence or two.
    var headline: String {
        if isIdentical {
            return
                "A and B are the same: all that is behind them has equal digests, so there is no difference."
        }
        let all = tellingFigures
        let isShared = all.contains(where: \.isOfShared)
        let isFound = Statistics.holm(all.map(\.shares.probability))
        let found = zip(all, isFound).filter(\.1).map(\.0.shares.difference)
        let (worse, better) = (found.count { $0 < 0 }, found.count { $0 > 0 })
        let places = Numerals.count(all.count, "budget")
        let words =
            switch (worse, better) {
            case (0, 0): "At none of \(places) is the difference between A and B significant"
            case (_, 0):
                "B stands significantly less often than A at \(worse) of \(places), and at none significantly more often"
            case (0, _):
                "B stands significantly more often than A at \(better) of \(places), and at none significantly less often"
            default:
                "B stands significantly more often than A at \(better) of \(places), and significantly less often at \(worse)"
            }
        let tests =
            all.count > 1 ? ", corrected by Holm’s method for \(all.count) tests" : ""
        return words + " (McNemar’s exact test at 5\u{202F}%\(tests))."
            + (isShared
                ? " That is under the attacks that both sides ran: they were not attacked alike."
                : "")
            + (isUneven && !isShared ? " But the sides were not attacked alike." : "")
    }

    /// The figures that tell the two sides apart: those of all attacks; of those that both ran where one side was
    /// attacked with less, since it then stands more often.
    var tellingFigures: [PairedFigure] {
        let isShared = isUneven && figures.contains(where: \.isOfShared)
        return figures.filter { $0.isOfShared == isShared }
    }

    /// Whether a side has attacks that the other lacks.
    var isUneven: Bool { !uneven.isEmpty }

    /// What keeps the gate from holding: where B is worse by more than it allows, also before any attack, and what
    /// B was not tried with although A was, unless a part is enough. None without a gate.
    public var gateFailures: [String] {
        guard gate != nil else { return [] }
        return cleanFailures + failures.map { "\($0.place): \($0.shares.words)" }
            + (isPartial ? [] : lacking)
    }

    /// What the gate says; nil without one.
    public var gateWords: String? {
        guard let gate else { return nil }
        let places = Numerals.count(figures.count, "place")
        let limit = "worse than A by more than \(Numerals.plain(gate * 100)) points"
        guard !gateFailures.isEmpty else {
            return "The gate holds: at none of \(places) is B \(limit)."
                + (lacking.isEmpty ? "" : " What A has and B lacks was not asked for.")
        }
        let reasons = [
            cleanFailures.isEmpty ? nil : "B reads fewer images before any attack",
            failures.isEmpty ? nil : "at \(failures.count) of \(places) B is \(limit)",
            isPartial || lacking.isEmpty ? nil : "B was not tried with all that A was",
        ]
        return "The gate does not hold: "
            + reasons.compactMap { $0 }.joined(separator: ", and ") + "."
    }
}
