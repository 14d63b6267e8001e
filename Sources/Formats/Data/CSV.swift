// Tables as spreadsheets write them (RFC 4180): fields in quotes or not, lines that end in LF, CRLF or CR,
// with or without a byte order mark. Commas separate fields, or semicolons or tabs where the first line
// has one of those before any comma.

/// Reads a table row by row.
public struct CSV {
    /// The largest file that is read, in bytes.
    public static let fileLimit = 256 << 20
    /// The most rows, the most fields of a row, and the most bytes of a field.
    public static let rowLimit = 4_000_000, fieldLimit = 256, lengthLimit = 1 << 16

    private let bytes: UnsafeRawBufferPointer
    private let name: String
    private let separator: UInt8
    private var position: Int
    private var line = 1
    private var columns: Int?
    private var rows = 0

    private static let quote = UInt8(ascii: "\""), lf: UInt8 = 10, cr: UInt8 = 13

    /// A reader before the first row. Keep the bytes while it is used.
    /// - Throws: `FormatFault.csv` for UTF-16.
    public init(_ bytes: UnsafeRawBufferPointer, named: String) throws {
        (self.bytes, name) = (bytes, named)
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw FormatFault.csv(file: named, line: 1, .utf16)
        }
        position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        separator =
            bytes[position...].prefix { $0 != Self.lf && $0 != Self.cr }
            .first { [UInt8(ascii: ","), UInt8(ascii: ";"), 9].contains($0) } ?? UInt8(ascii: ",")
    }

    /// The next row that is not empty, and the line where it starts, counted from 1; nil after the last.
    /// - Throws: `FormatFault.csv` for a row that is malformed or has another number of fields than the
    ///   first.
    public mutating func next() throws -> (line: Int, fields: [String])? {
        while position < bytes.count, isLineEnd(bytes[position]) { passLineEnd() }
        guard position < bytes.count else { return nil }
        let start = line
        var fields: [String] = []
        repeat {
            fields.append(try field())
            guard fields.count <= Self.fieldLimit else {
                throw fault(.limit("fields of a row", Self.fieldLimit))
            }
        } while passSeparator()
        if position < bytes.count { passLineEnd() }
        rows += 1
        guard rows <= Self.rowLimit else { throw fault(.limit("rows", Self.rowLimit)) }
        guard columns == nil || columns == fields.count else {
            throw FormatFault.csv(
                file: name, line: start, .fields(expected: columns ?? 0, found: fields.count))
        }
        columns = fields.count
        return (start, fields)
    }

    private func fault(_ problem: CSVProblem) -> FormatFault {
        .csv(file: name, line: line, problem)
    }

    private func isLineEnd(_ byte: UInt8) -> Bool { byte == Self.lf || byte == Self.cr }

    private mutating func passLineEnd() {
        let isPair =
            bytes[position] == Self.cr && position + 1 < bytes.count
            && bytes[position + 1] == Self.lf
        position += isPair ? 2 : 1
        line += 1
    }

    private mutating func passSeparator() -> Bool {
        guard position < bytes.count, bytes[position] == separator else { return false }
        position += 1
        return true
    }

    private mutating func passSpace() {
        while position < bytes.count, [9, 32].contains(bytes[position]),
            bytes[position] != separator
        {
            position += 1
        }
    }

    /// A field, up to the separator or the end of the line; space around it does not count.
    private mutating func field() throws -> String {
        passSpace()
        guard position < bytes.count, bytes[position] == Self.quote else {
            let rest = bytes[position...]
            let part = rest.prefix { $0 != separator && !isLineEnd($0) }
            guard !part.contains(Self.quote) else { throw fault(.quote) }
            position = part.endIndex
            var end = part.endIndex
            while end > part.startIndex, [9, 32].contains(bytes[end - 1]) { end -= 1 }
            return try text(Array(bytes[part.startIndex..<end]))
        }
        let start = line
        position += 1
        var content: [UInt8] = []
        while true {
            guard position < bytes.count, content.count <= Self.lengthLimit else {
                throw FormatFault.csv(file: name, line: start, .openQuote)
            }
            let byte = bytes[position]
            if byte != Self.quote {
                content.append(byte)
                if byte == Self.lf { line += 1 }
                position += 1
            } else if position + 1 < bytes.count, bytes[position + 1] == Self.quote {
                content.append(byte)
                position += 2
            } else {
                position += 1
                break
            }
        }
        passSpace()
        guard position == bytes.count || bytes[position] == separator || isLineEnd(bytes[position])
        else { throw fault(.quote) }
        return try text(content)
    }

    private func text(_ content: [UInt8]) throws -> String {
        guard content.count <= Self.lengthLimit else {
            throw fault(.limit("bytes of a field", Self.lengthLimit))
        }
        guard !content.contains(0), let text = String(validating: content, as: UTF8.self) else {
            throw fault(.text(content))
        }
        return text
    }
}

/// A fault of a table.
public enum CSVProblem: Equatable, Sendable, CustomStringConvertible {
    case utf16
    case quote
    case openQuote
    case text([UInt8])
    case fields(expected: Int, found: Int)
    case limit(String, Int)

    /// The problem as part of a sentence, after the file's name and line.
    public var description: String {
        switch self {
        case .utf16: "it is UTF-16; save it as UTF-8"
        case .quote:
            "a quote stands inside a field; write the field in quotes, and quotes in it twice"
        case .openQuote: "a field in quotes does not end"
        case .text(let bytes): "a field is no text (UTF-8): \(Shown.bytes(bytes.prefix(40)))"
        case .fields(let expected, let found):
            "the row has \(found) fields, and the first has \(expected)"
        case .limit(let what, let limit): "more than \(limit) \(what)"
        }
    }
}
