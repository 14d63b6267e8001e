// Images made for one network, shown to others: the transfer matrix.

extension Page {
    /// A matrix for each node of the stage `transfer`; nil without one.
    var transfer: Markup? {
        guard !study.transfers.isEmpty else { return nil }
        return group {
            paragraph {
                "An adversarial image is made with one network in view. Does it fool another? Each row "
                "holds the images with which an attack fooled the network in brackets, each column a "
                "network that is shown them. A figure is the share of these images that it misreads, "
                "so it stands at 100\u{202F}% where it meets the images made for it. What a network "
                "misreads anyway is told under the matrix."
            }
            for result in study.transfers { matrix(result) }
        }
    }

    private func matrix(_ result: TransferResult) -> Markup {
        var titles: [String] = []
        var cells: [[HeatTable.Cell]] = []
        for row in result.rows {
            for (level, epsilon) in zip(row.levels, row.epsilons) {
                let strength = epsilon.map { ", ε \(Numerals.epsilon($0))" } ?? ""
                titles.append("\(row.name)\(strength) (\(row.source))")
                cells.append(
                    result.models.indices.map { column in
                        let share = Statistics.share(level.wrong[column], of: level.successes)
                        return HeatTable.Cell(
                            text: share.map { Numerals.fixed($0 * 100, 0) } ?? "·",
                            strength: share,
                            hint: "\(result.models[column]) misreads "
                                + "\(Numerals.whole(level.wrong[column])) of "
                                + "\(Numerals.count(level.successes, "image")) of \(row.name)\(strength); "
                                + "of \(Numerals.whole(level.before[column])) that it read correctly "
                                + "before, \(Numerals.whole(level.fooled[column]))")
                    })
            }
        }
        let table = HeatTable(
            caption:
                "Transfer \(result.name): images misread, in per cent of those that fooled their own network",
            rowTitle: "images", columnTitle: "network", rows: titles, columns: result.models,
            cells: cells, isWideRowed: true)
        let clean = zip(result.models, result.clean).map { model, count in
            "\(model) \(Numerals.percent(Statistics.share(result.images - count, of: result.images)))"
        }
        return figure("wide", table.markup) {
            "Transfer, "
            code(result.name)
            ": adversarial images misread by each network, in per cent of those that fooled the network "
            "that they were made for. A dot: there are none. Of the untouched images the networks "
            "misread: \(Wording.list(clean)). Of random noise only the images that happened to fool "
            "their own network are in its rows."
        }
    }
}
