// Files out of a zip archive, such as a Python wheel. Nothing in it is run, and no name in it
// becomes a path: an entry is asked for by its name and comes back as bytes.

import CZlib

/// A zip archive whose entries are stored or deflated.
public struct ZipArchive {
    private let file: MappedFile
    private let directory: ZipDirectory

    /// Reads the table of contents.
    /// - Throws: `FormatFault.torch` (whose container this is too) for anything malformed.
    public init(_ file: MappedFile) throws {
        self.file = file
        directory = try ZipDirectory(file, allowsDeflate: true)
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
        guard let entry = directory.entries[name], let size = entry.inflated else {
            let range = try directory.content(name)
            guard range.count <= limit else { throw tooLarge(name, range.count, limit) }
            return Array(file.bytes[range])
        }
        guard size <= limit else { throw tooLarge(name, size, limit) }
        let bytes = try GzipInflater.inflate(
            UnsafeRawBufferPointer(rebasing: file.bytes[entry.bytes]),
            named: "\(file.name), \(name)", limit: size, isBare: true)
        guard bytes.count == size else {
            throw FormatFault.torch(
                file: file.name, at: entry.bytes.lowerBound,
                .zip("its entry \(name) inflates to \(bytes.count) bytes, and claims \(size)"))
        }
        let found = bytes.withUnsafeBufferPointer {
            UInt32(truncatingIfNeeded: crc32_z(0, $0.baseAddress, $0.count))
        }
        guard found == entry.crc else {
            throw FormatFault.torch(
                file: file.name, at: entry.bytes.lowerBound,
                .checksum(entry: name, expected: entry.crc, found: found))
        }
        return bytes
    }

    private func tooLarge(_ name: String, _ found: Int, _ limit: Int) -> FormatFault {
        .torch(
            file: file.name, at: nil, .limit(what: "bytes of \(name)", limit: limit, found: found))
    }
}
