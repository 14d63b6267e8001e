// A folder and what is below it, never left. Every path is walked from the root, name by name, each
// opened from its parent's descriptor and none followed if it is a link: whoever made the folder,
// nothing outside it is read, written or deleted. Only the root itself may be a link.

import Formats

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The files below a root. Names are relative to it: "objects/ab/cdef.safetensors".
struct Tree: Sendable {
    let root: String

    /// A name as messages show it.
    func path(_ name: String) -> String { name.isEmpty ? root : root + "/" + name }

    /// A folder below the root; nil where there is none and none is made.
    /// - Throws: `StoreFault.linkInside`, `.inTheWay`, `.system`.
    func folder(_ name: String, making: Bool = false) throws -> Descriptor? {
        var number = openRoot()
        if number < 0, errno == ENOENT {
            guard making else { return nil }
            try Disk.makeFolder(root)
            number = openRoot()
        }
        guard number >= 0 else { throw Disk.fault(root, "open the folder") }
        var folder = Descriptor(number)
        var walked = ""
        for part in name.split(separator: "/").map(String.init) {
            walked += (walked.isEmpty ? "" : "/") + part
            var next = open(part, in: folder)
            if next < 0, errno == ENOENT {
                guard making else { return nil }
                guard mkdirat(folder.number, part, 0o777) == 0 || errno == EEXIST else {
                    throw Disk.fault(path(walked), "make the folder")
                }
                // So that what is put into it survives a power cut.
                try sync(folder, walked)
                next = open(part, in: folder)
            }
            guard next >= 0 else { throw obstacle(part, in: folder, walked, errno) }
            folder = Descriptor(next)
        }
        return folder
    }

    private func openRoot() -> Int32 { Self.openFolder(root) }

    private static func openFolder(_ path: String) -> Int32 {
        #if canImport(Glibc)
            Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        #else
            Darwin.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        #endif
    }

    private func open(_ part: String, in folder: Descriptor) -> Int32 {
        openat(folder.number, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }

    /// Why a name is not what it should be.
    private func obstacle(
        _ part: String, in folder: Descriptor, _ name: String, _ code: Int32
    ) -> StoreFault {
        guard [ENOTDIR, ELOOP, EMLINK, ENXIO].contains(code),
            let found = signature(part, in: folder)
        else { return .system(path: path(name), action: "open", code: code) }
        return found.kind == .link ? .linkInside(path: path(name)) : .inTheWay(path: path(name))
    }

    private func signature(_ part: String, in folder: Descriptor) -> Signature? {
        var status = stat()
        guard fstatat(folder.number, part, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
        return Signature(status)
    }

    /// The folder that holds a name, and the last part of the name.
    private func parent(
        of name: String, making: Bool = false
    ) throws -> (folder: Descriptor, part: String)? {
        let slash = name.lastIndex(of: "/")
        let above = slash.map { String(name[..<$0]) } ?? ""
        let part = slash.map { String(name[name.index(after: $0)...]) } ?? name
        return try folder(above, making: making).map { ($0, part) }
    }

    // MARK: Looking

    /// What is at a name, itself not followed; nil when nothing is there.
    func signature(_ name: String) throws -> Signature? {
        guard let (folder, part) = try parent(of: name) else { return nil }
        if let found = signature(part, in: folder) { return found }
        guard errno == ENOENT else { throw Disk.fault(path(name), "inspect") }
        return nil
    }

    /// Names in a folder, sorted; none when there is no such folder.
    func names(in name: String) throws -> [String] {
        guard let folder = try folder(name) else { return [] }
        return try Disk.names(in: folder, path(name))
    }

    /// Where a link points; nil when there is none.
    func target(ofLink name: String) throws -> String? {
        guard let (folder, part) = try parent(of: name) else { return nil }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes {
            $0.withMemoryRebound(to: CChar.self) { text in
                text.baseAddress.map { readlinkat(folder.number, part, $0, text.count) } ?? -1
            }
        }
        if count >= 0 { return String(decoding: buffer[..<count], as: UTF8.self) }
        guard errno == EINVAL || errno == ENOENT else { throw Disk.fault(path(name), "read") }
        return nil
    }

    // MARK: Reading

    /// A file, open for reading; nil when nothing is there.
    /// - Throws: `StoreFault.linkInside` for a link, `.inTheWay` for what is no regular file: neither
    ///   a pipe nor a device is ever waited for.
    func open(_ name: String) throws -> Descriptor? {
        guard let (folder, part) = try parent(of: name) else { return nil }
        let number = openat(
            folder.number, part, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        if number < 0, errno == ENOENT { return nil }
        guard number >= 0 else { throw obstacle(part, in: folder, name, errno) }
        let file = Descriptor(number)
        guard try file.signature(path(name)).kind == .file else {
            throw StoreFault.inTheWay(path: path(name))
        }
        return file
    }

    /// The bytes of a small file; nil when nothing is there.
    func read(_ name: String, limit: Int = 1 << 28) throws -> [UInt8]? {
        guard let file = try open(name) else { return nil }
        return try read(file, name, limit: limit)
    }

    /// The bytes of a small file that is open.
    func read(_ file: Descriptor, _ name: String, limit: Int = 1 << 28) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try file.read(path(name)) { piece in
            guard bytes.count + piece.count <= limit else {
                throw StoreFault.system(path: path(name), action: "read", code: EFBIG)
            }
            bytes += piece
        }
        return bytes
    }

    // MARK: Changing

    /// A new file, open for reading and writing; the folders above it are made.
    /// - Throws: `StoreFault.system` when something has its name already.
    func create(_ name: String) throws -> Descriptor {
        guard let (folder, part) = try parent(of: name, making: true) else {
            throw StoreFault.system(path: path(name), action: "write", code: ENOENT)
        }
        let number = openat(
            folder.number, part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
        guard number >= 0 else { throw Disk.fault(path(name), "write") }
        return Descriptor(number)
    }

    /// A new link with this text.
    func link(_ name: String, to target: String) throws {
        guard let (folder, part) = try parent(of: name, making: true),
            symlinkat(target, folder.number, part) == 0
        else { throw Disk.fault(path(name), "link") }
    }

    /// A new folder.
    /// - Returns: false where something of this name is there.
    func makeFolder(_ name: String) throws -> Bool {
        guard let (folder, part) = try parent(of: name, making: true) else { return false }
        if mkdirat(folder.number, part, 0o777) == 0 { return true }
        guard errno == EEXIST else { throw Disk.fault(path(name), "make the folder") }
        return false
    }

    /// Moves a complete file to its place, atomically, replacing what was there; the folders above
    /// are made and told to the disk.
    func move(_ source: String, to name: String, _ what: String) throws {
        try Disk.change(what) {
            guard let from = try parent(of: source),
                let (folder, part) = try parent(of: name, making: true)
            else { throw StoreFault.system(path: path(name), action: "write", code: ENOENT) }
            guard renameat(from.folder.number, from.part, folder.number, part) == 0 else {
                throw Disk.fault(path(name), "write")
            }
            try Disk.step("between rename and sync of \(what)")
            try sync(folder, name)
        }
    }

    /// Moves a cached digest to its place; nobody waits for the disk.
    func rename(_ source: String, to name: String) throws {
        guard let from = try parent(of: source), let (folder, part) = try parent(of: name),
            renameat(from.folder.number, from.part, folder.number, part) == 0
        else { throw Disk.fault(path(name), "write") }
    }

    /// Deletes a file or a link, itself not followed; one that is gone already is fine.
    func delete(_ name: String) throws {
        try Disk.change("deleting") { try remove(name) }
    }

    /// The same outside the gate: for what is inside it already.
    func remove(_ name: String) throws {
        guard let (folder, part) = try parent(of: name) else { return }
        guard unlinkat(folder.number, part, 0) == 0 || errno == ENOENT else {
            throw Disk.fault(path(name), "delete")
        }
    }

    /// Deletes a folder, if it is empty.
    func deleteEmptyFolder(_ name: String) {
        guard let (folder, part) = try? parent(of: name) else { return }
        unlinkat(folder.number, part, AT_REMOVEDIR)
    }

    private func sync(_ folder: Descriptor, _ name: String) throws {
        // Some file systems cannot sync a folder and say EINVAL: then there is nothing to wait for.
        guard fsync(folder.number) == 0 || errno == EINVAL else {
            throw Disk.fault(path(name), "sync")
        }
    }

    /// A file that locks are put on; nil where there is none and none is made.
    func lockFile(_ name: String, making: Bool) throws -> Descriptor? {
        guard let (folder, part) = try parent(of: name, making: making) else { return nil }
        let flags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
        var number = openat(folder.number, part, O_RDWR | flags | (making ? O_CREAT : 0), 0o666)
        // In a store that may only be read, a lock file that exists can still be locked.
        if number < 0, [EACCES, EROFS, EPERM].contains(errno) {
            let code = errno
            number = openat(folder.number, part, O_RDONLY | flags)
            if number < 0, errno == ENOENT { errno = code }
        }
        if number < 0, errno == ENOENT, !making { return nil }
        guard number >= 0 else { throw obstacle(part, in: folder, name, errno) }
        let file = Descriptor(number)
        guard try file.signature(path(name)).kind == .file else {
            throw StoreFault.inTheWay(path: path(name))
        }
        return file
    }
}
