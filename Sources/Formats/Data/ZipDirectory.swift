// The table of contents of a zip archive, of a PyTorch checkpoint or of a Python wheel. With zip64,
// since weights exceed 4 GB. Nothing is copied unless it is compressed; sizes and places are checked
// against the file, entries may not overlap, names must be given once.

import CZlib

/// Names and places of a zip archive's entries.
struct ZipDirectory {
    /// One entry.
    struct Entry {
        let crc: UInt32
        /// The content, as offsets in the file.
        let bytes: Range<Int>
        /// Its size once inflated; nil for an entry that is stored as it is.
        let inflated: Int?
    }

    /// The most entries that are read.
    static let entryLimit = 200_000

    private let file: MappedFile
    /// Entries by name.
    private(set) var entries: [String: Entry] = [:]

    /// Reads the directory. PyTorch stores everything as it is, so a compressed entry in a
    /// checkpoint is refused; other archives are read with `allowsDeflate`.
    init(_ file: MappedFile, allowsDeflate: Bool = false) throws {
        self.file = file
        let directory = try ZipDirectory.locate(file)
        var reader = ByteReader(file.bytes, directory.bytes, named: file.name)
        var places: [Range<Int>] = []
        for _ in 0..<directory.count {
            let start = reader.position
            let (name, entry, place) = try ZipDirectory.entry(
                &reader, file, limit: directory.bytes.lowerBound, allowsDeflate)
            guard entries.updateValue(entry, forKey: name) == nil else {
                throw reader.fault(
                    .zip("the name \(TorchProblem.shown(name.utf8)) is given twice"), at: start)
            }
            places.append(place)
        }
        guard reader.position == reader.end else {
            throw reader.fault(.zip("\(reader.end - reader.position) bytes follow its directory"))
        }
        places.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
        for (first, second) in zip(places, places.dropFirst())
        where second.lowerBound < first.upperBound {
            throw reader.fault(
                .zip("two entries overlap; one ends at \(first.upperBound)"), at: second.lowerBound)
        }
    }

    /// The place of a stored entry, its checksum compared.
    /// - Throws: `FormatFault.torch` when there is none of this name or it is damaged.
    func content(_ name: String) throws -> Range<Int> {
        guard let entry = entries[name], entry.inflated == nil else {
            throw FormatFault.torch(file: file.name, at: nil, .missing(entry: name))
        }
        let found = UInt32(
            truncatingIfNeeded: crc32_z(
                0,
                file.bytes.baseAddress?.advanced(by: entry.bytes.lowerBound)
                    .assumingMemoryBound(to: UInt8.self), entry.bytes.count))
        guard found == entry.crc else {
            throw FormatFault.torch(
                file: file.name, at: entry.bytes.lowerBound,
                .checksum(entry: name, expected: entry.crc, found: found))
        }
        return entry.bytes
    }

    // MARK: The end of the archive

    /// Finds the directory through the record at the end of the file, and its zip64 twin.
    private static func locate(_ file: MappedFile) throws -> (bytes: Range<Int>, count: Int) {
        let size = file.bytes.count
        // The record takes 22 bytes and a comment of at most 65,535 follows it.
        var last = size - 22
        while last >= max(0, size - 22 - 65_535), !starts(file, at: last, with: 0x0605_4B50) {
            last -= 1
        }
        guard last >= max(0, size - 22 - 65_535) else {
            throw FormatFault.torch(
                file: file.name, at: size,
                .truncated(what: "its zip archive (there is no end record)"))
        }
        var reader = ByteReader(file.bytes, (last + 4)..<size, named: file.name)
        let what = "the end record"
        let disks = (
            try reader.number(UInt16.self, of: what), try reader.number(UInt16.self, of: what)
        )
        _ = try reader.number(UInt16.self, of: what)
        var count = UInt64(try reader.number(UInt16.self, of: what))
        var length = UInt64(try reader.number(UInt32.self, of: what))
        var start = UInt64(try reader.number(UInt32.self, of: what))
        let comment = Int(try reader.number(UInt16.self, of: what))
        guard disks == (0, 0), comment == size - last - 22 else {
            throw reader.fault(.zip("its end record is damaged or it has several parts"), at: last)
        }
        var end = last
        if last >= 20, starts(file, at: last - 20, with: 0x0706_4B50) {
            reader = ByteReader(file.bytes, (last - 12)..<last, named: file.name)
            let place = try reader.number(UInt64.self, of: what)
            guard place < UInt64(last), Int(place) + 56 <= last - 20,
                starts(file, at: Int(place), with: 0x0606_4B50)
            else { throw reader.fault(.zip("there is no zip64 record at \(place)"), at: last - 20) }
            reader = ByteReader(file.bytes, (Int(place) + 32)..<(Int(place) + 56), named: file.name)
            count = try reader.number(UInt64.self, of: what)
            length = try reader.number(UInt64.self, of: what)
            start = try reader.number(UInt64.self, of: what)
            end = Int(place)
        }
        guard count <= UInt64(entryLimit) else {
            throw reader.fault(
                .limit(
                    what: "entries of the archive", limit: entryLimit,
                    found: Int(clamping: count)), at: last)
        }
        guard length <= UInt64(end), start == UInt64(end) - length, count * 46 <= length else {
            throw reader.fault(
                .zip(
                    "its directory claims \(count) entries in \(length) bytes at \(start), and ends "
                        + "at \(end)"), at: last)
        }
        return (Int(start)..<end, Int(count))
    }

    private static func starts(_ file: MappedFile, at place: Int, with signature: UInt32) -> Bool {
        guard place >= 0, place + 4 <= file.bytes.count else { return false }
        return UInt32(
            littleEndian: file.bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
            == signature
    }

    // MARK: One entry

    /// Reads the next record of the directory and the header before the entry's content.
    private static func entry(
        _ reader: inout ByteReader, _ file: MappedFile, limit: Int, _ allowsDeflate: Bool
    ) throws -> (String, Entry, Range<Int>) {
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
        try widen(&sizes, by: ByteReader(file.bytes, extra, named: file.name))
        let words = TorchProblem.shown(file.bytes[name])
        let isStored = method == 0 && sizes[0] == sizes[1]
        let isDeflated = method == 8 && allowsDeflate && sizes[1] <= UInt64(Int.max)
        guard flags & 1 == 0, isStored || isDeflated else {
            throw reader.fault(
                .zip(
                    "its entry \(words) is "
                        + (allowsDeflate
                            ? "encrypted or compressed by an unusual method"
                            : "compressed or encrypted, expected a stored one")), at: start)
        }
        guard let text = String(validating: file.bytes[name], as: UTF8.self), !text.isEmpty else {
            throw reader.fault(.zip("the name \(words) is not text"), at: start)
        }

        // The header before the content repeats the name and may have another extra field.
        guard sizes[2] <= UInt64(limit) else {
            throw reader.fault(.zip("its entry \(words) starts at \(sizes[2])"), at: start)
        }
        let place = Int(sizes[2])
        var header = ByteReader(file.bytes, place..<limit, named: file.name)
        guard try header.number(UInt32.self, of: "a zip entry") == 0x0403_4B50 else {
            throw header.fault(.zip("its entry \(words) does not start as one"), at: place)
        }
        _ = try header.take(22, of: "a zip entry")
        let repeated = Int(try header.number(UInt16.self, of: "a zip entry"))
        let skipped = Int(try header.number(UInt16.self, of: "a zip entry"))
        let again = try header.take(repeated, of: "a zip entry")
        guard file.bytes[again].elementsEqual(file.bytes[name]) else {
            throw header.fault(.zip("its entry \(words) has another name in its header"), at: place)
        }
        _ = try header.take(skipped, of: "a zip entry")
        guard sizes[0] <= UInt64(limit) else {
            throw header.fault(.zip("its entry \(words) claims \(sizes[0]) bytes"), at: start)
        }
        let content = try header.take(Int(sizes[0]), of: "the zip entry \(words)")
        let entry = Entry(crc: crc, bytes: content, inflated: isStored ? nil : Int(sizes[1]))
        return (text, entry, place..<content.upperBound)
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
