// Copies of artifacts in forms that other programs read, such as pictures: folders below `export/` that may be
// made again at any time. They are no artifacts: no record names them, and no stage reads them. In each lies a
// list of its files with their digests, so that what we made is told from what somebody put or changed there.

extension Store {
    /// The folder of exports.
    public static let exports = "export"
    /// The list in each: a line that says what it is, then as `sha256sum -c` reads it.
    public static let exportList = "SHA256SUMS"
    private static let listHead = "# Written by Mirage: "
    private static let partial = ".part"

    /// A file of an export, whose bytes are the same whenever they are asked for.
    public struct ExportedFile {
        /// Its name in the folder.
        public let name: String
        /// What it holds.
        public let bytes: () throws -> [UInt8]

        /// A file of this name; its bytes are made twice, so that those of one file at a time are in memory.
        public init(_ name: String, bytes: @escaping () throws -> [UInt8]) {
            (self.name, self.bytes) = (name, bytes)
        }
    }

    /// Puts files into a folder below `export/`, in place of those of an earlier export.
    ///
    /// The list is written before any of the files it names, so that whoever is stopped on the way leaves
    /// nothing that the next call would not know as its own.
    /// - Parameters:
    ///   - files: Names without a slash, no two of them alike where a disk does not tell small letters from
    ///     capitals.
    ///   - name: The folder, below `export/`.
    ///   - title: What it holds, in a line.
    /// - Throws: `StoreFault.foreignExport` where the folder holds anything else, or a file of ours that was
    ///   changed; nothing is touched then. `.system`, `.busy`, `.linkInside`.
    public func export(_ files: [ExportedFile], to name: String, title: String) throws {
        try open()
        let lock = try StoreLock.share(self)
        defer { lock?.release() }
        let folder = "\(Store.exports)/\(name)"
        if let kind = try tree.signature(folder)?.kind, kind != .folder {
            throw StoreFault.inTheWay(path: path(folder))
        }
        let (own, foreign) = try contents(ofExport: folder)
        guard foreign.isEmpty else {
            throw StoreFault.foreignExport(path: path(folder), holding: foreign.sorted())
        }
        for file in own { try tree.delete("\(folder)/\(file)") }
        let list = try files.map { "\(Digest(of: try $0.bytes()))  \($0.name)\n" }.joined()
        try write("\(Store.listHead)\(title)\n\(list)", to: "\(folder)/\(Store.exportList)")
        for file in files { try write(try file.bytes(), to: "\(folder)/\(file.name)") }
    }

    /// Deletes all exports, but for what somebody put or changed there.
    func deleteExports(in folder: String = Store.exports) throws {
        for name in try tree.names(in: folder) {
            let inner = "\(folder)/\(name)"
            if try tree.signature(inner)?.kind == .folder { try deleteExports(in: inner) }
        }
        let (own, foreign) = try contents(ofExport: folder)
        // The list goes last, and not as long as it tells whose a file is.
        for file in own where file != Store.exportList || foreign.isEmpty {
            try tree.delete("\(folder)/\(file)")
        }
    }

    /// The names in a folder of exports: those of ours, the list last, and all others. Without a list
    /// everything is somebody else's.
    private func contents(ofExport folder: String) throws -> (own: [String], foreign: [String]) {
        var names = try tree.names(in: folder)
        var (own, foreign): ([String], [String]) = ([], [])
        // Whoever was stopped while it wrote the list had deleted all else.
        if let place = names.firstIndex(of: Store.exportList + Store.partial) {
            own.append(names.remove(at: place))
        }
        guard let listed = try exportList(in: folder) else { return (own, names) }
        for name in names where name != Store.exportList {
            if name.hasSuffix(Store.partial),
                listed[String(name.dropLast(Store.partial.count))] != nil
            {
                own.append(name)
            } else if let digest = listed[name], let file = try? tree.open("\(folder)/\(name)"),
                try file.digest(path(name))?.digest == digest
            {
                own.append(name)
            } else {
                foreign.append(name)
            }
        }
        return (own + [Store.exportList], foreign)
    }

    /// The digests of a list by name; nil where there is none of ours.
    private func exportList(in folder: String) throws -> [String: Digest]? {
        let name = "\(folder)/\(Store.exportList)"
        guard try tree.signature(name)?.kind == .file, let bytes = try tree.read(name) else {
            return nil
        }
        var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")[...]
        guard lines.popFirst()?.hasPrefix(Store.listHead) == true else { return nil }
        return Dictionary(
            lines.compactMap { line in
                Digest(hex: String(line.prefix(64))).map { (String(line.dropFirst(66)), $0) }
            }, uniquingKeysWith: { $1 })
    }

    /// Writes a file under another name and then gives it its own.
    private func write(_ bytes: [UInt8], to name: String) throws {
        try Disk.change("exporting") {
            let temporary = name + Store.partial
            try tree.remove(temporary)
            try tree.create(temporary).write(bytes, path(name))
            try tree.rename(temporary, to: name)
        }
    }

    private func write(_ text: String, to name: String) throws {
        try write(Array(text.utf8), to: name)
    }
}
