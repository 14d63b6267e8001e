// The leaderboard of a norm: every figure with an address of its own, and the digest of the artifact
// that it is from. Scripts add a button that copies it.

extension Page {
    /// What the columns of all leaderboards mean.
    var leaderboardWords: Markup {
        paragraph {
            "The leaderboards go from the strongest attack to the weakest. Rank is by paired leads: of two attacks "
            "the one leads that turns more of the images that both saw, on average over all budgets at which "
            "both were run, and not at the ε of the table alone; of two without a budget, the one that comes "
            "nearer on more images. Accuracy left is that of the n images that an attack saw, with its "
            "95\u{202F}% interval; beside it stands what all attacks together leave of the same images. Passes "
            "are forward and backward ones for one image. A win is an image for which no other attack found a "
            "smaller change; a tie is a win for each, so that wins can add up to more than 100\u{202F}%. The "
            "median is that of an attack’s successes. An attack is superseded by the strongest one that on all "
            "its images leaves no more at any budget that both were given, of which there must be two at least, "
            "at no more passes, wants the same and asks no more of the network: gradients, scores, answers or "
            "nothing. This compares the counts of these images; it is no statement about others."
        }
    }

    /// The table of a comparison; nothing where there is no budget to compare at.
    func leaderboard(_ comparison: Comparison, _ number: Int) -> Markup {
        guard let board = Leaderboard(comparison) else { return .nothing }
        // A budget as it was asked for, a median as a figure.
        let isAsked = comparison.budgets.contains { $0.epsilon == board.epsilon }
        let budget =
            isAsked ? Numerals.epsilon(board.epsilon) : Numerals.concise(board.epsilon)
        let norm = Wording.norm(comparison.norm)
        return table(
            "Leaderboard in \(norm) at ε \(budget), of n images of the picture; wins of "
                + "\(Numerals.count(board.turned, "image")) that every attack saw and one turned.",
            head: [
                "Attack", "Rank", "Accuracy left", "95\u{202F}% interval", "n", "All together",
                "Passes", "Wins", "Median \(norm)", "Superseded by", "Artifact",
            ],
            rows: board.rows.enumerated().map { row($0.element, $0.offset + 1, board, number) },
            foot: [worst(board, number)], sortable: true, className: "leaderboard")
    }

    private func row(
        _ row: Leaderboard.Row, _ rank: Int, _ board: Leaderboard, _ number: Int
    ) -> TableRow {
        let item = study.artifact(of: row.attack)
        func share(_ count: Int?, of whole: Int) -> String {
            Numerals.percent(count.flatMap { Statistics.share($0, of: whole) })
        }
        let superseding = row.superseding.map { attack in
            TableRow.Cell(AttackText(attack).short, link: "#attack-\(attack.name)")
        }
        let cells: [TableRow.Cell] = [
            TableRow.Cell(AttackText(row.attack).short, link: "#attack-\(row.attack.name)"),
            "\(rank)",
            TableRow.Cell(share(row.left, of: row.images)),
            TableRow.Cell(
                row.left.map { Page.interval($0, of: row.images) } ?? Numerals.none),
            TableRow.Cell(Numerals.whole(row.images)),
            TableRow.Cell(share(row.worst, of: row.images)),
            TableRow.Cell(Numerals.amount(row.passes)),
            TableRow.Cell(share(row.wins, of: board.turned)),
            TableRow.Cell(Numerals.significant(row.median)),
            superseding ?? TableRow.Cell(Numerals.none),
            TableRow.Cell(item.map { String($0.digest.prefix(12)) } ?? Numerals.none),
        ]
        return TableRow(
            cells: named(cells, "norm-\(number)-\(row.attack.name)"), artifact: item?.name,
            digest: item?.digest)
    }

    /// What all attacks together leave, whose figures rest on all their artifacts.
    private func worst(_ board: Leaderboard, _ number: Int) -> TableRow {
        let comparison = board.comparison
        let left = comparison.standing(at: board.epsilon)
        let items = comparison.entries.compactMap { study.artifact(of: $0.attack) }
        let dash = TableRow.Cell(Numerals.none)
        let cells: [TableRow.Cell] = [
            "all together", dash,
            TableRow.Cell(Numerals.percent(Statistics.share(left, of: comparison.images))),
            TableRow.Cell(Page.interval(left, of: comparison.images)),
            TableRow.Cell(Numerals.whole(comparison.images)), dash, dash, dash,
            TableRow.Cell(
                Numerals.significant(
                    Statistics.quantile(
                        0.5,
                        of: comparison.chosen.images.map { Double(comparison.worst[$0]) }
                            .filter(\.isFinite)))), dash, dash,
        ]
        return TableRow(
            cells: named(cells, "norm-\(number)-all"),
            artifact: items.isEmpty ? nil : items.map(\.name).joined(separator: " "),
            digest: items.isEmpty ? nil : items.map(\.digest).joined(separator: " "))
    }

    /// Gives each figure of a row an address: `norm-0-pgd-left`.
    private func named(_ cells: [TableRow.Cell], _ row: String) -> [TableRow.Cell] {
        let columns = [
            nil, "rank", "left", "interval", "n", "all", "passes", "wins", "median", nil, nil,
        ]
        return zip(cells, columns).map { cell, column in
            var cell = cell
            if cell.text != Numerals.none { cell.id = column.map { "\(row)-\($0)" } }
            return cell
        }
    }
}

extension Study {
    /// The tensors that an attack wrote, beside their table; nil if its record is not known.
    func artifact(of attack: AttackRun) -> ProvenanceNode.Item? {
        provenance.first { $0.name == "attack-\(attack.name)" }?.outputs
            .first { $0.name.hasSuffix(".safetensors") }
    }
}
