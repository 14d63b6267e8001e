// What makes a folder a store: a marker file. Nothing is written, swept or deleted in a folder that
// holds other things and has none, such as a repository's own. A store from before there were
// markers is taken over once: everything in it is checked, its
// records are given digests of their own, then it is marked.

import Formats

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension Store {
    /// The file that makes a folder a store.
    static let marker = ".mirage-store"

    private static let markerText = """
        This folder is a store of Mirage, format 2: artifacts by name, their bytes in objects/ under
        their SHA-256. `make clean` deletes what the pipeline made here, and nothing else.

        """

    /// Names that say nothing about what a folder is for.
    private static let harmless: Set<String> = [
        ".gitkeep", ".gitignore", ".DS_Store", "lost+found",
    ]
    /// Names that only we give, at the top of a store.
    private static let ownNames: Set<String> = [
        ".keys", CachedDigest.folder, Scratch.parent, ".make", StoreLock.name,
    ]

    /// Whether the folder is marked as a store.
    /// - Throws: `StoreFault.linkInside`, `.inTheWay`, `.system`.
    public func isMarked() throws -> Bool {
        guard let found = try tree.signature(Store.marker) else { return false }
        if found.kind == .link { throw StoreFault.linkInside(path: path(Store.marker)) }
        guard found.kind == .file else { throw StoreFault.inTheWay(path: path(Store.marker)) }
        return true
    }

    /// Whether there is anything to look at; where there is, it must be a store.
    /// - Throws: `StoreFault.notAStore` for a folder that holds other things.
    public func isThere() throws -> Bool {
        if try isMarked() { return true }
        let others = try othersNames()
        guard !others.isEmpty else { return false }
        guard try isOfOldFormat(others) else { throw notAStore(others) }
        return true
    }

    /// Makes sure that the folder is a store: makes and marks one that does not exist or is empty,
    /// takes over one without a marker that is a store all the same.
    /// - Returns: what was done, in words, where that is worth a line.
    /// - Throws: `StoreFault.notAStore` for a folder that holds other things.
    @discardableResult
    public func open() throws -> String? {
        if try isMarked() { return nil }
        let others = try othersNames()
        let isOld = try !others.isEmpty && isOfOldFormat(others)
        guard others.isEmpty || isOld else { throw notAStore(others) }
        // Another process may do it meanwhile, and then its stages keep the lock.
        var lock = try StoreLock.aloneIfFree(self)
        while lock == nil {
            if try isMarked() { return nil }
            usleep(StoreLock.pause)
            lock = try StoreLock.aloneIfFree(self)
        }
        defer { lock?.release() }
        if try isMarked() { return nil }
        let words = isOld ? try takeOver() : nil
        try Disk.change("marking the store") {
            try tree.create(Store.marker).write(Array(Store.markerText.utf8), path(Store.marker))
        }
        return words
    }

    /// The same, as far as the system lets anything be written: a store of somebody else's can be
    /// looked at.
    @discardableResult
    public func openIfWritable() throws -> String? {
        do {
            return try open()
        } catch StoreFault.system(_, _, let code) where [EACCES, EROFS, EPERM].contains(code) {
            return nil
        }
    }

    private func notAStore(_ others: [String]) -> StoreFault {
        let shown = others.prefix(3).joined(separator: ", ")
        let more = others.count > 3 ? " and \(others.count - 3) more" : ""
        return .notAStore(path: root, holding: shown + more)
    }

    private func othersNames() throws -> [String] {
        try tree.names(in: "").filter { !Store.harmless.contains($0) && $0 != StoreLock.name }
    }

    // MARK: Stores without a marker

    /// Whether a folder without a marker is a store of ours: nothing but names that only we give, or
    /// records that say so of themselves.
    private func isOfOldFormat(_ names: [String]) throws -> Bool {
        if names.allSatisfy(Store.ownNames.contains) { return true }
        guard names.contains("objects"), names.contains("records") else { return false }
        let paths = try recordPaths()
        return try paths.contains { try oldRecord(at: $0) != nil || record(at: $0) != nil }
    }

    private func oldRecord(at name: String) throws -> Record? {
        guard let bytes = try tree.read(name), let json = try? JSON.parse(bytes, named: name),
            json["schema"]?.string == "mirage.record", json["version"]?.int == 1,
            let record = try? Record(parts: json, path: path(name)),
            json["key"]?.string == record.recipe.oldKey.hex
        else { return nil }
        return record
    }

    /// Checks every object, gives the records digests of their own, and takes away what this format does
    /// without.
    private func takeOver() throws -> String? {
        var damaged = 0
        let objects = try objects()
        for object in objects {
            let suffix = ArtifactName.suffix(object.path)
            if try state(of: object.digest, suffix: suffix, thoroughly: true) != .sound {
                damaged += 1
            }
        }
        let scratch = try Scratch(in: self)
        defer { scratch.discard() }
        var renewed = 0
        for path in try recordPaths() {
            guard let record = try oldRecord(at: path) else { continue }
            try rewrite(record, at: path, in: scratch)
            renewed += 1
        }
        for path in try files(below: ".keys") where path.hasSuffix(".json") {
            if try result(at: path) == nil { try tree.delete(path) }
        }
        try deleteOldStamps()
        if objects.isEmpty, renewed == 0 { return nil }
        return
            "\(root) is taken over as a store: \(objects.count) objects checked, \(damaged) damaged, "
            + "\(renewed) records renewed"
    }

    /// The stamps that Make once kept in the store: empty files in `.make/<experiment>/`.
    func deleteOldStamps() throws {
        for path in try files(below: ".make") {
            guard let found = try tree.signature(path), found.kind == .file, found.size == 0 else {
                continue
            }
            try tree.delete(path)
        }
        for name in try tree.names(in: ".make") { tree.deleteEmptyFolder(".make/" + name) }
        tree.deleteEmptyFolder(".make")
    }
}

extension Recipe {
    /// The key of format 1, in which names counted too.
    var oldKey: Digest {
        Digest(of: JSON.object(members.merging(["format": 1]) { $1 }).canonical)
    }
}
