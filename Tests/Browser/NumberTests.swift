// The numbers that people see are those of the store.

import Formats
import Testing

@Browsing @Suite(.browser) struct NumberTests {
    /// The table of an attack by ε: a row of texts for each of its rows.
    private func rows(_ attack: String, _ tab: Tab) throws -> [[String]] {
        let rows = try tab.evaluate(
            "[...document.querySelector('#attack-\(attack) table').tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent))"
        )
        return (rows.array ?? []).map { ($0.array ?? []).compactMap(\.string) }
    }

    /// The heads of that table.
    private func heads(_ attack: String, _ tab: Tab) throws -> [String] {
        try tab.texts(
            "[...document.querySelectorAll('#attack-\(attack) table thead th')].map((head) => head.textContent)"
        )
    }

    @Test(arguments: ["fgsm", "pgd", "uniform-noise", "fgsm-lenet", "pgd-lenet"])
    func anAttacksTableIsItsRecord(attack: String) throws {
        let study = try MadeStudy.made.get()
        let recorded = try #require(try study.record("attack-\(attack)")["summary"]?["rows"]?.array)
        try Browser.withTab { tab in
            try tab.open(study.page)
            let (heads, rows) = try (heads(attack, tab), rows(attack, tab))
            #expect(rows.count == recorded.count)
            for (row, record) in zip(rows, recorded) {
                func shown(_ head: String) -> Double? {
                    heads.firstIndex(of: head).flatMap { number(row[$0]) }
                }
                func expect(_ head: String, _ value: Double?, within tolerance: Double) throws {
                    let (shown, value) = try (#require(shown(head)), #require(value))
                    #expect(abs(shown - value) <= tolerance, "\(attack) \(row[0]): \(head)")
                }
                try expect("ε", record["epsilon"]?.double, within: 0.0005)
                try expect(
                    "Success", record["success_rate"]?.double.map { 100 * $0 }, within: 0.0501)
                try expect(
                    "Accuracy left", record["robust_accuracy"]?.double.map { 100 * $0 },
                    within: 0.0501)
            }
        }
    }

    /// The tensors themselves, counted here, not the summary that the page was made from.
    @Test func successesAreThoseOfTheTensors() throws {
        let study = try MadeStudy.made.get()
        let tensors = try study.tensors("attack/fgsm")
        let (success, eligible) = try (tensors.uint8s("success"), tensors.uint8s("eligible"))
        let images = eligible.count
        let attacked = eligible.filter { $0 == 1 }.count
        try Browser.withTab { tab in
            try tab.open(study.page)
            let rows = try rows("fgsm", tab)
            for (level, row) in rows.enumerated() {
                let hits = success[level * images..<(level + 1) * images].filter { $0 == 1 }.count
                let rate = 100 * Double(hits) / Double(attacked)
                #expect(abs(try #require(number(row[1])) - rate) <= 0.0501)
            }
            #expect(rows.count * images == success.count)
        }
    }

    @Test(arguments: ["mlp", "our-lenet"]) func aNetworksAccuracyIsThatOfItsTraining(name: String)
        throws
    {
        let study = try MadeStudy.made.get()
        let summary = try #require(try study.record("train-\(name)")["summary"])
        let accuracy = try #require(summary["test_accuracy"]?.double)
        #expect(accuracy > 0.8, "the digits are to be learnt")
        try Browser.withTab { tab in
            try tab.open(study.page)
            let cells = try tab.texts(
                """
                [...[...document.querySelector("#network table.sortable").tBodies[0].rows]
                    .find((row) => row.cells[0].innerText === \(quoted(name))).cells].map((cell) => cell.innerText)
                """)
            #expect(abs(try #require(number(cells[4])) - 100 * accuracy) <= 0.0501)
        }
    }
}
