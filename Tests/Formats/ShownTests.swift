// What a terminal would obey is made visible; what people write stays as it is.

import Formats
import Testing

@Suite struct ShownTests {
    @Test(arguments: [
        ("photo.jpg", "photo.jpg"),
        ("Zürich 😀 привет 日本.png", "Zürich 😀 привет 日本.png"),
        ("👩‍👩‍👧.png", "👩‍👩‍👧.png"),
        ("a\u{1B}[2Jb", "a\\u{1B}[2Jb"),
        ("a\nb\tc\rd\0", "a\\nb\\tc\\rd\\u{00}"),
        ("\u{9B}31m\u{7F}", "\\u{9B}31m\\u{7F}"),
        ("evil\u{202E}gpj.exe", "evil\\u{202E}gpj.exe"),
        (
            "\u{2066}x\u{2069}\u{2028}\u{FEFF}\u{200B}",
            "\\u{2066}x\\u{2069}\\u{2028}\\u{FEFF}\\u{200B}"
        ),
        ("\u{E0041}", "\\u{E0041}"),
        ("a\r\nb", "a\\r\\nb"),
    ])
    func textIsMadeVisible(text: String, shown: String) {
        #expect(Shown.text(text) == shown)
        #expect(Shown.text(text[...]) == shown)
        #expect(Shown.bytes(text.utf8) == shown)
    }

    @Test func bytesThatAreNoTextAreSpelledOut() {
        #expect(Shown.bytes([0x63, 0xE9, 0x2E, 0x6A]) == "c\\xE9.j")
        #expect(Shown.bytes([0xFF, 0xC3, 0xA9, 0xC3]) == "\\xFFé\\xC3")
        #expect(Shown.bytes([0xED, 0xA0, 0x80]) == "\\xED\\xA0\\x80")
        #expect(Shown.bytes([]) == "")
    }

    @Test func longTextIsCut() {
        #expect(Shown.start("abcdef", 3) == "abc…")
        #expect(Shown.start("abc", 3) == "abc")
        #expect(Shown.start("a\u{1B}bc", 2) == "a\\u{1B}…")
    }

    /// Every fault of a file, whatever words of it are in there.
    @Test func faultsAreFitForATerminal() {
        let name = "x\u{1B}[2J\u{202E}.bin"
        let faults: [FormatFault] = [
            .system(file: name, action: "open", code: 2), .notAFile(file: name),
            .json(file: "x", line: 1, column: 1, .duplicateKey(name)),
            .safeTensors(file: name, .missing(tensor: name, present: [name])),
            .png(file: name, .damaged(name)), .jpeg(file: name, .damaged(name)),
            .torch(file: name, at: 1, .storage(key: name, name)),
        ]
        for fault in faults {
            #expect("\(fault)".unicodeScalars.allSatisfy { $0 != "\u{1B}" && $0 != "\u{202E}" })
        }
        #expect("\(faults[1])" == "x\\u{1B}[2J\\u{202E}.bin is not a regular file")
    }
}
