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
