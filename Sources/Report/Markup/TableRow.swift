// The rows of a table: most are words, some have cells that can be linked to.

/// A row; its first cell is the heading of the others.
struct TableRow {
    var cells: [Cell]
    /// The artifacts that its figures are from, and their digests, one after the other.
    var artifact: String?, digest: String?

    /// What stands in a place of a table.
    struct Cell: ExpressibleByStringInterpolation {
        let text: String
        /// The name by which it can be linked to; unique on the page.
        var id: String?
        /// Where it leads.
        var link: String?

        init(_ text: String, link: String? = nil) { (self.text, self.link) = (text, link) }

        init(stringLiteral text: String) { self.init(text) }
    }

    var markup: Markup {
        tag("tr", ["data-artifact": artifact, "data-sha256": digest]) {
            for (column, cell) in cells.enumerated() {
                tag(
                    column == 0 ? "th" : "td",
                    ["scope": column == 0 ? "row" : nil, "id": cell.id]
                ) {
                    if let link = cell.link {
                        tag("a", ["href": link]) { cell.text }
                    } else {
                        cell.text
                    }
                }
            }
        }
    }
}
