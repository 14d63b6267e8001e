// A heat map that is a table: every cell has its number and its headers, so that it can be read
// aloud, copied and printed; colour only helps the eye.

/// A table of numbers with rows and columns named alike.
struct HeatTable {
    /// One cell: what is written, and how strongly it is coloured.
    struct Cell {
        let text: String
        /// In [0, 1]; nil for a cell that cannot have a value.
        let strength: Double?
        /// Read aloud and shown under the pointer.
        var hint: String?
    }

    let caption: String
    let rowTitle: String
    let columnTitle: String
    let rows: [String]
    let columns: [String]
    let cells: [[Cell]]
    /// Whether the diagonal is something else than the rest, as in a confusion matrix.
    var marksDiagonal = false
    /// The attack and, where it has one, the ε whose images the cells count: each then leads to them.
    var images: (attack: String, epsilon: Double?)?
    /// Whether the rows have long titles.
    var isWideRowed = false

    var markup: Markup {
        tag(
            "div",
            ["class": "scroll", "role": "region", "aria-label": caption, "tabindex": "0"]
        ) {
            tag(
                "table",
                [
                    "class": className, "data-attack": images?.attack,
                    "data-epsilon": images?.epsilon.map { "\($0)" },
                ]
            ) {
                tag("caption") { caption }
                tag("thead") {
                    tag("tr") {
                        tag("th", ["scope": "col", "class": "corner"]) {
                            tag("span") { "\(rowTitle) ↓" }
                            tag("br")
                            tag("span") { "\(columnTitle) →" }
                        }
                        for column in columns {
                            tag("th", ["scope": "col"]) { tag("span") { column } }
                        }
                    }
                }
                tag("tbody") {
                    for (number, row) in rows.enumerated() {
                        tag("tr") {
                            tag("th", ["scope": "row"]) { row }
                            for (column, cell) in cells[number].enumerated() {
                                written(cell, onDiagonal: number == column)
                            }
                        }
                    }
                }
            }
        }
    }

    private var className: String {
        if isWideRowed { return "heat titled" }
        return columns.contains { $0.count > 3 } ? "heat named" : "heat"
    }

    private func written(_ cell: Cell, onDiagonal: Bool) -> Markup {
        let classes = [
            (cell.strength ?? 0) > 0.6 ? "strong" : nil,
            cell.strength == nil ? "empty" : nil,
            marksDiagonal && onDiagonal ? "diagonal" : nil,
        ].compactMap { $0 }
        return tag(
            "td",
            [
                "class": classes.isEmpty ? nil : classes.joined(separator: " "),
                "style": cell.strength.map { "--v:" + coordinate($0) },
                "title": cell.hint,
            ]
        ) { tag("span") { cell.text } }
    }
}
