// Writes tables for people and spreadsheets: RFC 4180, but that lines end in LF alone.

/// Writes a table row by row; what has been written is handed on in pieces, so that a table may be of any
/// length.
///
/// Numbers are the shortest that read back as the same bits, without a sign of digits and with a point:
/// `0.1`, `3`, `1e-07`, `inf`. Nothing is an empty field, and so is NaN. A text stands in quotes where a
/// comma, a quote, a line break or a space at its edge asks for it.
///
/// A text that a spreadsheet would take for a formula, since it begins with `=`, `+`, `-`, `@`, a tab or a
/// carriage return, gets an apostrophe in front: the sign by which spreadsheets know a text. One that is a
/// number in whole, such as `-1`, is left as it is.
public struct CSVWriter {
    private let sink: (UnsafeRawBufferPointer) throws -> Void
    private var buffer: [UInt8] = []
    private var isFirst = true

    /// How many bytes are kept before they are handed on.
    private static let pieceSize = 1 << 16

    private static let comma = UInt8(ascii: ","), quote = UInt8(ascii: "\""), lf: UInt8 = 10

    /// A writer that hands its bytes to `sink`.
    public init(to sink: @escaping (UnsafeRawBufferPointer) throws -> Void) {
        self.sink = sink
        buffer.reserveCapacity(Self.pieceSize + 4096)
    }

    /// An empty field.
    public mutating func none() { separate() }

    /// A whole number.
    public mutating func number(_ value: Int) {
        separate()
        buffer.append(contentsOf: "\(value)".utf8)
    }

    /// A number; nothing for NaN.
    public mutating func number(_ value: Float) {
        separate()
        if !value.isNaN { buffer.append(contentsOf: Self.shortest(value).utf8) }
    }

    /// The shortest text that reads back as the same number: `0.1`, `3`, `1e-07`.
    public static func shortest(_ value: Float) -> Substring {
        let text = value.description[...]
        return text.hasSuffix(".0") ? text.dropLast(2) : text
    }

    /// 1 or 0.
    public mutating func flag(_ value: Bool) {
        separate()
        buffer.append(UInt8(ascii: value ? "1" : "0"))
    }

    /// A text.
    public mutating func text(_ value: String) {
        separate()
        let text = Self.isFormula(value) ? "'" + value : value
        guard Self.needsQuotes(text) else {
            buffer.append(contentsOf: text.utf8)
            return
        }
        buffer.append(Self.quote)
        for byte in text.utf8 {
            if byte == Self.quote { buffer.append(Self.quote) }
            buffer.append(byte)
        }
        buffer.append(Self.quote)
    }

    /// Ends the row.
    /// - Throws: What the sink throws.
    public mutating func endRow() throws {
        buffer.append(Self.lf)
        isFirst = true
        if buffer.count >= Self.pieceSize { try flush() }
    }

    /// Hands on what is left. To be called once, after the last row.
    /// - Throws: What the sink throws.
    public mutating func finish() throws { try flush() }

    private mutating func flush() throws {
        try buffer.withUnsafeBytes(sink)
        buffer.removeAll(keepingCapacity: true)
    }

    private mutating func separate() {
        if !isFirst { buffer.append(Self.comma) }
        isFirst = false
    }

    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.utf8.first, "=+-@\t\r".utf8.contains(first) else { return false }
        let isNumber =
            Double(text)?.isFinite == true && text.utf8.allSatisfy("0123456789.eE+-".utf8.contains)
        return !isNumber
    }

    private static func needsQuotes(_ text: String) -> Bool {
        let bytes = text.utf8
        guard let first = bytes.first, let last = bytes.last else { return false }
        return [9, 32].contains(first) || [9, 32].contains(last)
            || bytes.contains { [comma, quote, lf, 13].contains($0) }
    }
}
