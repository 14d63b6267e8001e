// Tables for the terminal: columns as wide as their widest cell, numbers to the right.

/// A table of texts.
public struct TextTable {
    private var rows: [[String]]

    /// A table with its headings.
    public init(_ headings: [String]) { rows = [headings] }

    /// Adds a row; missing cells are empty.
    public mutating func add(_ cells: [String]) { rows.append(cells) }

    /// The table as lines, the headings underlined. The first column is flush left.
    public var lines: [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        func line(_ cells: [String]) -> String {
            (0..<columns).map { column in
                let cell = column < cells.count ? cells[column] : ""
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column == 0 ? cell + space : space + cell
            }.joined(separator: "  ")
        }
        let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ")
        return [line(rows[0]), rule] + rows.dropFirst().map(line)
    }

    /// A number with a fixed count of decimals, the same on every machine; a dash for none.
    public static func number(_ value: Double?, decimals: Int) -> String {
        guard let value, value.isFinite else { return "–" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 1e15 else { return value.description }
        let digits = String(Int64(scaled))
        let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
        let sign = value < 0 && scaled > 0 ? "−" : ""
        let whole = padded.dropLast(decimals)
        return decimals == 0 ? sign + padded : "\(sign)\(whole).\(padded.suffix(decimals))"
    }

    /// A share as a percentage with two decimals.
    public static func percent(_ share: Double?) -> String {
        share.map { number($0 * 100, decimals: 2) + " %" } ?? "–"
    }
}
