// The few file operations that the store is made of, each with its errno turned into a fault.
// Everything that changes the disk passes `step` first and after: tests put a fault or a sudden
// death there, so that every instant at which a run can end is tried.

import Formats

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Operations on files and folders.
public enum Disk {
    /// Called before and after each change of the disk, with its name; nothing by default.
    @TaskLocal public static var step: @Sendable (String) throws -> Void = { _ in }

    /// What `lstat` says of a path, as far as it shows that a file has not been touched since.
    public struct Signature: Equatable, Sendable {
        /// The kind of thing at the path.
        public enum Kind: Sendable { case file, link, folder, other }
        let kind: Kind
        let size: Int
        let text: String
        /// When it was last changed, in seconds of the system's clock.
        let changed: Double

        /// Whether it was changed long enough ago for a later change to show in its times, which
        /// the kernel rounds to some milliseconds.
        var isSettled: Bool {
            var now = timespec()
            clock_gettime(CLOCK_REALTIME, &now)
            return Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9 - changed > 0.1
        }
    }

    /// The signature of what is at a path, links not followed; nil when nothing is there.
    static func signature(_ path: String) -> Signature? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return nil }
        let kind: Signature.Kind
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
        let text =
            "\(status.st_ino) \(status.st_size) \(written.tv_sec).\(written.tv_nsec) "
            + "\(changed.tv_sec).\(changed.tv_nsec)"
        return Signature(
            kind: kind, size: Int(status.st_size), text: text,
            changed: Double(changed.tv_sec) + Double(changed.tv_nsec) * 1e-9)
    }

    /// Where a link points; nil when the path is no link.
    static func target(ofLink path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes {
            $0.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { readlink(path, $0, text.count) } ?? -1
            }
        }
        return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
    }

    /// Whether there is anything at a path.
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Whether a path is a folder, or a link to one.
    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Names in a folder, sorted, without `.` and `..`; none when it cannot be read.
    public static func names(in folder: String) -> [String] {
        guard let handle = opendir(folder) else { return [] }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The digest and size of a file, read in pieces.
    static func hash(_ path: String) throws -> (digest: Digest, bytes: Int) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault(path, "open") }
        defer { close(descriptor) }
        let stream = DigestStream()
        var bytes = 0
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { buffer.deallocate() }
        while true {
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw fault(path, "read") }
            if count == 0 { break }
            stream.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            bytes += count
        }
        return (stream.finish(), bytes)
    }

    /// Makes a folder and those above it.
    static func makeFolder(_ path: String) throws {
        if mkdir(path, 0o777) == 0 { return }
        if errno == EEXIST {
            var status = stat()
            if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
            throw StoreFault.inTheWay(path: path)
        }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw fault(path, "make the folder")
        }
        try makeFolder(String(path[..<slash]))
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
            throw fault(path, "make the folder")
        }
    }

    /// Waits until a folder's entries are on the disk, so that a rename survives a power cut.
    static func sync(folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault(folder, "open the folder") }
        defer { close(descriptor) }
        // Some file systems cannot sync a folder and say EINVAL: then there is nothing to wait for.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw fault(folder, "sync") }
    }

    /// Moves a complete file to its place, atomically, replacing what was there.
    static func move(_ source: String, to path: String, _ what: String) throws {
        try step("before \(what)")
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        try makeFolder(folder)
        guard rename(source, path) == 0 else { throw fault(path, "write") }
        try step("between rename and sync of \(what)")
        try sync(folder: folder)
        try step("after \(what)")
    }

    /// Deletes a file or a link; one that is gone already is fine.
    public static func delete(_ path: String) throws {
        try step("before deleting")
        guard unlink(path) == 0 || errno == ENOENT else { throw fault(path, "delete") }
        try step("after deleting")
    }

    /// Deletes a folder of files, one level deep, as far as possible.
    static func discard(folder: String) {
        for name in names(in: folder) { unlink(folder + "/" + name) }
        rmdir(folder)
    }

    /// Reads a small file.
    static func load(_ path: String, limit: Int = 1 << 28) throws -> [UInt8] {
        try MappedFile.read(path, limit: limit)
    }

    /// Writes a note that may be lost: whole or not at all, but not synced.
    public static func jot(_ text: String, to path: String) throws {
        let folder = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        try makeFolder(folder)
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw fault(temporary, "write") }
        let bytes = Array(text.utf8)
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        close(descriptor)
        guard count == bytes.count, rename(temporary, path) == 0 else {
            unlink(temporary)
            throw fault(path, "write")
        }
    }

    static func fault(_ path: String, _ action: String) -> StoreFault {
        .system(path: path, action: action, code: errno)
    }
}
