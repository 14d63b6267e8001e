// Stages hold the store's lock together while they run; `gc` holds it alone, so that it never takes
// an object away which a stage is about to name.

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The lock of a whole store.
public enum StoreLock {
    static let name = ".lock"
    /// Between two looks at a lock, in microseconds.
    static let pause: UInt32 = 10_000
    /// Whoever has just marked a new store holds the lock for another instant; `gc` holds it longer than that.
    private static let looks = 100

    /// Takes the lock for a stage. Nil when the store may only be read and has no lock file: then
    /// nothing can be collected from it either.
    /// - Throws: `StoreFault.busy` while `gc` runs; `.system` when the lock cannot be had.
    public static func share(_ store: Store) throws -> FileLock? {
        do {
            for _ in 0..<looks {
                if let lock = try FileLock(store.tree, name, .shared, wait: false) { return lock }
                usleep(pause)
            }
            throw StoreFault.busy(what: "`make gc` or `make clean` is at work in \(store.root)")
        } catch StoreFault.system(_, _, let code) where [EACCES, EROFS, EPERM].contains(code) {
            return nil
        }
    }

    /// Takes the lock for `gc` and the like.
    /// - Throws: `StoreFault.busy` while a stage runs; `.system`.
    public static func alone(_ store: Store) throws -> FileLock {
        guard let lock = try aloneIfFree(store) else {
            throw StoreFault.busy(what: "a stage is running in \(store.root)")
        }
        return lock
    }

    /// The same; nil while anybody holds it.
    static func aloneIfFree(_ store: Store) throws -> FileLock? {
        try FileLock(store.tree, name, .exclusive, wait: false)
    }
}
