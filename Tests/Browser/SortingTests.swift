// Tables that sort by any column.

import Formats
import Testing

@Browsing @Suite(.browser) struct SortingTests {
    private static let table = "#comparison table.sortable"

    /// The texts of a column, from top to bottom.
    private func column(_ number: Int, _ tab: Tab) throws -> [String] {
        try tab.texts(
            "[...document.querySelector('\(Self.table)').tBodies[0].rows].map((row) => row.cells[\(number)].innerText)"
        )
    }

    /// The place of a column, by its head.
    private func place(of head: String, _ tab: Tab) throws -> Int {
        let heads = try tab.texts(
            "[...document.querySelectorAll('\(Self.table) thead th')].map((head) => head.innerText.trim())"
        )
        return try #require(heads.firstIndex(of: head))
    }

    @Test func aColumnOfNumbersSortsByClickAndByKey() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.open(study.page)
            let passes = try place(of: "Passes", tab)
            let before = try column(passes, tab)
            let sorted = before.compactMap(number).sorted()
            #expect(sorted.count == before.count && Set(sorted).count > 3)
            #expect(before.compactMap(number) != sorted)

            try tab.click(.button("Passes", in: Self.table))
            #expect(try column(passes, tab).compactMap(number) == sorted.reversed())
            try tab.press("Enter")
            #expect(try column(passes, tab).compactMap(number) == sorted)
            let states = try tab.evaluate(
                "[...document.querySelectorAll('\(Self.table) [aria-sort]')].map((head) => [head.innerText.trim(), head.ariaSort])"
            )
            #expect(states == [["Passes", "ascending"]])
            // Every row is still there, once.
            #expect(try column(passes, tab).sorted() == before.sorted())
        }
    }

    @Test func namesSortByLetters() throws {
        let study = try MadeStudy.made.get()
        try Browser.withTab { tab in
            try tab.open(study.page)
            let before = try column(0, tab)
            try tab.click(.button("Attack", in: Self.table))
            let up = try column(0, tab)
            #expect(up.sorted() == before.sorted() && up != before)
            #expect(up.map { $0.lowercased() } == up.map { $0.lowercased() }.sorted())
            try tab.click(.button("Attack", in: Self.table))
            #expect(try column(0, tab).first == up.last)
        }
    }
}

/// A number as the page writes it: "1,234.5", "−3", "41.2 %", "26.6 M", "64/255"; nil where there is none.
func number(_ text: String) -> Double? {
    let parts = text.split(separator: "/").map(String.init)
    if parts.count == 2, let above = number(parts[0]), let below = number(parts[1]) {
        return above / below
    }
    let units: [Character: Double] = ["k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12]
    let plain = text.replacing("−", with: "-").replacing(",", with: "")
    let digits = plain.drop { !"-0123456789".contains($0) }.prefix { "-.0123456789".contains($0) }
    return Double(digits).map { $0 * (plain.last.flatMap { units[$0] } ?? 1) }
}
