// JSON parsing: what is read, what is refused, and where a message points.

import Formats
import Testing

@Suite struct JSONParsingTests {
    @Test func readsEveryKind() throws {
        let text =
            #" { "a" : [ 1 , -0, 2.5, 1e3, 1.0, true, false, null, "é\n\u00e9\ud83d\ude00" ], "b":{} } "#
        let json = try JSON.parse(text, named: "t.json")
        let expected: JSON = [
            "a": [1, 0, 2.5, 1000.0, 1.0, true, false, nil, "é\né😀"], "b": .object([:]),
        ]
        #expect(json == expected)
        #expect(json["a"]?[1]?.int == 0)
        #expect(json["a"]?[3]?.int == nil)
        #expect(json["a"]?[3]?.double == 1000)
        #expect(json["a"]?[9] == nil)
        #expect(json["b"]?["c"] == nil)
    }

    @Test(arguments: [
        ("0", JSON.integer(0)), ("-0", .integer(0)), ("-0.0", .number(-0.0)),
        ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("\"\"", .string("")), ("\"\\u0000\"", .string("\0")), ("[]", .array([])),
        ("0.1", .number(0.1)), ("4.9406564584124654e-324", .number(.leastNonzeroMagnitude)),
        ("1.7976931348623157E+308", .number(.greatestFiniteMagnitude)), ("null", .null),
    ])
    func readsScalarsAtTheTop(text: String, value: JSON) throws {
        #expect(try JSON.parse(text, named: "t") == value)
    }

    /// Each text with the message it earns.
    @Test(arguments: [
        ("", "t:1:1: there is no JSON here; the text is empty"),
        (" \n ", "t:2:2: there is no JSON here; the text is empty"),
        ("[1", "t:1:3: the text ends before the value is complete"),
        ("{\"a\":", "t:1:6: the text ends before the value is complete"),
        ("[1] x", "t:1:5: unexpected \"x\" after the end of the value"),
        ("1 2", "t:1:3: unexpected \"2\" after the end of the value"),
        ("[]]", "t:1:3: unexpected \"]\" after the end of the value"),
        ("]", "t:1:1: unexpected \"]\""),
        ("[NaN]", "t:1:2: NaN is not a JSON number"),
        ("[-Infinity]", "t:1:2: -Infinity is not a JSON number"),
        ("Infinity", "t:1:1: Infinity is not a JSON number"),
        ("[True]", "t:1:2: unexpected \"True\""),
        ("[01]", "t:1:2: 01 is not a JSON number"),
        ("[1.]", "t:1:2: 1. is not a JSON number"),
        ("[.5]", "t:1:2: unexpected \".5\""),
        ("[+1]", "t:1:2: unexpected \"+1\""),
        ("[1e]", "t:1:2: 1e is not a JSON number"),
        ("[0x10]", "t:1:2: 0x10 is not a JSON number"),
        ("[-]", "t:1:2: - is not a JSON number"),
        (
            "[\n 9223372036854775808]",
            "t:2:2: the integer 9223372036854775808 does not fit in 64 bits"
        ),
        ("[1e999]", "t:1:1: a number is too large for a double"),
        ("{\"a\":1,\n\"a\":2}", "t:2:1: the key \"a\" is given twice in one object; keep one"),
        (
            #"{"a":1,"\u0061":2}"#,
            "t:1:1: a key is given twice in one object, written in two ways; keep one"
        ),
        (#"{"a\u0000b":1}"#, "t:1:2: a key may not contain \\u0000"),
        (
            "[\"a\nb\"]",
            "t:1:4: control character 10 in a string; write it as an escape such as \\n"
        ),
        (#"["é\x"]"#, #"t:1:4: this escape is none of \" \\ \/ \b \f \n \r \t \uXXXX"#),
        (
            #"["\ud800"]"#,
            "t:1:3: this \\u escape is half of a surrogate pair, and the other half is missing"
        ),
        (
            #"["\udc00"]"#,
            "t:1:3: this \\u escape is half of a surrogate pair, and the other half is missing"
        ),
        ("[\"a", "t:1:2: this string is never closed"),
        ("[1] // no", "t:1:5: comments are not allowed in this file"),
        ("['a']", "t:1:2: unexpected \"'\""),
        ("\u{FEFF}{}", "t:1:1: unexpected \"\\u{FEFF}\""),
        ("[\0]", "t:1:2: unexpected byte 0"),
    ])
    func refuses(text: String, expected: String) {
        #expect(message(of: text) == expected)
    }

    /// What json-c itself refuses: its words are its own, the place is ours to check.
    @Test(arguments: [
        "[1,]", "{\"a\":1,}", "[,1]", "[1 2]", "{\"a\" 1}", "{1:2}", "{\"a\":1]", "[1}", "{,}",
        "[:]",
        "{\"a\"}", "{\"a\":}", "[1,,2]", "\"a\":1",
    ])
    func refusesBadStructure(text: String) {
        #expect(throws: FormatFault.self) { try JSON.parse(text, named: "t") }
    }

    @Test func limitsDepth() throws {
        let deep = { (levels: Int) in
            String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
        }
        _ = try JSON.parse(deep(JSON.depthLimit), named: "t")
        _ = try JSON.parse(
            String(repeating: "[", count: 64) + "1" + String(repeating: "]", count: 64), named: "t")
        #expect(message(of: deep(JSON.depthLimit + 1)) == "t:1:65: nested deeper than 64 levels")
        #expect(message(of: String(repeating: "[", count: 1_000_000))?.hasPrefix("t:1:65") == true)
    }

    @Test func blanksComments() throws {
        let text = """
            // a config
            { /* one * two ** three / */ "a": "// kept /* too */", // last
              "b": 1 /**/ }
            // end
            """
        #expect(
            try JSON.parse(text, named: "t", comments: true)
                == ["a": "// kept /* too */", "b": 1])
        #expect(message(of: "[1] /* x", comments: true) == "t:1:5: this comment is never closed")
        #expect(message(of: "[1] /*/", comments: true) == "t:1:5: this comment is never closed")
        #expect(message(of: "/* é\n */ [x]", comments: true) == "t:2:6: unexpected \"x\"")
        #expect(message(of: "[1 / 2]", comments: true) == "t:1:4: unexpected \"/\"")
        #expect(
            message(of: "// only", comments: true)
                == "t:1:8: there is no JSON here; the text is empty")
    }

    @Test func refusesWhatIsNotUTF8() {
        for bytes: [UInt8] in [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
        ] {
            #expect {
                try JSON.parse(bytes, named: "t")
            } throws: {
                "\($0)" == "t:1:2: these bytes are not UTF-8"
            }
        }
    }

    /// Every prefix and every changed byte either parses or throws; nothing traps.
    @Test func survivesDamage() throws {
        let text = Array(
            #"{"k":[1,-2.5e3,"\u00e9\\",{"x":null,"y":[true,false]}],"é":"😀"} /*c*/"#.utf8)
        // The value ends before the comment: no shorter text is complete.
        for length in 0..<(text.count - 6) {
            #expect(throws: FormatFault.self) {
                try JSON.parse(Array(text.prefix(length)), named: "t")
            }
        }
        for place in text.indices {
            for value in [
                0, 9, 0x22, 0x2F, 0x5B, 0x5C, 0x5D, 0x75, 0x7B, 0x80, 0xFF, text[place] ^ 1,
            ] as [UInt8] {
                var damaged = text
                damaged[place] = value
                for comments in [true, false] {
                    _ = try? JSON.parse(damaged, named: "t", comments: comments)
                }
            }
        }
    }

    private func message(of text: String, comments: Bool = false) -> String? {
        do {
            _ = try JSON.parse(text, named: "t", comments: comments)
            return nil
        } catch { return "\(error)" }
    }
}
