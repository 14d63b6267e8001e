// The block of 512 bytes before each entry of a tar archive.

/// What the header of an entry says.
struct TarHeader {
    enum Kind { case file, folder, link, sparse, longName, pax, other }

    /// Bytes of a block.
    static let size = 512
    /// No entry is larger.
    static let sizeLimit = 1 << 40

    let type: Kind
    let size: Int
    private let nameBytes: [UInt8]

    /// Reads a block; nil for one of zeros, which ends the archive. Where nothing precedes it (`isFirst`),
    /// a block that is no header means that the file is no archive.
    /// - Throws: what `fault` makes of the problem.
    init?(
        _ block: [UInt8], _ fault: (TarProblem) -> FormatFault, isFirst: Bool
    ) throws {
        let sum = block.indices.reduce(0) {
            $0 + ((148..<156).contains($1) ? 32 : Int(block[$1]))
        }
        if sum == 8 * 32, !isFirst { return nil }
        guard TarHeader.number(block[148..<156]) == sum else {
            throw fault(isFirst ? .notTar : .checksum)
        }
        guard let size = TarHeader.number(block[124..<136]), size <= TarHeader.sizeLimit else {
            throw fault(.number)
        }
        self.size = size
        type =
            switch block[156] {
            case 0, UInt8(ascii: "0"), UInt8(ascii: "7"): .file
            case UInt8(ascii: "1"), UInt8(ascii: "2"): .link
            // Folders, and devices and pipes, which hold nothing either.
            case UInt8(ascii: "3")...UInt8(ascii: "6"): .folder
            case UInt8(ascii: "L"): .longName
            case UInt8(ascii: "S"): .sparse
            case UInt8(ascii: "x"): .pax
            default: .other
            }
        let prefix = block[345..<500].prefix { $0 != 0 }
        let name = block[..<100].prefix { $0 != 0 }
        // GNU's magic is "ustar " and has other things in the place of the prefix.
        let hasPrefix = block[257..<263].elementsEqual("ustar\0".utf8) && !prefix.isEmpty
        nameBytes = hasPrefix ? prefix + [UInt8(ascii: "/")] + name : Array(name)
    }

    /// Whether it speaks of the entry that follows.
    var isExtension: Bool { type == .longName || type == .pax || type == .other }

    /// Links and folders have none, whatever their size says.
    var hasContent: Bool { type != .link && type != .folder }

    /// The name as text.
    func name(or fault: ([UInt8]) -> FormatFault) throws -> String {
        guard let text = String(validating: nameBytes, as: UTF8.self) else {
            throw fault(nameBytes)
        }
        return text
    }

    /// A name without "./" before it; one that leads out of the archive is refused.
    static func path(_ name: String, or fault: (String) -> FormatFault) throws -> String {
        let parts = name.split(separator: "/", omittingEmptySubsequences: true)
        guard !name.hasPrefix("/"), !parts.contains("..") else { throw fault(name) }
        return parts.filter { $0 != "." }.joined(separator: "/")
    }

    /// A number in octal digits, or in binary after a first byte of 128, as GNU writes large ones.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        if field.first == 0x80 {
            let digits = field.dropFirst().drop { $0 == 0 }
            return digits.count < 8 ? digits.reduce(0) { $0 << 8 | Int($1) } : nil
        }
        let digits = field.drop { $0 == 32 }.prefix { $0 != 32 && $0 != 0 }
        guard digits.allSatisfy({ (48...55).contains($0) }) else { return nil }
        return digits.reduce(0) { $0 << 3 | Int($1 - 48) }
    }

    /// The records of a pax header: "<length of the record> <key>=<value>\n".
    static func records(
        _ content: [UInt8], or fault: () -> FormatFault
    ) throws -> [String: String] {
        var records: [String: String] = [:]
        var rest = content[...]
        while let first = rest.first, first != 0 {
            let digits = rest.prefix { (48...57).contains($0) }
            guard digits.count < 9, let length = Int(String(decoding: digits, as: UTF8.self)),
                length > digits.count + 1, length <= rest.count
            else { throw fault() }
            let record = rest.prefix(length).dropFirst(digits.count + 1)
            rest = rest.dropFirst(length)
            guard record.last == 10, let equals = record.firstIndex(of: UInt8(ascii: "=")) else {
                throw fault()
            }
            let key = String(decoding: record[..<equals], as: UTF8.self)
            guard key == "path" || key == "size" else { continue }
            guard
                let value = String(
                    validating: record[(equals + 1)...].dropLast(), as: UTF8.self)
            else { throw fault() }
            records[key] = value
        }
        return records
    }
}

/// A fault of a tar archive.
public enum TarProblem: Equatable, Sendable, CustomStringConvertible {
    case notTar
    case truncated
    case checksum
    case number
    case pax
    case entries(limit: Int)
    case text([UInt8])
    case path(String)
    case notAFile(name: String, isLink: Bool)
    case size(name: String, limit: Int, found: Int)
    case twice(String)

    /// The problem as part of a sentence, after the file's name and the place in it.
    public var description: String {
        switch self {
        case .notTar: "it is not a tar archive; its first block is no header of one"
        case .truncated: "the archive ends inside an entry; it is cut short"
        case .checksum: "the header of an entry has a wrong checksum"
        case .number: "the header of an entry has a size that is no number, or too large"
        case .pax: "the extended header (pax) of an entry is malformed"
        case .entries(let limit): "it has more than \(limit) entries"
        case .text(let bytes):
            "the name of an entry is no text (UTF-8): \(Shown.bytes(bytes.prefix(80)))"
        case .path(let name):
            "the entry \(Shown.start(name)) has a name that leads out of the archive"
        case .notAFile(let name, let isLink):
            "its entry \(Shown.start(name)) is a \(isLink ? "link" : "sparse file"), expected a regular file"
        case .size(let name, let limit, let found):
            "its entry \(Shown.start(name)) has \(found) bytes, more than the \(limit) that are read"
        case .twice(let name): "its entry \(Shown.start(name)) is there twice"
        }
    }
}
