// An open file, and what the system says of it. What is hashed, described or mapped through one
// descriptor is one file, whatever happens to its name meanwhile.

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An open file or folder, closed at the end of its life.
final class Descriptor: Sendable {
    let number: Int32

    init(_ number: Int32) { self.number = number }

    deinit { close(number) }

    /// What the file is now.
    func signature(_ path: String) throws -> Signature {
        var status = stat()
        guard fstat(number, &status) == 0 else { throw Disk.fault(path, "inspect") }
        return Signature(status)
    }

    /// Writes all bytes.
    func write(_ bytes: UnsafeRawBufferPointer, _ path: String) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let block = UnsafeRawBufferPointer(rebasing: rest)
            #if canImport(Glibc)
                let count = Glibc.write(number, block.baseAddress, block.count)
            #else
                let count = Darwin.write(number, block.baseAddress, block.count)
            #endif
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Disk.fault(path, "write") }
            rest = rest.dropFirst(count)
        }
    }

    /// Writes all bytes.
    func write(_ bytes: [UInt8], _ path: String) throws {
        try bytes.withUnsafeBytes { try write($0, path) }
    }

    /// Hands out all bytes from the first on, in pieces.
    func read(_ path: String, _ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { buffer.deallocate() }
        var position = 0
        while true {
            let count = pread(number, buffer.baseAddress, buffer.count, off_t(position))
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Disk.fault(path, "read") }
            if count == 0 { return }
            try take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            position += count
        }
    }

    /// The digest of all bytes; nil for a file that changed while it was read.
    func digest(_ path: String) throws -> (digest: Digest, signature: Signature)? {
        let before = try signature(path)
        let stream = DigestStream()
        try read(path) { stream.update($0) }
        guard try signature(path) == before else { return nil }
        return (stream.finish(), before)
    }
}

/// What the system says of a file, as far as it shows that it has not been touched since.
struct Signature: Equatable, Sendable {
    /// The kind of thing at a path.
    enum Kind: Sendable { case file, link, folder, other }

    let kind: Kind
    let size: Int
    let device: UInt64
    /// The permission bits, without the kind of file.
    let mode: UInt32
    /// When it was last written or otherwise changed, in nanoseconds of its file system's clock.
    var latest: Int64
    /// Inode, size and times in words.
    let text: String

    init(_ status: stat) {
        switch status.st_mode & S_IFMT {
        case S_IFREG: kind = .file
        case S_IFLNK: kind = .link
        case S_IFDIR: kind = .folder
        default: kind = .other
        }
        #if canImport(Glibc)
            let (written, changed) = (status.st_mtim, status.st_ctim)
        #else
            let (written, changed) = (status.st_mtimespec, status.st_ctimespec)
        #endif
        size = Int(status.st_size)
        device = UInt64(truncatingIfNeeded: status.st_dev)
        mode = UInt32(status.st_mode & 0o7777)
        latest = max(Signature.nanoseconds(written), Signature.nanoseconds(changed))
        text =
            "\(status.st_ino) \(status.st_size) \(written.tv_sec).\(written.tv_nsec) "
            + "\(changed.tv_sec).\(changed.tv_nsec)"
    }

    /// Times beyond the year 2262 count as the last one, which nothing is later than.
    private static func nanoseconds(_ time: timespec) -> Int64 {
        let (whole, overflows) = Int64(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, overflowsToo) = whole.addingReportingOverflow(Int64(time.tv_nsec))
        return overflows || overflowsToo ? .max : sum
    }
}
