// `JSON` to text, with bytes that depend on the value alone: keys sorted by their UTF-8 bytes,
// floats as the shortest text that reads back equal, no locale. json-c's own printer is not used,
// since its number format differs between versions.

extension JSON {
    /// The value on one line without spaces, for hashing and for metadata.
    ///
    /// A `number` always keeps a point or an exponent (`1.0`, `1e-05`), an `integer` never has one,
    /// so that parsing gives the same kind back. JSON has no NaN and no infinity: they become `null`.
    public var canonical: String {
        var text = ""
        write(to: &text)
        return text
    }

    /// The value for people: two spaces a level, sorted keys, a final newline.
    ///
    /// A list of plain values that takes at most 80 characters stays on one line.
    public var pretty: String {
        var text = ""
        writePretty(to: &text, indent: "")
        return text + "\n"
    }

    private var isScalar: Bool {
        switch self {
        case .array, .object: false
        default: true
        }
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .integer(let value): text += value.description
        case .number(let value): text += value.isFinite ? value.description : "null"
        case .string(let value): JSON.quote(value, to: &text)
        case .array(let items):
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { text += "," }
                item.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            for (index, member) in JSON.sorted(members).enumerated() {
                if index > 0 { text += "," }
                JSON.quote(member.key, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private func writePretty(to text: inout String, indent: String) {
        let inner = indent + "  "
        switch self {
        case .array(let items) where !items.isEmpty:
            if items.allSatisfy(\.isScalar) {
                let line = "[" + items.map(\.canonical).joined(separator: ", ") + "]"
                if line.count <= 80 {
                    text += line
                    return
                }
            }
            text += "["
            for (index, item) in items.enumerated() {
                text += (index > 0 ? ",\n" : "\n") + inner
                item.writePretty(to: &text, indent: inner)
            }
            text += "\n\(indent)]"
        case .object(let members) where !members.isEmpty:
            text += "{"
            for (index, member) in JSON.sorted(members).enumerated() {
                text += (index > 0 ? ",\n" : "\n") + inner
                JSON.quote(member.key, to: &text)
                text += ": "
                member.value.writePretty(to: &text, indent: inner)
            }
            text += "\n\(indent)}"
        default: write(to: &text)
        }
    }

    private static func sorted(_ members: [String: JSON]) -> [(key: String, value: JSON)] {
        members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    }

    /// A string in quotes; control characters are escaped, everything else stays as it is.
    private static func quote(_ string: String, to text: inout String) {
        text += "\""
        defer { text += "\"" }
        // Nearly all strings are as they are.
        let isPlain = string.utf8.allSatisfy {
            $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C && $0 != 0x7F
        }
        guard !isPlain else { return text += string }
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{0}"..."\u{1F}", "\u{7F}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
