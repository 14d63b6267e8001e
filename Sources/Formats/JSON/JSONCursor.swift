// Reads JSON where it lies, value by value, for texts that are too large to become a tree: nothing is
// kept but what the caller keeps. As strict as `JSON.parse`: UTF-8 only, no control characters, sound
// escapes, numbers as RFC 8259 writes them.

/// A position in a JSON text.
struct JSONCursor {
    /// What is wrong, and where in the text.
    struct Failure: Error {
        let offset: Int
        let problem: JSONProblem
    }

    let bytes: UnsafeRawBufferPointer
    private(set) var at = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next byte that is no space, which is not passed over; nil at the end.
    mutating func peek() -> UInt8? {
        while at < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[at]) { at += 1 }
        return at < bytes.count ? bytes[at] : nil
    }

    /// What the next value is, in the words of `JSON.kind`; nil where none can start.
    mutating func kind() -> String? {
        guard let next = peek() else { return nil }
        return switch next {
        case UInt8(ascii: "{"): "an object"
        case UInt8(ascii: "["): "a list"
        case UInt8(ascii: "\""): "a string"
        case UInt8(ascii: "t"), UInt8(ascii: "f"): "true or false"
        case UInt8(ascii: "n"): "null"
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): "a number"
        default: nil
        }
    }

    /// Passes over this sign, which must be next.
    mutating func take(_ sign: Character) throws {
        guard let byte = peek() else { throw failure(.incomplete) }
        guard byte == sign.asciiValue else { throw failure(.unexpected(found)) }
        at += 1
    }

    /// Passes over this sign if it is next.
    mutating func takes(_ sign: Character) -> Bool {
        guard peek() == sign.asciiValue else { return false }
        at += 1
        return true
    }

    /// Calls `body` for each member of an object, with its key, where that is, and this cursor at the
    /// member's value, which `body` must pass over. Repeated keys are the caller's to notice.
    mutating func members(
        _ body: (_ key: String, _ place: Int, _ cursor: inout JSONCursor) throws -> Void
    ) throws {
        try take("{")
        if takes("}") { return }
        repeat {
            _ = peek()
            let place = at
            let key = try string()
            guard !key.utf8.contains(0) else { throw Failure(offset: place, problem: .nulInKey) }
            try take(":")
            try body(key, place, &self)
        } while takes(",")
        try take("}")
    }

    /// The items of a list of whole numbers from 0 up, at most `limit` of them.
    mutating func counts(limit: Int) throws -> [Int] {
        try take("[")
        if takes("]") { return [] }
        var values: [Int] = []
        repeat {
            guard values.count < limit else { throw failure(.tooDeep(limit: limit)) }
            values.append(try count())
        } while takes(",")
        try take("]")
        return values
    }

    /// A string in quotes, its escapes resolved; it must be next.
    mutating func string() throws -> String {
        guard let quote = peek() else { throw failure(.incomplete) }
        guard quote == UInt8(ascii: "\"") else { throw failure(.unexpected(found)) }
        let start = at
        at += 1
        var isPlain = true
        while true {
            guard at < bytes.count else {
                throw Failure(offset: start, problem: .unterminated("string"))
            }
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") { break }
            guard byte >= 0x20 else { throw failure(.controlCharacter(byte)) }
            if byte == UInt8(ascii: "\\") {
                isPlain = false
                at += 1
            }
            at += 1
        }
        let content = (start + 1)..<at
        at += 1
        guard let text = String(validating: bytes[content], as: UTF8.self) else {
            throw Failure(offset: start, problem: .notUTF8)
        }
        return isPlain ? text : try JSONCursor.unescaped(text, at: start)
    }

    /// A whole number from 0 up.
    mutating func count() throws -> Int {
        _ = peek()
        let start = at
        var value = 0
        while at < bytes.count, (0x30...0x39).contains(bytes[at]) {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(bytes[at] - 0x30))
            guard !overflow, !carry else {
                throw Failure(offset: start, problem: .integerOutOfRange(word(from: start)))
            }
            value = sum
            at += 1
        }
        let isSound = at > start && (at == start + 1 || bytes[start] != 0x30)
        guard isSound, word(from: at).isEmpty else {
            throw Failure(offset: start, problem: .badNumber(word(from: start)))
        }
        return value
    }

    /// Checks that only spaces follow.
    mutating func finish() throws {
        guard peek() == nil else { throw failure(.trailing(found)) }
    }

    func failure(_ problem: JSONProblem) -> Failure { Failure(offset: at, problem: problem) }

    /// Letters, digits and signs from a place on, as far as a message needs them.
    private func word(from place: Int) -> String {
        let letters = bytes[place...].prefix(40).prefix { byte in
            byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
                || (0x30...0x39).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        return String(decoding: letters, as: UTF8.self)
    }

    /// The character here, as words for a message.
    private var found: String {
        let text = String(decoding: bytes[at...].prefix(4), as: UTF8.self)
        guard let scalar = text.unicodeScalars.first else { return "end" }
        guard scalar.value > 0x20, scalar.value != 0x7F else { return "byte \(scalar.value)" }
        return "\"\(scalar)\""
    }

    /// A string's content with its escapes replaced.
    private static func unescaped(_ text: String, at offset: Int) throws -> String {
        var result = String.UnicodeScalarView()
        var rest = text.unicodeScalars[...]
        func unit() throws -> UInt32 {
            let digits = rest.prefix(4)
            guard digits.count == 4, digits.allSatisfy({ $0.properties.isASCIIHexDigit }),
                let value = UInt32(String(String.UnicodeScalarView(digits)), radix: 16)
            else { throw Failure(offset: offset, problem: .badEscape) }
            rest = rest.dropFirst(4)
            return value
        }
        while let scalar = rest.popFirst() {
            guard scalar == "\\" else {
                result.append(scalar)
                continue
            }
            switch rest.popFirst() {
            case "\"": result.append("\"")
            case "\\": result.append("\\")
            case "/": result.append("/")
            case "b": result.append("\u{8}")
            case "f": result.append("\u{C}")
            case "n": result.append("\n")
            case "r": result.append("\r")
            case "t": result.append("\t")
            case "u":
                var value = try unit()
                if (0xD800...0xDBFF).contains(value), rest.starts(with: ["\\", "u"]) {
                    rest = rest.dropFirst(2)
                    let low = try unit()
                    guard (0xDC00...0xDFFF).contains(low) else {
                        throw Failure(offset: offset, problem: .loneSurrogate)
                    }
                    value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
                }
                guard let scalar = Unicode.Scalar(value) else {
                    throw Failure(offset: offset, problem: .loneSurrogate)
                }
                result.append(scalar)
            default: throw Failure(offset: offset, problem: .badEscape)
            }
        }
        return String(result)
    }
}
