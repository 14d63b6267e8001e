// `make gc`: frees what nothing names. An object stays while a record or a visible link names it;
// the store's lock keeps stages out meanwhile. Whatever cannot be read ends it: what that names is
// unknown.

import Artifacts
import StageKit

/// The cleaning of a store.
struct Collection {
    private(set) var objects = 0
    private(set) var bytes = 0
    private(set) var entries = 0

    /// Frees objects that nothing names, and the key entries that have lost one.
    /// - Throws: `StoreFault.busy` while a stage runs, `.system`, `.linkInside`; `.malformed` when a
    ///   record is damaged.
    init(_ store: Store) throws {
        guard try store.isThere() else { return }
        try store.open()
        let lock = try StoreLock.alone(store)
        defer { lock.release() }
        let records = try store.records()
        let readable = Set(records.map(\.path))
        if let odd = try store.recordPaths().first(where: { !readable.contains($0) }) {
            throw StoreFault.malformed(
                path: store.path(odd), why: "it is no record, so what it names is unknown")
        }
        try Scratch.sweep(store)
        let named = Set(records.flatMap { $0.record.outputs.map(\.digest) })
            .union(try store.linkedDigests())
        for object in try store.objects() where !named.contains(object.digest) {
            try store.deleteObject(object)
            objects += 1
            bytes += object.bytes
        }
        entries = try store.deleteDanglingEntries()
    }
}
