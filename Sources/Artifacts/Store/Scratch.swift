// A folder for the temporary files of one process, inside the store so that a rename can publish
// them. A lock that the kernel drops with the process tells living owners from dead ones: what a
// killed process left behind is swept at the next start, what a running one holds is not.

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The temporary files of one process.
public final class Scratch: Sendable {
    /// The folder.
    public let folder: String
    private let lock: FileLock

    /// Makes a folder of its own, after sweeping those of processes that have died.
    /// - Throws: `StoreFault.system`.
    public init(in store: Store) throws {
        let parent = store.root + "/.tmp"
        try Disk.makeFolder(parent)
        // Creating and sweeping exclude each other, so that nobody sweeps a folder in the instant
        // before its owner has locked it.
        let guarding = try FileLock(parent + "/.guard", .exclusive, wait: true)
        defer { guarding?.release() }
        Scratch.sweep(parent)
        var number = 0
        while mkdir("\(parent)/\(getpid())-\(number)", 0o777) != 0 {
            guard errno == EEXIST else { throw Disk.fault(parent, "make a folder in") }
            number += 1
        }
        folder = "\(parent)/\(getpid())-\(number)"
        guard let lock = try FileLock(folder + "/.lock", .exclusive, wait: false) else {
            throw StoreFault.busy(what: "another process uses \(folder)")
        }
        self.lock = lock
    }

    /// Deletes the temporary files; called again it does nothing.
    public func discard() {
        Disk.discard(folder: folder)
        lock.release()
    }

    /// Sweeps without making a folder; for a start at which nothing needs to be written.
    public static func sweep(_ store: Store) {
        let parent = store.root + "/.tmp"
        let left = Disk.names(in: parent).filter { $0 != ".guard" }
        guard !left.isEmpty,
            let guarding = try? FileLock(parent + "/.guard", .exclusive, wait: true)
        else { return }
        sweep(parent)
        guarding.release()
    }

    private static func sweep(_ parent: String) {
        for name in Disk.names(in: parent) where name != ".guard" {
            let folder = parent + "/" + name
            guard let lock = try? FileLock(folder + "/.lock", .exclusive, wait: false) else {
                if Disk.names(in: folder).isEmpty { rmdir(folder) }
                continue
            }
            Disk.discard(folder: folder)
            lock.release()
        }
    }
}

/// An advisory lock on a file, dropped by the kernel when its holder ends, however it ends.
public final class FileLock: Sendable {
    /// Whether others may hold it too.
    public enum Mode: Sendable {
        /// Many may hold it at once.
        case shared
        /// Nobody else holds it.
        case exclusive
    }

    private let descriptor: Int32

    /// Takes a lock; nil when somebody else holds it and `wait` is false.
    /// - Throws: `StoreFault.system` when the lock file cannot be made.
    public init?(_ path: String, _ mode: Mode, wait: Bool) throws {
        var opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        // In a store that may only be read, a lock file that exists can still be locked.
        if opened < 0 { opened = open(path, O_RDONLY | O_CLOEXEC) }
        guard opened >= 0 else { throw Disk.fault(path, "open the lock") }
        let operation = (mode == .shared ? LOCK_SH : LOCK_EX) | (wait ? 0 : LOCK_NB)
        while flock(opened, operation) != 0 {
            if errno == EINTR { continue }
            let code = errno
            close(opened)
            guard code == EWOULDBLOCK else {
                throw StoreFault.system(path: path, action: "lock", code: code)
            }
            return nil
        }
        descriptor = opened
    }

    /// Drops the lock; once.
    public func release() { close(descriptor) }
}
