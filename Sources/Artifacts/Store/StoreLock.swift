// Stages hold the store's lock together while they run; `gc` holds it alone, so that it never takes
// an object away which a stage is about to name.

/// The lock of a whole store.
public enum StoreLock {
    /// Takes the lock for a stage. Nil when the store may only be read and has no lock file: then
    /// nothing can be collected from it either.
    /// - Throws: `StoreFault.busy` while `gc` runs; `.system` when the folder cannot be made.
    public static func share(_ store: Store) throws -> FileLock? {
        let path = store.root + "/.lock"
        if Disk.signature(store.root) == nil { try Disk.makeFolder(store.root) }
        do {
            guard let lock = try FileLock(path, .shared, wait: false) else {
                throw StoreFault.busy(what: "`make gc` is cleaning \(store.root) just now")
            }
            return lock
        } catch StoreFault.system {
            return nil
        }
    }

    /// Takes the lock for `gc`.
    /// - Throws: `StoreFault.busy` while a stage runs.
    public static func alone(_ store: Store) throws -> FileLock {
        guard let lock = try FileLock(store.root + "/.lock", .exclusive, wait: false) else {
            throw StoreFault.busy(what: "a stage is running in \(store.root)")
        }
        return lock
    }
}
