// Advisory locks, dropped by the kernel when their holder ends, however it ends: nothing that a kill
// could leave locked.

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A lock on a file of a store.
public final class FileLock: Sendable {
    /// Whether others may hold it too.
    enum Mode: Sendable {
        /// Many may hold it at once.
        case shared
        /// Nobody else holds it.
        case exclusive
    }

    private let file: Descriptor

    /// Takes a lock; nil when somebody else holds it and `wait` is false, or when there is no such
    /// file and `making` is false.
    /// - Throws: `StoreFault.system` when the lock file cannot be made or locked, `.linkInside`.
    init?(_ tree: Tree, _ name: String, _ mode: Mode, wait: Bool, making: Bool = true) throws {
        guard let file = try tree.lockFile(name, making: making) else { return nil }
        let operation = (mode == .shared ? LOCK_SH : LOCK_EX) | (wait ? 0 : LOCK_NB)
        while flock(file.number, operation) != 0 {
            if errno == EINTR { continue }
            guard errno == EWOULDBLOCK else { throw Disk.fault(tree.path(name), "lock") }
            return nil
        }
        self.file = file
    }

    /// Drops the lock; closing the file, or the end of the process, does too.
    public func release() { flock(file.number, LOCK_UN) }
}
