// An artifact while it is written: a temporary file, hashed on the way, synced and made read-only
// at the end. It becomes visible only when the whole run has succeeded.

import Formats

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A file being written. Not for use from two threads at once.
public final class OutputFile {
    /// The artifact's name.
    public let name: String
    /// Where it is meanwhile, below the store's root.
    let temporary: String
    /// Open until the end of the run: what is noted of the file is said of this very one.
    let file: Descriptor
    private let stream = DigestStream()
    private var bytes = 0
    private(set) var finished: Record.Output?

    init(name: String, temporary: String, in tree: Tree) throws {
        self.name = name
        self.temporary = temporary
        var file: Descriptor?
        try Disk.change("creating a temporary") { file = try tree.create(temporary) }
        guard let file else { throw Disk.fault(name, "write") }
        self.file = file
    }

    /// Adds bytes.
    /// - Throws: `StoreFault.system`, for instance when the disk is full.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        precondition(finished == nil, "\(name) is written after it was closed")
        stream.update(bytes)
        self.bytes += bytes.count
        try Disk.change("writing") { try file.write(bytes, name) }
    }

    /// Adds bytes.
    /// - Throws: `StoreFault.system`, for instance when the disk is full.
    public func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }

    /// Adds the UTF-8 bytes of a text.
    /// - Throws: `StoreFault.system`, for instance when the disk is full.
    public func write(_ text: String) throws { try write(Array(text.utf8)) }

    /// Syncs the file and takes the permission to write it away, leaving those to read that the
    /// umask allows. The runner does this for files that the stage left open.
    /// - Throws: `StoreFault.system`.
    public func close() throws {
        try close(readOnly: true)
    }

    func close(readOnly: Bool) throws {
        guard finished == nil else { return }
        try Disk.change("syncing a temporary") {
            let mode = try file.signature(name).mode
            guard !readOnly || fchmod(file.number, mode_t(mode & 0o444)) == 0,
                fsync(file.number) == 0
            else { throw Disk.fault(name, "write") }
        }
        finished = Record.Output(name: name, digest: stream.finish(), bytes: bytes)
    }

    /// The digest of what was written to a file that nobody is to see.
    func digestSoFar() -> Digest { stream.finish() }

    /// Closes the file and gives what was written, to be read before it is published.
    /// - Throws: `StoreFault.system`; `FormatFault.system`.
    public func contents() throws -> MappedFile {
        try close()
        return try MappedFile(descriptor: file.number, named: name)
    }
}
