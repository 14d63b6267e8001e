// Walks over the store: every record, every object, every name.

extension Store {
    /// All records that can be read, sorted by path, which is given below the root.
    public func records() -> [(record: Record, path: String)] {
        recordPaths().compactMap { path in
            record(at: self.path(path)).map { ($0, path) }
        }
    }

    /// Paths of all record files, below the root, sorted.
    public func recordPaths() -> [String] {
        files(below: "records").filter { $0.hasSuffix(".json") }
    }

    /// Paths of all files and links below a folder of the store, relative to the root, sorted.
    public func files(below folder: String) -> [String] {
        Disk.names(in: path(folder)).flatMap { name -> [String] in
            let inner = folder + "/" + name
            guard let signature = Disk.signature(path(inner)) else { return [] }
            return signature.kind == .folder ? files(below: inner) : [inner]
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
        let path: String
    }

    /// Whether the folder exists.
    public var exists: Bool { Disk.signature(root) != nil }

    /// Whether an output's name stands for its bytes.
    public func stands(_ output: Record.Output) -> Bool {
        standing(output.name, output.digest) == .right
    }

    /// All objects, sorted; files among them that are named by no digest are left alone.
    public func objects() -> [Object] {
        files(below: "objects").compactMap { path in
            let parts = path.split(separator: "/")
            guard parts.count == 3, let signature = Disk.signature(self.path(path)),
                let digest = Digest(hex: String(parts[1] + parts[2].prefix { $0 != "." }))
            else { return nil }
            return Object(digest: digest, bytes: signature.size, path: path)
        }
    }

    /// The digests that visible links stand for.
    public func linkedDigests() -> Set<Digest> {
        let folders = Disk.names(in: root).filter { name in
            !name.hasPrefix(".") && !["objects", "records"].contains(name)
                && Disk.signature(path(name))?.kind == .folder
        }
        return Set(folders.flatMap { files(below: $0) }.compactMap { linked($0) })
    }

    /// Frees an object. Only `gc` does this, while it holds the store alone.
    /// - Throws: `StoreFault.system`.
    public func deleteObject(_ object: Object) throws {
        try Disk.delete(path(object.path))
        Note(self, object.path).delete()
    }

    /// Frees the entries of keys whose objects are gone, so that none is a dead end.
    /// - Returns: how many.
    /// - Throws: `StoreFault.system`.
    public func deleteHollowEntries() throws -> Int {
        var count = 0
        for path in files(below: ".keys") {
            let record = record(at: self.path(path))
            let isHollow = record.map { !unsound($0).isEmpty } ?? true
            guard isHollow else { continue }
            try Disk.delete(self.path(path))
            count += 1
        }
        return count
    }
}
