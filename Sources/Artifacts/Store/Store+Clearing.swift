// `make clean`: deletes what the pipeline made, by the names that only the pipeline gives, and leaves
// everything else where it is. Only a marked folder is touched, nothing behind a link is.

extension Store {
    /// Deletes all artifacts, records and cached digests; the folder itself stays.
    /// - Returns: what is left, below the root: files of other origin, and reports edited by hand.
    /// - Throws: `StoreFault.notAStore`, `.busy` while a stage runs, `.linkInside`, `.system`.
    public func clear() throws -> [String] {
        guard try isThere() else { return [] }
        try open()
        let lock = try StoreLock.alone(self)
        defer { lock.release() }
        try Scratch.sweep(self)
        // All is looked at before anything is deleted: a link in a place of ours refuses the whole.
        let named = Set(try records().flatMap { $0.record.outputs.map(\.digest) })
        let reports = try tree.names(in: "").filter { try isReport($0, named) }
        let links = try visibleLinks()
        let metadata = try recordPaths() + files(below: ".keys").filter { $0.hasSuffix(".json") }
        let cached = try files(below: CachedDigest.folder)
        let objects = try objects()
        try deleteOldStamps()
        if try tree.signature(Store.exports)?.kind == .folder { try deleteExports() }

        let folders = ["objects", "records", ".keys", CachedDigest.folder] + (try visibleFolders())
        for name in reports + links + metadata + cached { try tree.delete(name) }
        for object in objects { try tree.delete(object.path) }
        for folder in folders { try deleteEmptyFolders(folder) }
        try tree.delete(Scratch.parent + "/.guard")
        tree.deleteEmptyFolder(Scratch.parent)
        let left = try tree.names(in: "").filter {
            ![StoreLock.name, Store.marker, ".gitkeep"].contains($0)
        }
        try tree.delete(StoreLock.name)
        // With the marker goes the permission to delete here. Where something is left the folder stays
        // a store, for otherwise nothing could be made in it any more.
        if left.isEmpty { try tree.delete(Store.marker) }
        return left
    }

    /// Whether a file at the top is a report whose bytes are those that a record names or an object
    /// holds.
    private func isReport(_ name: String, _ named: Set<Digest>) throws -> Bool {
        guard ArtifactName.isPage(name),
            let signature = try tree.signature(name), signature.kind == .file,
            let digest = try digest(ofVisible: name, signature)
        else { return false }
        return try named.contains(digest)
            || state(of: digest, suffix: ArtifactName.suffix(name)) == .sound
    }

    private func deleteEmptyFolders(_ folder: String) throws {
        guard try tree.signature(folder)?.kind == .folder else { return }
        for name in try tree.names(in: folder) { try deleteEmptyFolders(folder + "/" + name) }
        tree.deleteEmptyFolder(folder)
    }
}
