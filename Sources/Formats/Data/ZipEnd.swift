// The record at the end of a zip archive, which says where its directory is.

/// Where the directory of an archive is.
struct ZipEnd {
    /// The directory, as offsets in the file.
    let directory: Range<Int>
    /// How many entries it claims.
    let count: Int
    /// How many bytes precede the archive in its file; all its places count from there.
    let shift: UInt64

    /// Finds it through the record at the end of the file, and its zip64 twin.
    ///
    /// - Parameters:
    ///   - file: the archive.
    ///   - isStrict: whether nothing but the archive may be in the file. Otherwise bytes may precede
    ///     it, and up to `trailingLimit` may follow.
    /// - Throws: `FormatFault.torch`.
    init(of file: MappedFile, isStrict: Bool) throws {
        let size = file.bytes.count
        // The record takes 22 bytes and a comment of at most 65,535 follows it.
        let first = max(0, size - 22 - 65_535 - (isStrict ? 0 : Self.trailingLimit))
        var fault: (any Error)?
        var last = size - 22
        while last >= first {
            defer { last -= 1 }
            guard Self.starts(file, at: last, with: 0x0605_4B50) else { continue }
            do {
                self = try ZipEnd(of: file, at: last, isStrict: isStrict)
                return
            } catch {
                // The same four bytes may stand in a comment, or in what follows the archive.
                fault = fault ?? error
                if isStrict { break }
            }
        }
        throw fault
            ?? FormatFault.torch(
                file: file.name, at: size,
                .truncated(what: "its zip archive (there is no end record)"))
    }

    /// The most bytes that may follow an archive.
    static let trailingLimit = 1 << 20

    private init(of file: MappedFile, at last: Int, isStrict: Bool) throws {
        let size = file.bytes.count
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
        let follows = size - last - 22
        guard disks == (0, 0), isStrict ? comment == follows : comment <= follows else {
            throw reader.fault(.zip("its end record is damaged or it has several parts"), at: last)
        }
        var end = last
        if last >= 20, Self.starts(file, at: last - 20, with: 0x0706_4B50) {
            reader = ByteReader(file.bytes, (last - 12)..<last, named: file.name)
            let claimed = try reader.number(UInt64.self, of: what)
            // Where bytes precede the archive, the record is not where it claims to be.
            let nearest = UInt64(max(0, last - 76))
            let place =
                isStrict || Self.starts(file, at: Int(clamping: claimed), with: 0x0606_4B50)
                ? claimed : nearest
            guard place < UInt64(last), Int(place) + 56 <= last - 20,
                Self.starts(file, at: Int(place), with: 0x0606_4B50)
            else {
                throw reader.fault(.zip("there is no zip64 record at \(claimed)"), at: last - 20)
            }
            reader = ByteReader(file.bytes, (Int(place) + 32)..<(Int(place) + 56), named: file.name)
            count = try reader.number(UInt64.self, of: what)
            length = try reader.number(UInt64.self, of: what)
            start = try reader.number(UInt64.self, of: what)
            end = Int(place)
        }
        guard count <= UInt64(ZipDirectory.entryLimit) else {
            throw reader.fault(
                .limit(
                    what: "entries of the archive", limit: ZipDirectory.entryLimit,
                    found: Int(clamping: count)), at: last)
        }
        guard length <= UInt64(end), count * 46 <= length,
            isStrict ? start == UInt64(end) - length : start <= UInt64(end) - length
        else {
            throw reader.fault(
                .zip(
                    "its directory claims \(count) entries in \(length) bytes at \(start), and ends "
                        + "at \(end)"), at: last)
        }
        directory = (end - Int(length))..<end
        self.count = Int(count)
        shift = UInt64(directory.lowerBound) - start
    }

    private static func starts(_ file: MappedFile, at place: Int, with signature: UInt32) -> Bool {
        guard place >= 0, place <= file.bytes.count - 4 else { return false }
        return UInt32(
            littleEndian: file.bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self))
            == signature
    }
}
