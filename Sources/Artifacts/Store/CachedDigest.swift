// The digest of a file, cached under the file's inode, size and times as they were when it was hashed.
// Only ever a shortcut; without an entry, or with a wrong one, a file is hashed again. Not synced to
// the disk and never an error: a read-only store works, slower.
//
// A file that changes within one tick of its file system's clock keeps its times, and a tick may be
// milliseconds or two seconds long. So an entry counts only if it was itself written in a later tick
// than the file: both times are given by the same clock, whose granularity thus needs no guess.

import Formats

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The entry of one file.
struct CachedDigest {
    private let tree: Tree
    private let name: String
    private let isReadOnly: Bool

    /// The folder of all entries.
    static let folder = ".verified"

    /// The entry of a file of the store, by its path below the root.
    init(_ store: Store, _ name: String) {
        tree = store.tree
        self.name = "\(CachedDigest.folder)/\(name)"
        isReadOnly = store.isReadOnly
    }

    /// Whether this very file was hashed to this digest before.
    func confirms(_ digest: Digest, _ signature: Signature) -> Bool {
        self.digest(signature) == digest
    }

    /// The digest found when this very file was hashed; nil when it may have changed since.
    func digest(_ signature: Signature) -> Digest? {
        guard let file = try? tree.open(name), let own = try? file.signature(name),
            let text = try? tree.read(file, name, limit: 4096),
            CachedDigest.isLater(own, than: signature),
            let (digest, found) = CachedDigest.parse(text), found == signature.text
        else { return nil }
        return digest
    }

    /// Digest and signature of an entry that is as it was written; nil for any other bytes.
    static func parse(_ bytes: [UInt8]) -> (digest: Digest, signature: String)? {
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        guard parts.count == 3, let digest = Digest(hex: String(parts[0])),
            parts[2] == ownDigest(digest, parts[1])
        else { return nil }
        return (digest, String(parts[1]))
    }

    private static func ownDigest(_ digest: Digest, _ signature: some StringProtocol) -> String {
        Digest(of: "\(digest.hex)\n\(signature)\n").hex
    }

    /// Whether an entry is from a later tick than the last change of a file. A file on another file
    /// system has another clock: then two seconds, the coarsest tick there is, must lie between.
    private static func isLater(_ entry: Signature, than file: Signature) -> Bool {
        let margin: Int64 = entry.device == file.device ? 0 : 2_000_000_000
        return entry.latest > file.latest && entry.latest - file.latest > margin
    }

    /// Keeps what a file hashed to.
    func write(_ digest: Digest, _ signature: Signature) {
        // In a folder that is no store yet nothing is written just for having looked at it.
        guard !isReadOnly, self.digest(signature) != digest,
            (try? tree.signature(Store.marker)) ?? nil != nil
        else { return }
        try? put(
            "\(digest.hex)\n\(signature.text)\n\(CachedDigest.ownDigest(digest, signature.text))\n")
    }

    /// Keeps the digest of what was written through a descriptor a moment ago, in the next tick of the clock if
    /// that comes within a few milliseconds; otherwise the file is hashed once more some day.
    func write(_ digest: Digest, whenSettled file: Descriptor) {
        guard let signature = try? file.signature(name) else { return }
        for _ in 0..<6 {
            write(digest, signature)
            if confirms(digest, signature) { return }
            usleep(2_000)
        }
    }

    private func put(_ text: String) throws {
        let temporary = "\(name).\(getpid()).tmp"
        // Whatever has our name is an entry of an earlier process of this number, or a link, which
        // is then taken away and not followed.
        try Disk.gated {
            try tree.remove(temporary)
            do {
                try tree.create(temporary).write(Array(text.utf8), temporary)
                try tree.rename(temporary, to: name)
            } catch {
                try? tree.remove(temporary)
                throw error
            }
        }
    }

    /// Forgets the file.
    func delete() {
        guard !isReadOnly else { return }
        try? Disk.gated { try tree.remove(name) }
    }
}
