// The names of classes as people keep them: one a line, or as JSON.

import Formats

extension ClassNames {
    /// The most classes that a list may have.
    public static let limit = 100_000

    /// Reads a list of the user's own: one name a line, a JSON list, or a JSON object of names by number.
    /// - Throws: `FormatFault.json`; `DatasetFault.wrongNames`, `.wrongList`.
    public init(listIn mapped: MappedFile) throws {
        let bytes = mapped.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        let text = UnsafeRawBufferPointer(rebasing: mapped.bytes[bytes...])
        switch text.first(where: { ![9, 10, 13, 32].contains($0) }) {
        case UInt8(ascii: "{"): try self.init(mapped)
        case UInt8(ascii: "["):
            let json = try JSON.parse(Array(text), named: mapped.name)
            try self.init(
                (json.array ?? []).map(\.string), of: mapped.name, place: { "entry \($0)" })
        default:
            var lines = text.split(separator: 10, omittingEmptySubsequences: false)
            lines = lines.map { $0.last == 13 ? $0.dropLast() : $0 }
            while lines.last?.isEmpty == true { lines.removeLast() }
            try self.init(
                lines.map { String(validating: $0, as: UTF8.self) }, of: mapped.name,
                place: { "line \($0 + 1)" })
        }
        guard all.count <= Self.limit else {
            throw DatasetFault.wrongList(file: file, found: "\(all.count), more than \(Self.limit)")
        }
    }

    private init(_ names: [String?], of file: String, place: (Int) -> String) throws {
        guard !names.isEmpty else { throw DatasetFault.wrongList(file: file, found: "none") }
        self.init(
            all: try names.enumerated().map { index, name in
                guard let name, name.contains(where: { !$0.isWhitespace }) else {
                    throw DatasetFault.wrongList(
                        file: file,
                        found:
                            "\(name == nil ? "no text (UTF-8)" : "an empty name") in \(place(index))"
                    )
                }
                return name
            }, file: file)
    }

    /// The class of a name; nil where the list has no such name.
    /// - Throws: `DatasetFault.repeatedName` where two classes have it.
    public func index(of name: String) throws -> Int? {
        guard let first = all.firstIndex(of: name) else { return nil }
        guard let second = all[(first + 1)...].firstIndex(of: name) else { return first }
        throw DatasetFault.repeatedName(file: file, name: name, first: first, second: second)
    }
}
