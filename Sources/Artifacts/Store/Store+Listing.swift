// Walks over the store: every record, every object, every name. A folder that cannot be read ends
// the walk: what is in it is unknown, not nothing.

extension Store {
    /// All records that are as they were written, sorted by path, which is given below the root.
    public func records() throws -> [(record: Record, path: String)] {
        try recordPaths().compactMap { path in
            try record(at: path).map { ($0, path) }
        }
    }

    /// Paths of all record files, below the root, sorted.
    public func recordPaths() throws -> [String] {
        try files(below: "records").filter { $0.hasSuffix(".json") }
    }

    /// Paths of all files below a folder of the store, relative to the root, sorted. Links are among
    /// them where the folder is one of names for people.
    /// - Throws: `StoreFault.linkInside` for a link elsewhere: what is behind it is unknown.
    func files(below folder: String, withLinks: Bool = false) throws -> [String] {
        try tree.names(in: folder).flatMap { name -> [String] in
            let inner = folder + "/" + name
            guard let signature = try tree.signature(inner) else { return [] }
            if signature.kind == .link, !withLinks {
                throw StoreFault.linkInside(path: path(inner))
            }
            return signature.kind == .folder
                ? try files(below: inner, withLinks: withLinks) : [inner]
        }
    }
}

extension Store {
    /// An object as it lies on the disk.
    public struct Object: Sendable {
        /// The digest that it is named by.
        public let digest: Digest
        /// Its size.
        public let bytes: Int
        /// Where it is below the root.
        public let path: String
    }

    /// Whether an output's name stands for its bytes; a file of bytes of its own is hashed for it.
    public func stands(_ output: Record.Output) throws -> Bool {
        try standing(output.name, output.digest, thoroughly: true) == .right
    }

    /// All objects, sorted; files among them that are named by no digest are left alone.
    public func objects() throws -> [Object] {
        try files(below: "objects").compactMap { path in
            guard let digest = Store.digest(inPath: path),
                let signature = try tree.signature(path)
            else { return nil }
            return Object(digest: digest, bytes: signature.size, path: path)
        }
    }

    /// The digest that "objects/ab/cdef….ext" is named by; nil for any other name.
    static func digest(inPath path: String) -> Digest? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].utf8.count == 2 else { return nil }
        return Digest(hex: String(parts[1] + parts[2].prefix { $0 != "." }))
    }

    /// Folders of names for people.
    /// - Throws: `StoreFault.linkInside` for a link in the place of one that a record names.
    func visibleFolders() throws -> [String] {
        let named = Set(
            try records().flatMap { $0.record.outputs.map { $0.name.prefix { $0 != "/" } } })
        return try tree.names(in: "").filter { name in
            guard !name.hasPrefix("."), !["objects", "records"].contains(name) else {
                return false
            }
            let kind = try tree.signature(name)?.kind
            if kind == .link, named.contains(name[...]) {
                throw StoreFault.linkInside(path: path(name))
            }
            return kind == .folder
        }
    }

    /// Visible links that stand for objects.
    func visibleLinks() throws -> [String] {
        try visibleFolders().flatMap { try files(below: $0, withLinks: true) }
            .filter { try linked($0) != nil }
    }

    /// The digests that visible links stand for.
    public func linkedDigests() throws -> Set<Digest> {
        Set(try visibleLinks().compactMap { try linked($0) })
    }

    /// Frees an object. Only `gc` does this, while it holds the store alone.
    /// - Throws: `StoreFault.system`.
    public func deleteObject(_ object: Object) throws {
        try tree.delete(object.path)
        CachedDigest(self, object.path).delete()
    }

    /// Deletes entries of keys that are damaged or whose objects are gone, and cached digests that are
    /// damaged, half-written, or of files of the store that are gone.
    /// - Returns: how many entries.
    /// - Throws: `StoreFault.system`.
    public func deleteDanglingEntries() throws -> Int {
        var count = 0
        for path in try files(below: ".keys") where path.hasSuffix(".json") {
            if let result = try result(at: path), try isWhole(result) { continue }
            try tree.delete(path)
            count += 1
        }
        for path in try files(below: CachedDigest.folder) where try isDangling(cached: path) {
            try tree.delete(path)
        }
        return count
    }

    private func isDangling(cached path: String) throws -> Bool {
        guard let bytes = try tree.read(path, limit: 4096), CachedDigest.parse(bytes) != nil else {
            return true
        }
        let file = String(path.dropFirst(CachedDigest.folder.count + 1))
        return try !file.hasPrefix("outside/") && tree.signature(file) == nil
    }

    /// What the store keeps beside objects, each with a digest of its own content.
    public enum Metadata: String, Sendable {
        case record, entry, note
    }

    /// Records, entries of keys and cached digests that are not as they were written, and are therefore not
    /// believed.
    /// - Returns: those, with their paths, and how many were looked at.
    /// - Throws: `StoreFault.system`, `.linkInside`.
    public func damagedMetadata() throws -> (
        damaged: [(kind: Metadata, path: String)], checked: Int
    ) {
        var (damaged, checked): ([(kind: Metadata, path: String)], Int) = ([], 0)
        func look(_ paths: [String], _ kind: Metadata, _ isSound: (String) throws -> Bool) rethrows
        {
            for path in paths {
                checked += 1
                if try !isSound(path) { damaged.append((kind, self.path(path))) }
            }
        }
        try look(recordPaths(), .record) { try record(at: $0) != nil }
        let entries = try files(below: ".keys").filter { $0.hasSuffix(".json") }
        try look(entries, .entry) { try result(at: $0) != nil }
        // One that another process is about to put in its place is none yet.
        let cached = try files(below: CachedDigest.folder).filter { !$0.hasSuffix(".tmp") }
        try look(cached, .note) {
            try tree.read($0, limit: 4096).map { CachedDigest.parse($0) != nil } ?? true
        }
        return (damaged, checked)
    }
}
