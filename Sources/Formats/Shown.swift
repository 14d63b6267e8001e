// Words of others in our messages. A file's name, a key of a checkpoint or a value of a config may hold
// anything, also what moves a terminal's cursor, changes its colours or turns the direction of the
// text, so that a reader sees other words than those that are there. Here they are made visible.

/// Makes text from outside fit to stand in a message on a terminal.
public enum Shown {
    /// The text with everything escaped that a terminal would obey or that hides or reorders its
    /// neighbours: control characters (C0, DEL, C1), line and paragraph separators, bidirectional
    /// controls, characters without width, tags. They become `\n`, `\t`, `\r` or `\u{1B}`; all else,
    /// letters of any script and emoji too, stays as it is.
    public static func text(_ text: some StringProtocol) -> String {
        guard text.unicodeScalars.contains(where: isEscaped) else { return String(text) }
        var shown = ""
        for scalar in text.unicodeScalars {
            if isEscaped(scalar) {
                shown += escape(scalar)
            } else {
                shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }

    /// Bytes that should be UTF-8, such as a file's name: those that are not become `\xE9`, and
    /// what is text is shown as `text(_:)` does.
    public static func bytes(_ bytes: some Sequence<UInt8>) -> String {
        var shown = ""
        var rest = Array(bytes)[...]
        while let first = rest.first {
            let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            if let valid = String(validating: rest.prefix(length), as: UTF8.self) {
                shown += text(valid)
                rest = rest.dropFirst(length)
            } else {
                shown += "\\x" + hexadecimal(UInt32(first), digits: 2)
                rest = rest.dropFirst()
            }
        }
        return shown
    }

    /// The beginning of a text from outside, escaped, at most `count` characters of it.
    public static func start(_ text: String, _ count: Int = 80) -> String {
        let start = String(String.UnicodeScalarView(text.unicodeScalars.prefix(count)))
        return self.text(start) + (start.utf8.count < text.utf8.count ? "…" : "")
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        default: "\\u{" + hexadecimal(scalar.value, digits: 2) + "}"
        }
    }

    private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
        let text = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    private static func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x00...0x1F, 0x7F...0x9F: true
        case 0x061C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF: true
        case 0xFFF9...0xFFFB, 0xE0000...0xE007F: true
        default: false
        }
    }
}
