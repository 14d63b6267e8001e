// The table of contents of a zip archive, of a PyTorch checkpoint or of a Python wheel. With zip64,
// since weights exceed 4 GB. Nothing is copied unless it is compressed; sizes and places are checked
// against the file. A wheel must be sound throughout. Of a checkpoint only the parts that are used must
// be, as PyTorch itself demands it: others may be compressed in any way or lie anywhere.

/// Names and places of a zip archive's entries.
struct ZipDirectory {
    /// How much of an archive must be sound.
    enum Care {
        /// All of it: every entry, no overlaps, no name twice, nothing before or after.
        case everything
        /// What is asked for. Bytes may precede the archive or follow it.
        case whatIsUsed
    }

    /// One entry, as the directory states it: not compared with anything yet.
    struct Entry {
        let name: String
        let crc: UInt32
        /// 0 for one that is stored as it is, 8 for a deflated one.
        let method: UInt16
        let isEncrypted: Bool
        /// Its size in the file, and once inflated.
        let stored: UInt64, inflated: UInt64
        /// Where the header before its content starts.
        let header: UInt64
        /// Where the directory speaks of it.
        let place: Int
        /// Its name's bytes.
        let nameBytes: Range<Int>
    }

    /// The content of an entry.
    struct Content {
        /// As offsets in the file.
        let bytes: Range<Int>
        /// Its size once inflated; nil for an entry that is stored as it is.
        let inflated: Int?
        let crc: UInt32

        /// Its size as its reader sees it.
        var size: Int { inflated ?? bytes.count }
    }

    /// The most entries that are read.
    static let entryLimit = 200_000

    let file: MappedFile
    /// Entries by name.
    private(set) var entries: [String: Entry] = [:]
    /// Names that several entries have.
    private var repeated: Set<String> = []
    private let care: Care
    /// Where contents end: at the directory.
    private let limit: Int

    /// Reads the directory.
    /// - Throws: `FormatFault.torch` (whose container this is too).
    init(_ file: MappedFile, care: Care) throws {
        self.file = file
        self.care = care
        let end = try ZipEnd(of: file, isStrict: care == .everything)
        limit = end.directory.lowerBound
        var reader = ByteReader(file.bytes, end.directory, named: file.name)
        for _ in 0..<end.count {
            let start = reader.position
            guard let entry = try ZipDirectory.entry(&reader, before: end.shift, care) else {
                continue
            }
            guard entries.updateValue(entry, forKey: entry.name) != nil else { continue }
            guard care == .whatIsUsed else {
                throw reader.fault(
                    .zip("the name \(TorchProblem.shown(entry.name.utf8)) is given twice"),
                    at: start)
            }
            repeated.insert(entry.name)
        }
        guard care == .everything else { return }
        guard reader.position == reader.end else {
            throw reader.fault(.zip("\(reader.end - reader.position) bytes follow its directory"))
        }
        try checkOverlaps(reader)
    }

    /// Where the content of an entry is.
    /// - Throws: `FormatFault.torch` when there is none of this name, or it is malformed,
    ///   encrypted or compressed by another method than deflate.
    func content(_ name: String) throws -> Content {
        guard let entry = entries[name] else {
            throw FormatFault.torch(file: file.name, at: nil, .missing(entry: name))
        }
        let words = TorchProblem.shown(name.utf8)
        func fault(_ problem: String, at place: Int) -> FormatFault {
            .torch(file: file.name, at: place, .zip(problem))
        }
        guard !repeated.contains(name) else {
            throw fault("the name \(words) is given twice", at: entry.place)
        }
        guard !entry.isEncrypted, entry.method == 0 || entry.method == 8 else {
            throw fault(
                "its entry \(words) is encrypted or compressed by an unusual method",
                at: entry.place)
        }
        guard entry.method == 8 || entry.stored == entry.inflated else {
            throw fault("its entry \(words) has two sizes", at: entry.place)
        }

        // The header before the content repeats the name and may have another extra field.
        guard entry.header <= UInt64(limit) else {
            throw fault("its entry \(words) starts at \(entry.header)", at: entry.place)
        }
        let place = Int(entry.header)
        var header = ByteReader(file.bytes, place..<limit, named: file.name)
        guard try header.number(UInt32.self, of: "a zip entry") == 0x0403_4B50 else {
            throw fault("its entry \(words) does not start as one", at: place)
        }
        _ = try header.take(22, of: "a zip entry")
        let repeats = Int(try header.number(UInt16.self, of: "a zip entry"))
        let skipped = Int(try header.number(UInt16.self, of: "a zip entry"))
        let again = try header.take(repeats, of: "a zip entry")
        guard file.bytes[again].elementsEqual(file.bytes[entry.nameBytes]) else {
            throw fault("its entry \(words) has another name in its header", at: place)
        }
        _ = try header.take(skipped, of: "a zip entry")
        guard entry.stored <= UInt64(limit) else {
            throw fault("its entry \(words) claims \(entry.stored) bytes", at: entry.place)
        }
        let bytes = try header.take(Int(entry.stored), of: "the zip entry \(words)")
        // Deflate makes of one byte at most 1,032.
        guard entry.method == 0 || entry.inflated <= 1032 * (entry.stored + 8) else {
            throw fault(
                "its entry \(words) claims to inflate \(entry.stored) bytes to \(entry.inflated)",
                at: entry.place)
        }
        return Content(
            bytes: bytes, inflated: entry.method == 0 ? nil : Int(entry.inflated), crc: entry.crc)
    }

    /// All entries must be well-formed, and none may lie in another: what they mean would depend on
    /// the reader.
    private func checkOverlaps(_ reader: ByteReader) throws {
        var places = try entries.values.map {
            Int($0.header)..<(try content($0.name)).bytes.upperBound
        }
        places.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
        for (first, second) in zip(places, places.dropFirst())
        where second.lowerBound < first.upperBound {
            throw reader.fault(
                .zip("two entries overlap; one ends at \(first.upperBound)"), at: second.lowerBound)
        }
    }

    // MARK: One entry

    /// Reads the next record of the directory; nil for one whose name is no text and which nobody can ask
    /// for, where that is no fault.
    private static func entry(
        _ reader: inout ByteReader, before shift: UInt64, _ care: Care
    ) throws -> Entry? {
        let what = "the zip directory"
        let start = reader.position
        guard try reader.number(UInt32.self, of: what) == 0x0201_4B50 else {
            throw reader.fault(.zip("a record of its directory does not start as one"), at: start)
        }
        _ = try reader.take(4, of: what)
        let flags = try reader.number(UInt16.self, of: what)
        let method = try reader.number(UInt16.self, of: what)
        _ = try reader.take(4, of: what)
        let crc = try reader.number(UInt32.self, of: what)
        // Stored, original, place of the header.
        var sizes: [UInt64] = []
        sizes.append(UInt64(try reader.number(UInt32.self, of: what)))
        sizes.append(UInt64(try reader.number(UInt32.self, of: what)))
        let nameLength = Int(try reader.number(UInt16.self, of: what))
        let extraLength = Int(try reader.number(UInt16.self, of: what))
        let commentLength = Int(try reader.number(UInt16.self, of: what))
        _ = try reader.take(8, of: what)
        sizes.append(UInt64(try reader.number(UInt32.self, of: what)))
        let name = try reader.take(nameLength, of: what)
        let extra = try reader.take(extraLength, of: what)
        _ = try reader.take(commentLength, of: what)
        try widen(&sizes, by: ByteReader(reader.bytes, extra, named: reader.name))
        guard let text = String(validating: reader.bytes[name], as: UTF8.self), !text.isEmpty else {
            guard care == .everything else { return nil }
            throw reader.fault(
                .zip("the name \(TorchProblem.shown(reader.bytes[name])) is not text"), at: start)
        }
        let (header, overflows) = sizes[2].addingReportingOverflow(shift)
        return Entry(
            name: text, crc: crc, method: method, isEncrypted: flags & 1 != 0, stored: sizes[0],
            inflated: sizes[1], header: overflows ? .max : header, place: start, nameBytes: name)
    }

    /// Replaces sizes that do not fit 32 bits by those of the zip64 extra field.
    private static func widen(_ sizes: inout [UInt64], by extra: ByteReader) throws {
        var extra = extra
        while extra.end - extra.position >= 4 {
            let kind = try extra.number(UInt16.self, of: "a zip field")
            let length = Int(try extra.number(UInt16.self, of: "a zip field"))
            let field = try extra.take(length, of: "a zip field")
            guard kind == 1 else { continue }
            var wide = ByteReader(extra.bytes, field, named: extra.name)
            for index in [1, 0, 2] where sizes[index] == 0xFFFF_FFFF {
                sizes[index] = try wide.number(UInt64.self, of: "a zip64 field")
            }
        }
    }
}
