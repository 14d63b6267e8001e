// The names in a folder, one at a time: a folder of a million files is looked through without keeping them.

import Formats

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the system says of folders and of the files in them.
enum FolderListing {
    /// What a name stands for.
    enum Kind { case file, folder, special, nothing }

    /// Hands on every name in a folder but "." and "..", in the system's order. Names are bytes, which
    /// need not be text. `body` gets each, with what it stands for where the system tells without being
    /// asked again; of a link it does not.
    /// - Throws: `FormatFault.system` where the folder cannot be listed, to its end: a folder that may
    ///   not be read is never taken for an empty one. What `body` throws.
    static func forEach(
        in path: String, _ body: (_ name: [UInt8], _ kind: Kind?) throws -> Void
    ) throws {
        guard let folder = opendir(path) else {
            throw FormatFault.system(file: path, action: "list", code: errno)
        }
        defer { closedir(folder) }
        while true {
            errno = 0
            guard let entry = readdir(folder) else {
                guard errno == 0 else {
                    throw FormatFault.system(file: path, action: "list", code: errno)
                }
                return
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard name != [46], name != [46, 46] else { continue }
            try body(name, kind(entry.pointee.d_type))
        }
    }

    private static func kind(_ type: UInt8) -> Kind? {
        if type == UInt8(DT_REG) { return .file }
        return type == UInt8(DT_DIR) ? .folder : nil
    }

    /// What a path stands for, links followed; nothing only where there is nothing.
    /// - Throws: `FormatFault.system` where the system does not tell.
    static func knownKind(of path: String) throws -> Kind {
        var status = stat()
        if stat(path, &status) == 0 { return kind(status) }
        guard errno == ENOENT || errno == ENOTDIR || errno == ELOOP else {
            throw FormatFault.system(file: path, action: "inspect", code: errno)
        }
        return .nothing
    }

    /// What a name in a folder stands for, links followed; nothing only where there is nothing.
    /// - Throws: `FormatFault.system` where the system does not tell.
    static func knownKind(of name: [UInt8], in folder: String) throws -> Kind {
        if let status = status(of: name, in: folder) { return kind(status) }
        guard errno == ENOENT || errno == ENOTDIR || errno == ELOOP else {
            throw FormatFault.system(
                file: file(Shown.bytes(name), in: folder), action: "inspect", code: errno)
        }
        return .nothing
    }

    /// What a name in a folder stands for, links followed.
    static func kind(of name: [UInt8], in folder: String) -> Kind {
        status(of: name, in: folder).map { kind($0) } ?? .nothing
    }

    private static func kind(_ status: stat) -> Kind {
        switch status.st_mode & S_IFMT {
        case S_IFREG: .file
        case S_IFDIR: .folder
        default: .special
        }
    }

    /// What the system says of a file, links followed; nil where there is none.
    static func status(of name: [UInt8], in folder: String) -> stat? {
        var status = stat()
        let path = Array(file("", in: folder).utf8) + name + [0]
        return stat(path.map(CChar.init(bitPattern:)), &status) == 0 ? status : nil
    }

    /// The path of a file in a folder.
    static func file(_ name: String, in folder: String) -> String {
        folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
    }

    /// What follows a name's last dot, in small letters; empty where there is none.
    static func suffix(of name: String) -> String {
        name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last?.lowercased()
            ?? ""
    }

    /// What a file is that is passed over: ".txt", "hidden file", "folder".
    static func words(_ name: [UInt8], suffix: String, _ kind: Kind) -> String {
        if name.first == UInt8(ascii: ".") { return "hidden file" }
        return switch kind {
        case .nothing: "link to nowhere"
        case .folder: "folder"
        case .file: suffix.isEmpty ? "file without a suffix" : "." + Shown.start(suffix, 12)
        case .special: "special file"
        }
    }

    /// Counts of what is passed over, in words: "3 × .txt, 1 × folder".
    static func words(_ others: [String: Int]) -> String {
        others.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(12)
            .map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
    }

    /// The fault of a picture that cannot be one by what the system says of it; nil for one that may be,
    /// or that is not there any more, which is the opener's to tell.
    static func fault(_ status: stat?, file: String) -> FormatFault? {
        guard let status else { return nil }
        if status.st_mode & S_IFMT != S_IFREG { return .notAFile(file: file) }
        return status.st_size > Picture.fileLimit
            ? .picture(file: file, .fileSize(Int(status.st_size))) : nil
    }
}
