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

    /// Takes the lock for a stage. Nil when the store may only be read and has no lock file: then
    /// nothing can be collected from it either.
    /// - Throws: `StoreFault.busy` while `gc` runs; `.system` when the lock cannot be had.
    public static func share(_ store: Store) throws -> FileLock? {
        do {
            guard let lock = try FileLock(store.tree, name, .shared, wait: false) else {
                throw StoreFault.busy(what: "`make gc` or `make clean` is at work in \(store.root)")
            }
            return lock
        } catch StoreFault.system(_, _, let code) where [EACCES, EROFS, EPERM].contains(code) {
            return nil
        }
    }

    /// Takes the lock for `gc` and the like.
    /// - Throws: `StoreFault.busy` while a stage runs; `.system`.
    public static func alone(_ store: Store, wait: Bool = false) throws -> FileLock {
        guard let lock = try FileLock(store.tree, name, .exclusive, wait: wait) else {
            throw StoreFault.busy(what: "a stage is running in \(store.root)")
        }
        return lock
    }
}
