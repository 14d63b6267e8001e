// A pass over JSON text before json-c sees it. It finds what json-c lets through even in strict
// mode (NaN, repeated keys, control characters in strings, integers cut to 64 bits, NUL in keys)
// and blanks comments, so that every later position is still a position in the file.
// Commas, colons and the matching of brackets are left to json-c.

/// Scans one text; use once.
struct JSONScanner {
    /// Where and what, before the offset becomes a line and a column.
    struct Failure: Error {
        var offset: Int
        var problem: JSONProblem
    }

    private(set) var bytes: [UInt8]
    private let allowsComments: Bool
    private let depthLimit: Int
    private var at = 0
    /// The raw keys seen so far in each open object; arrays have an entry too, never filled.
    private var open: [Set<ArraySlice<UInt8>>] = []
    private var isComplete = false
    /// How many keys the whole text has: json-c must give back as many.
    private(set) var keys = 0

    init(_ bytes: [UInt8], comments: Bool, depthLimit: Int) {
        self.bytes = bytes
        self.allowsComments = comments
        self.depthLimit = depthLimit
    }

    /// Checks the whole text and blanks its comments.
    mutating func scan() throws(Failure) {
        while at < bytes.count {
            let byte = bytes[at]
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
                at += 1
                continue
            case UInt8(ascii: "/"):
                try blankComment()
                continue
            default: break
            }
            if isComplete { throw Failure(offset: at, problem: .trailing(found)) }
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard open.count < depthLimit else {
                    throw Failure(offset: at, problem: .tooDeep(limit: depthLimit))
                }
                open.append([])
                at += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard open.popLast() != nil else {
                    throw Failure(offset: at, problem: .unexpected(found))
                }
                at += 1
                isComplete = open.isEmpty
            case UInt8(ascii: ","), UInt8(ascii: ":"): at += 1
            case UInt8(ascii: "\""):
                try string()
                isComplete = open.isEmpty
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                try number()
                isComplete = open.isEmpty
            default:
                try word()
                isComplete = open.isEmpty
            }
        }
    }

    /// Blanks `// …` and `/* … */`, leaving line ends where they are.
    private mutating func blankComment() throws(Failure) {
        let start = at
        let second = at + 1 < bytes.count ? bytes[at + 1] : 0
        guard second == UInt8(ascii: "/") || second == UInt8(ascii: "*") else {
            throw Failure(offset: at, problem: .unexpected(found))
        }
        guard allowsComments else { throw Failure(offset: at, problem: .comment) }
        let isBlock = second == UInt8(ascii: "*")
        at += 2
        while true {
            guard at < bytes.count else {
                if isBlock { throw Failure(offset: start, problem: .unterminated("comment")) }
                break
            }
            if isBlock {
                if bytes[at] == UInt8(ascii: "/"), at >= start + 3,
                    bytes[at - 1] == UInt8(ascii: "*")
                {
                    at += 1
                    break
                }
            } else if bytes[at] == UInt8(ascii: "\n") {
                break
            }
            at += 1
        }
        for place in start..<at where bytes[place] != UInt8(ascii: "\n") {
            bytes[place] = UInt8(ascii: " ")
        }
    }

    /// Passes over a string; one that a colon follows is a key.
    private mutating func string() throws(Failure) {
        let start = at
        var hasNUL = false
        at += 1
        while true {
            guard at < bytes.count else {
                throw Failure(offset: start, problem: .unterminated("string"))
            }
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") { break }
            guard byte >= 0x20 else {
                throw Failure(offset: at, problem: .controlCharacter(byte))
            }
            if byte == UInt8(ascii: "\\") {
                if try escape() == 0 { hasNUL = true }
            } else {
                at += 1
            }
        }
        at += 1
        var next = at
        while next < bytes.count, bytes[next] <= 0x20 { next += 1 }
        guard next < bytes.count, bytes[next] == UInt8(ascii: ":"), !open.isEmpty else { return }
        let key = bytes[(start + 1)..<(at - 1)]
        if hasNUL { throw Failure(offset: start, problem: .nulInKey) }
        guard open[open.count - 1].insert(key).inserted else {
            throw Failure(
                offset: start, problem: .duplicateKey(String(decoding: key, as: UTF8.self)))
        }
        keys += 1
    }

    /// Passes over an escape and gives the code unit of a `\u`, or 1 for the short ones.
    private mutating func escape() throws(Failure) -> UInt32 {
        let start = at
        let letter = at + 1 < bytes.count ? bytes[at + 1] : 0
        guard letter == UInt8(ascii: "u") else {
            guard "\"\\/bfnrt".utf8.contains(letter) else {
                throw Failure(offset: start, problem: .badEscape)
            }
            at += 2
            return 1
        }
        let unit = try hexadecimal()
        guard (0xD800...0xDFFF).contains(unit) else { return unit }
        guard unit < 0xDC00, at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"),
            bytes[at + 1] == UInt8(ascii: "u"), (0xDC00...0xDFFF).contains(try hexadecimal())
        else { throw Failure(offset: start, problem: .loneSurrogate) }
        return unit
    }

    /// The four hexadecimal digits after `\u`.
    private mutating func hexadecimal() throws(Failure) -> UInt32 {
        var unit: UInt32 = 0
        for place in (at + 2)..<(at + 6) {
            let digit =
                place < bytes.count ? Character(Unicode.Scalar(bytes[place])).hexDigitValue : nil
            guard let digit, bytes[place] < 0x80 else {
                throw Failure(offset: at, problem: .badEscape)
            }
            unit = unit << 4 | UInt32(digit)
        }
        at += 6
        return unit
    }

    /// Passes over a number: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
    private mutating func number() throws(Failure) {
        let start = at
        let text = takeWord()
        var rest = Substring(text)
        var isInteger = true
        func digits() -> Int {
            let count = rest.prefix { $0.isASCII && $0.isWholeNumber }.count
            rest = rest.dropFirst(count)
            return count
        }
        if rest.first == "-" { rest = rest.dropFirst() }
        let startsWithZero = rest.first == "0"
        let whole = digits()
        var isSound = whole > 0 && !(startsWithZero && whole > 1)
        if rest.first == "." {
            rest = rest.dropFirst()
            isInteger = false
            isSound = digits() > 0 && isSound
        }
        if rest.first == "e" || rest.first == "E" {
            rest = rest.dropFirst()
            isInteger = false
            if rest.first == "+" || rest.first == "-" { rest = rest.dropFirst() }
            isSound = digits() > 0 && isSound
        }
        guard isSound, rest.isEmpty else { throw Failure(offset: start, problem: .badNumber(text)) }
        if isInteger, Int64(text) == nil {
            throw Failure(offset: start, problem: .integerOutOfRange(text))
        }
    }

    /// Passes over `true`, `false` or `null`; anything else is refused by name.
    private mutating func word() throws(Failure) {
        let start = at
        let character = found
        let text = takeWord()
        switch text {
        case "true", "false", "null": return
        case "NaN", "Infinity", "nan", "inf", "+Infinity":
            throw Failure(offset: start, problem: .badNumber(text))
        default:
            throw Failure(
                offset: start, problem: .unexpected(text.isEmpty ? character : "\"\(text)\""))
        }
    }

    /// Letters, digits and signs from here on, at most 40 of them quoted in messages.
    private mutating func takeWord() -> String {
        let start = at
        while at < bytes.count {
            let byte = bytes[at]
            let isPart =
                byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            guard isPart else { break }
            at += 1
        }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    /// The character here, as words for a message.
    private var found: String {
        let text = String(decoding: bytes[at..<min(at + 4, bytes.count)], as: UTF8.self)
        guard let scalar = text.unicodeScalars.first else { return "end" }
        guard scalar.value > 0x20, scalar.value != 0x7F else { return "byte \(scalar.value)" }
        return "\"\(scalar)\""
    }
}
