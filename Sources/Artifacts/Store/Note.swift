// A note on when a file was last hashed: its inode, size and times then, and the digest found. Only
// ever a shortcut; without notes, or with wrong ones, files are hashed again. Not synced to the
// disk and never an error: a read-only store works, slower.

struct Note {
    private let store: Store
    private let name: String

    /// The note for a file of the store, by its path below the root.
    init(_ store: Store, _ name: String) {
        self.store = store
        self.name = name
    }

    private var path: String { "\(store.root)/.verified/\(name)" }

    /// Whether this very file was hashed to this digest before.
    func vouches(for digest: Digest, _ signature: Disk.Signature) -> Bool {
        self.digest(signature) == digest
    }

    /// The digest found when this very file was hashed; nil when it may have changed since.
    func digest(_ signature: Disk.Signature) -> Digest? {
        guard let text = try? Disk.load(path, limit: 4096) else { return nil }
        let parts = String(decoding: text, as: UTF8.self).split(separator: "\n")
        guard parts.count == 2, parts[1] == signature.text else { return nil }
        return Digest(hex: String(parts[0]))
    }

    /// Notes what a file hashed to.
    func write(_ digest: Digest, _ signature: Disk.Signature) {
        if self.digest(signature) == digest { return }
        try? Disk.jot("\(digest.hex)\n\(signature.text)\n", to: path)
    }

    func delete() { try? Disk.delete(path) }
}
