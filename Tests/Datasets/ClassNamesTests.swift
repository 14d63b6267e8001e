// Lists of class names in each form, and what is no list.

import Datasets
import Formats
import Testing

@Suite struct ClassNamesTests {
    private static func list(_ bytes: [UInt8]) throws -> ClassNames {
        try ClassNames(listIn: MappedFile(copying: bytes, named: "names.txt"))
    }

    private static func message(_ text: [UInt8]) -> String {
        do { return "\(try list(text).all)" } catch { return "\(error)" }
    }

    @Test(arguments: [
        "cat\ndog\n", "\u{FEFF}cat\r\ndog\r\n\r\n", "cat\ndog", #" ["cat", "dog"]"#,
        #"{"1": "dog", "0": "cat"}"#, "\u{FEFF}[\"cat\", \"dog\"]",
    ])
    func readsEveryForm(text: String) throws {
        #expect(try Self.list(Array(text.utf8)).all == ["cat", "dog"])
    }

    @Test(arguments: [
        ("", "found none"), ("\n\n", "found none"), ("[]", "found none"),
        ("cat\n\ndog", "found an empty name in line 2"), ("cat\n \t", "an empty name in line 2"),
        ("[\"cat\", 3]", "found no text (UTF-8) in entry 1"), ("[\"cat\", ", "names.txt:1:"),
        (#"{"0": "cat", "2": "dog"}"#, "2 names, but none for class 1"),
    ])
    func refuses(text: String, words: String) {
        #expect(Self.message(Array(text.utf8)).contains(words))
    }

    @Test func refusesWhatIsNoText() {
        #expect(Self.message([99, 10, 0xE9]).contains("found no text (UTF-8) in line 2"))
        let many = Array(String(repeating: "a\n", count: 100_001).utf8)
        #expect(Self.message(many).contains("found 100001, more than 100000"))
    }

    /// A name that stands twice is a fault only for who asks for it.
    @Test func findsClassesByName() throws {
        let names = try Self.list(Array("crane\ncat\ncrane".utf8))
        #expect(try names.index(of: "cat") == 1 && names.index(of: "dog") == nil)
        #expect {
            try names.index(of: "crane")
        } throws: {
            "\($0)"
                == "crane is the name of class 0 and of class 2 in names.txt; call them by their "
                + "numbers."
        }
    }
}
