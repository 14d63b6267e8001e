// Files out of a zip archive, such as a Python wheel. Nothing in it is run, and no name in it
// becomes a path: an entry is asked for by its name and comes back as bytes.

import CZlib

/// A zip archive whose entries are stored or deflated, all of it sound.
public struct ZipArchive {
    private let file: MappedFile
    private let directory: ZipDirectory

    /// Reads the table of contents.
    /// - Throws: `FormatFault.torch` (whose container this is too) for anything malformed.
    public init(_ file: MappedFile) throws {
        self.file = file
        directory = try ZipDirectory(file, care: .everything)
    }

    /// The names of all entries, sorted.
    public var names: [String] { directory.entries.keys.sorted() }

    /// The content of an entry, its checksum compared.
    /// - Parameters:
    ///   - name: the whole name, folders included.
    ///   - limit: how many bytes it may have.
    /// - Returns: the bytes, inflated.
    /// - Throws: `FormatFault.torch` for one that is missing or damaged, `.gzip` for one whose
    ///   compressed bytes are.
    public func content(_ name: String, limit: Int) throws -> [UInt8] {
        let content = try directory.content(name)
        guard content.size <= limit else {
            throw FormatFault.torch(
                file: file.name, at: nil,
                .limit(what: "bytes of \(name)", limit: limit, found: content.size))
        }
        let bytes = try directory.bytes(of: content, named: name)
        let found = bytes.withUnsafeBytes { ZipDirectory.checksum($0) }
        guard found == content.crc else {
            throw FormatFault.torch(
                file: file.name, at: content.bytes.lowerBound,
                .checksum(entry: name, expected: content.crc, found: found))
        }
        return bytes
    }
}

extension ZipDirectory {
    /// The bytes of an entry, inflated: exactly as many as it claims.
    /// - Throws: `FormatFault.gzip` where they cannot be inflated, `.torch` where there are fewer.
    func bytes(of content: Content, named name: String) throws -> [UInt8] {
        let stored = UnsafeRawBufferPointer(rebasing: file.bytes[content.bytes])
        guard let size = content.inflated else { return Array(stored) }
        let bytes = try GzipInflater.inflate(
            stored, named: "\(file.name), \(name)", limit: size, isBare: true)
        guard bytes.count == size else {
            throw FormatFault.torch(
                file: file.name, at: content.bytes.lowerBound,
                .zip("its entry \(name) inflates to \(bytes.count) bytes, and claims \(size)"))
        }
        return bytes
    }

    /// The checksum that zip archives state of bytes, or of bytes that follow others.
    static func checksum(_ bytes: UnsafeRawBufferPointer, after start: UInt32 = 0) -> UInt32 {
        // Given no bytes at all, zlib would begin anew.
        guard let base = bytes.baseAddress else { return start }
        return UInt32(
            truncatingIfNeeded: crc32_z(
                UInt(start), base.assumingMemoryBound(to: UInt8.self), bytes.count))
    }
}
