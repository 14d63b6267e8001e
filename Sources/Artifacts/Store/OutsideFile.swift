// A file that is not the store's: a config, a data file, weights or pictures of the user's. Links
// are followed here; what is no regular file is refused before anybody could wait for it.

import Formats

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A file of the user's, open for reading.
struct OutsideFile {
    let path: String
    let file: Descriptor
    let signature: Signature

    /// Opens a file.
    /// - Throws: `StoreFault.missingFile`, `.notAFile`, `.system`.
    init(_ path: String) throws {
        self.path = path
        let number = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
        if number < 0 {
            if errno == ENOENT || errno == ENOTDIR { throw StoreFault.missingFile(path: path) }
            // A socket cannot be opened at all.
            if errno == ENXIO || errno == ENODEV { throw StoreFault.notAFile(path: path) }
            throw Disk.fault(path, "read")
        }
        file = Descriptor(number)
        signature = try file.signature(path)
        guard signature.kind == .file else { throw StoreFault.notAFile(path: path) }
    }

    /// Hands out all bytes in pieces.
    func read(_ take: (UnsafeRawBufferPointer) throws -> Void) throws {
        try file.read(path, take)
    }
}

extension Store {
    /// The digest of a file outside the store, the cached one if it has not been touched since.
    /// - Throws: `StoreFault.missingFile`, `.notAFile`, `.system`; `.tooLarge` beyond `limit` bytes.
    public func digest(ofOutside path: String, limit: Int = .max) throws -> Digest {
        let outside = try opened(path, limit: limit)
        let cached = CachedDigest(self, "outside/\(Digest(of: path).short)")
        if let digest = cached.digest(outside.signature) { return digest }
        guard let found = try outside.file.digest(path) else {
            throw StoreFault.busy(what: "\(path) is being written just now")
        }
        cached.write(found.digest, found.signature)
        return found.digest
    }

    /// A copy of a file outside the store, hashed while it is copied and held by nobody else: what is
    /// hashed is what is used, whatever becomes of the original meanwhile.
    /// - Returns: the copy, mapped, and its digest.
    /// - Throws: `StoreFault.missingFile`, `.notAFile`, `.system`; `.tooLarge` beyond `limit` bytes.
    public func copy(
        ofOutside path: String, number: Int, limit: Int = .max, in scratch: Scratch
    ) throws -> OutsideCopy {
        let outside = try opened(path, limit: limit)
        let output = try OutputFile(
            name: path, temporary: "\(scratch.folder)/input-\(number)", in: tree)
        var bytes = 0
        try outside.read { piece in
            bytes += piece.count
            guard bytes <= limit else {
                throw StoreFault.tooLarge(path: path, bytes: bytes, limit: limit)
            }
            try output.write(piece)
        }
        return OutsideCopy(
            path: path, tree: tree, temporary: output.temporary, digest: output.digestSoFar())
    }

    private func opened(_ path: String, limit: Int) throws -> OutsideFile {
        let outside = try OutsideFile(path)
        guard outside.signature.size <= limit else {
            throw StoreFault.tooLarge(path: path, bytes: outside.signature.size, limit: limit)
        }
        return outside
    }
}

/// The copy of a file in the scratch folder of a run.
public struct OutsideCopy: Sendable {
    /// Where the original is.
    public let path: String
    /// What was copied.
    public let digest: Digest
    private let tree: Tree
    private let temporary: String

    init(path: String, tree: Tree, temporary: String, digest: Digest) {
        (self.path, self.tree, self.temporary, self.digest) = (path, tree, temporary, digest)
    }

    /// The bytes, under the original's name. They stay readable as long as this object is kept, also
    /// when the copy is gone.
    /// - Throws: `StoreFault`, `FormatFault.system`.
    public func map() throws -> MappedFile {
        guard let file = try tree.open(temporary) else {
            throw StoreFault.system(path: tree.path(temporary), action: "read", code: ENOENT)
        }
        return try MappedFile(descriptor: file.number, named: path)
    }
}
