// The tables of the founding papers, each beside our own figures, with what differs between them.

extension Page {
    /// One part a table; nil if the study has none.
    var papers: Markup? {
        guard !study.papers.isEmpty else { return nil }
        return group {
            paragraph {
                "Each table below gives a paper’s figures and, beside them, those of this experiment. "
                "Every network was trained anew and no weights of the authors were used, so equal "
                "figures are not to be expected, only figures of one kind. Under each table stands "
                "all that we know to differ. A dash: no such figure."
            }
            for table in study.papers { beside(table) }
        }
    }

    private func beside(_ paper: PaperTable) -> Markup {
        let head = [""] + paper.columns.flatMap { ["\($0.title), paper", "ours"] }
        let rows = paper.rows.map { row in
            [row.title]
                + zip(paper.columns, row.cells).flatMap { column, cell in
                    [cell.published, cell.ours.flatMap { study.figure($0) }].map {
                        text($0, column.format)
                    }
                }
        }
        return group {
            tag("h3") { paper.title }
            if !paper.text.isEmpty { paragraph { paper.text } }
            table("\(paper.source).", head: head, rows: rows, className: "pairs")
            if !paper.differences.isEmpty {
                tag("div", ["class": "differences"]) {
                    tag("h4") { "What differs" }
                    tag("ul") { for difference in paper.differences { tag("li") { difference } } }
                }
            }
        }
    }

    private func text(_ value: Double?, _ format: PaperTable.Format) -> String {
        switch format {
        case .percent: Numerals.percent(value)
        case .number: Numerals.significant(value)
        case .whole: Numerals.fixed(value, 0)
        case .fine: Numerals.fixed(value, 4)
        }
    }
}
