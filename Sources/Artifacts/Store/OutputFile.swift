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
    let path: String
    private var descriptor: Int32
    private let stream = DigestStream()
    private var bytes = 0
    private(set) var finished: Record.Output?

    init(name: String, path: String) throws {
        self.name = name
        self.path = path
        try Disk.step("before creating a temporary")
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Disk.fault(path, "write") }
        try Disk.step("after creating a temporary")
    }

    deinit { shut() }

    private func shut() {
        guard descriptor >= 0 else { return }
        #if canImport(Glibc)
            _ = Glibc.close(descriptor)
        #else
            _ = Darwin.close(descriptor)
        #endif
        descriptor = -1
    }

    /// Adds bytes.
    /// - Throws: `StoreFault.system`, for instance when the disk is full.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        precondition(finished == nil, "\(name) is written after it was closed")
        try Disk.step("before writing")
        stream.update(bytes)
        self.bytes += bytes.count
        var rest = bytes[...]
        while !rest.isEmpty {
            let block = UnsafeRawBufferPointer(rebasing: rest)
            #if canImport(Glibc)
                let count = Glibc.write(descriptor, block.baseAddress, block.count)
            #else
                let count = Darwin.write(descriptor, block.baseAddress, block.count)
            #endif
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Disk.fault(name, "write") }
            rest = rest.dropFirst(count)
        }
        try Disk.step("after writing")
    }

    /// Adds bytes.
    /// - Throws: `StoreFault.system`, for instance when the disk is full.
    public func write(_ bytes: [UInt8]) throws {
        try bytes.withUnsafeBytes { try write($0) }
    }

    /// Adds the UTF-8 bytes of a text.
    /// - Throws: `StoreFault.system`, for instance when the disk is full.
    public func write(_ text: String) throws { try write(Array(text.utf8)) }

    /// Syncs the file. The runner does this for files that the stage left open.
    /// - Throws: `StoreFault.system`.
    public func close() throws {
        guard finished == nil else { return }
        try Disk.step("before syncing a temporary")
        guard fsync(descriptor) == 0 else { throw Disk.fault(name, "write") }
        guard fchmod(descriptor, 0o444) == 0 else { throw Disk.fault(name, "write") }
        shut()
        finished = Record.Output(name: name, digest: stream.finish(), bytes: bytes)
        try Disk.step("after syncing a temporary")
    }

    /// Closes the file and gives what was written, to be read before it is published.
    /// - Throws: `StoreFault.system`; `FormatFault.system`.
    public func contents() throws -> MappedFile {
        try close()
        return try MappedFile(path, named: name)
    }
}
