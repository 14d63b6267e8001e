// Reads a published table: JSON with the paper's figures, references to ours, and what differs.

import Formats
import Report

/// Reads one table. Its keys are `title`, `source`, `text`, `columns` (each a `title` and a
/// `format`), `rows` (each a `title` and `cells`) and `differences`. A cell has the paper's figure as
/// `paper` and ours as `node`, `figure`, and where they are needed `epsilon`, `attack`, `model`.
struct PaperReader {
    private let name: String
    private let json: JSON

    init(_ file: MappedFile) throws {
        name = file.name
        json = try JSON.parse(Array(file.bytes), named: file.name, comments: true)
    }

    /// The table, every key and cell of it checked.
    /// - Throws: `VisualizeFault.wrongTable`, which names the place.
    func table() throws -> PaperTable {
        try requireKeys(
            json, ["title", "source", "text", "columns", "rows", "differences"], "the table")
        let columns = try list(json, "columns").map(column)
        guard !columns.isEmpty else { throw fault("`columns`", "at least one", "none") }
        return PaperTable(
            title: try text(json, "title"), source: try text(json, "source"),
            text: json["text"]?.string ?? "", columns: columns,
            rows: try list(json, "rows").map { try row($0, columns.count) },
            differences: (json["differences"]?.array ?? []).compactMap(\.string))
    }

    private func column(_ json: JSON) throws -> PaperTable.Column {
        try requireKeys(json, ["title", "format"], "a column")
        let word = try text(json, "format")
        guard let format = PaperTable.Format(rawValue: word) else {
            let known = PaperTable.Format.allCases.map(\.rawValue).joined(separator: ", ")
            throw fault("`format`", "one of \(known)", word)
        }
        return PaperTable.Column(title: try text(json, "title"), format: format)
    }

    private func row(_ json: JSON, _ columns: Int) throws -> PaperTable.Row {
        try requireKeys(json, ["title", "cells"], "a row")
        let cells = try list(json, "cells").map(cell)
        let title = try text(json, "title")
        guard cells.count == columns else {
            throw fault("the row \(title)", "\(columns) cells", "\(cells.count)")
        }
        return PaperTable.Row(title: title, cells: cells)
    }

    private func cell(_ json: JSON) throws -> PaperTable.Cell {
        try requireKeys(json, ["paper", "node", "figure", "epsilon", "attack", "model"], "a cell")
        guard let node = json["node"]?.string else {
            return PaperTable.Cell(published: json["paper"]?.double, ours: nil)
        }
        let figure = try text(json, "figure")
        let known = PaperTable.figures[String(node.prefix { $0 != "-" })]
        guard let known, known.contains(figure) else {
            let words = known?.joined(separator: ", ") ?? "those of train-, attack- or transfer-"
            throw fault("the figure of \(node)", "one of \(words)", figure)
        }
        return PaperTable.Cell(
            published: json["paper"]?.double,
            ours: PaperTable.Reference(
                node: node, figure: figure, epsilon: json["epsilon"]?.double,
                attack: json["attack"]?.string ?? "", model: json["model"]?.string ?? ""))
    }

    // MARK: Parts

    private func list(_ json: JSON, _ key: String) throws -> [JSON] {
        guard let list = json[key]?.array else {
            throw fault("`\(key)`", "a list", json[key]?.kind ?? "absent")
        }
        return list
    }

    private func text(_ json: JSON, _ key: String) throws -> String {
        guard let text = json[key]?.string else {
            throw fault("`\(key)`", "a text", json[key]?.kind ?? "absent")
        }
        return text
    }

    private func requireKeys(_ json: JSON, _ known: Set<String>, _ what: String) throws {
        guard let members = json.object else { throw fault(what, "an object", json.kind) }
        if let odd = members.keys.sorted().first(where: { !known.contains($0) }) {
            throw fault("the keys of \(what)", known.sorted().joined(separator: ", "), odd)
        }
    }

    private func fault(_ what: String, _ expected: String, _ found: String) -> VisualizeFault {
        .wrongTable(file: name, what: what, expected: expected, found: found)
    }
}
