// Tables as spreadsheets and scripts write them, what is refused, and damage.

import Formats
import Testing

@Suite struct CSVTests {
    private static func rows(_ bytes: [UInt8]) throws -> [[String]] {
        try bytes.withUnsafeBytes { bytes in
            var table = try CSV(bytes, named: "t.csv")
            var rows: [[String]] = []
            while let row = try table.next() { rows.append(["\(row.line)"] + row.fields) }
            return rows
        }
    }

    private static func rows(_ text: String) throws -> [[String]] { try rows(Array(text.utf8)) }

    private static func message(_ bytes: [UInt8]) -> String {
        do { return "read \(try rows(bytes).count)" } catch { return "\(error)" }
    }

    @Test(
        arguments: [
            ("a,b\nc,d", [["1", "a", "b"], ["2", "c", "d"]]),
            ("\u{FEFF}a,b\r\n\r\n c , d d\t\r\n", [["1", "a", "b"], ["3", "c", "d d"]]),
            ("a;b,c\rd;e\r", [["1", "a", "b,c"], ["2", "d", "e"]]),
            ("a\tb\nc\t\n", [["1", "a", "b"], ["2", "c", ""]]),
            (#""a,""b""", "c""#, [["1", #"a,"b""#, "c"]]),
            ("\"two\nlines\" ,b\nc,d\n", [["1", "two\nlines", "b"], ["3", "c", "d"]]),
            ("\n\n", []), ("", []), ("é", [["1", "é"]]),
        ] as [(String, [[String]])])
    func reads(text: String, expected: [[String]]) throws {
        #expect(try Self.rows(text) == expected)
    }

    @Test(arguments: [
        ("a,b\nc\n", "t.csv:2: the row has 1 fields, and the first has 2"),
        ("a\n\"b\nc", "t.csv:2: a field in quotes does not end"),
        ("a\n\"b\" c", "t.csv:2: a quote stands inside a field; "),
        ("a\"b\"", "t.csv:1: a quote stands inside a field; "),
        ("a\u{0}b", #"t.csv:1: a field is no text (UTF-8): a\u{00}b"#),
        (String(repeating: ",", count: 256), "t.csv:1: more than 256 fields of a row"),
        (String(repeating: "a", count: 65_537), "t.csv:1: more than 65536 bytes of a field"),
        (
            "\"" + String(repeating: "a", count: 70_000) + "\"",
            "t.csv:1: a field in quotes does not"
        ),
    ])
    func refuses(text: String, words: String) {
        #expect(Self.message(Array(text.utf8)).hasPrefix(words))
    }

    @Test func refusesWhatIsNotUTF8() {
        #expect(Self.message([0xFF, 0xFE, 97, 0]) == "t.csv:1: it is UTF-16; save it as UTF-8")
        #expect(
            Self.message([97, 10, 0xE9]) == #"t.csv:2: a field is no text (UTF-8): \xE9"#)
    }

    /// Damage is refused or changes what is read; it never traps.
    @Test func survivesDamage() {
        let whole = Array("file,label\r\n\"a \"\"b\"\".png\",cat\n c.png ,\"two\nlines\"\n".utf8)
        for length in whole.indices { _ = Self.message(Array(whole[..<length])) }
        for place in whole.indices {
            for byte: UInt8 in [0, 9, 10, 13, 32, 34, 44, 59, 97, 0xE9] {
                var damaged = whole
                damaged[place] = byte
                _ = Self.message(damaged)
            }
        }
    }
}
