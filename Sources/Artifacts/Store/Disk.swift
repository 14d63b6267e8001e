// The file operations that are not tied to a store, and the gate that every change of the disk
// passes. Tests put a fault or a sudden death at the gate, so that every instant at which a run
// can end is tried; an interrupted process holds it shut while it takes its temporary files away.

import Formats
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Operations on files and folders outside a store, and the gate for changes.
public enum Disk {
    /// Called before and after each change of the disk, with its name; nothing by default.
    @TaskLocal public static var step: @Sendable (String) throws -> Void = { _ in }

    private static let gate = Mutex(())

    /// One change of the disk, before and after which a test may step in.
    static func change(_ what: String, _ body: () throws -> Void) throws {
        try step("before \(what)")
        try gated(body)
        try step("after \(what)")
    }

    /// A change in the middle of which nobody may interrupt the process.
    static func gated<Result: Sendable>(_ body: () throws -> Result) throws -> Result {
        try gate.withLock { _ in try body() }
    }

    /// Does something while nothing else changes the disk, in the middle of no change. What is done
    /// here must not go through the gate itself.
    public static func whileStill(_ body: () -> Void) {
        gate.withLock { _ in body() }
    }

    /// Whether a path is a folder, or a link to one.
    public static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Names in a folder, sorted, without `.` and `..`; none when there is no such folder.
    /// - Throws: `StoreFault.system` when it cannot be read: an unreadable folder is not an empty one.
    public static func names(in folder: String) throws -> [String] {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0, errno == ENOENT || errno == ENOTDIR { return [] }
        guard descriptor >= 0 else { throw fault(folder, "list") }
        return try names(in: Descriptor(descriptor), folder)
    }

    /// The same of a folder that is open.
    static func names(in folder: Descriptor, _ path: String) throws -> [String] {
        // The stream owns its descriptor, so it gets one of its own, at the folder's first name.
        let own = openat(folder.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0 else { throw fault(path, "list") }
        guard let stream = fdopendir(own) else {
            let code = errno
            _ = Descriptor(own)
            throw StoreFault.system(path: path, action: "list", code: code)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                String(cString: UnsafeRawPointer(pointer).assumingMemoryBound(to: CChar.self))
            }
            if name != "." && name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw fault(path, "list") }
        return names.sorted()
    }

    /// Makes a folder and those above it, and waits until each entry is on the disk.
    static func makeFolder(_ path: String) throws {
        if mkdir(path, 0o777) == 0 { return try sync(parentOf: path) }
        if errno == EEXIST {
            if isFolder(path) { return }
            throw StoreFault.inTheWay(path: path)
        }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw fault(path, "make the folder")
        }
        try makeFolder(String(path[..<slash]))
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
            throw fault(path, "make the folder")
        }
        try sync(parentOf: path)
    }

    private static func sync(parentOf path: String) throws {
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let descriptor = open(parent.isEmpty ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // One may be written without being read: then it cannot be synced.
        guard descriptor >= 0 else { return }
        let folder = Descriptor(descriptor)
        guard fsync(folder.number) == 0 || errno == EINVAL else { throw fault(parent, "sync") }
    }

    /// Writes a file that is not the store's, whole or not at all: a lock file in `pipeline/`.
    /// - Throws: `StoreFault.system`.
    public static func replace(_ path: String, with text: String) throws {
        let temporary = "\(path).\(getpid()).tmp"
        unlink(temporary)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = open(temporary, flags, 0o666)
        guard descriptor >= 0 else { throw fault(temporary, "write") }
        do {
            try Descriptor(descriptor).write(Array(text.utf8), path)
            guard rename(temporary, path) == 0 else { throw fault(path, "write") }
        } catch {
            unlink(temporary)
            throw error
        }
    }

    static func fault(_ path: String, _ action: String) -> StoreFault {
        .system(path: path, action: action, code: errno)
    }
}
