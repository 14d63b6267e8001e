// The content-addressed store below `artifacts/`: where things lie and whether they are sound.
//
//   objects/ab/cdef….ext   bytes named by their SHA-256, written once, read-only
//   records/<node>.json    what each node read and made; written last
//   model/mlp.safetensors  names for people: relative links to objects
//   .keys/ab/cdef….json    for each key ever run, the record it gave
//   .verified/             when an object was last hashed, so that it need not be again
//   .tmp/                  one folder a running process; swept at the next start
//   .lock                  held shared by stages, alone by `gc`; a lock that dies with its holder

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A folder of artifacts.
public struct Store: Sendable {
    /// The folder, without a slash at its end.
    public let root: String

    /// The store in a folder, which need not exist yet.
    public init(_ folder: String) {
        var path = folder.isEmpty ? "." : folder
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        root = path
    }

    /// Whether an object is there and whole.
    public enum ObjectState: Equatable, Sendable {
        /// The bytes hash to the name.
        case sound
        /// There is nothing of this name.
        case missing
        /// The bytes hash to something else, or cannot be read.
        case damaged(found: Digest?)
    }

    /// The path of a visible artifact.
    public func path(_ name: String) -> String { root + "/" + name }

    /// The path of an object; `suffix` is the extension of the artifact's name.
    public func objectPath(_ digest: Digest, suffix: String) -> String {
        root + "/" + Store.objectName(digest, suffix: suffix)
    }

    static func objectName(_ digest: Digest, suffix: String) -> String {
        "objects/\(digest.hex.prefix(2))/\(digest.hex.dropFirst(2))\(suffix)"
    }

    func keyPath(_ key: Digest) -> String {
        "\(root)/.keys/\(key.hex.prefix(2))/\(key.hex.dropFirst(2)).json"
    }

    /// The path of a node's record; the experiment is empty for nodes that all share.
    public func recordPath(experiment: String, node: String) -> String {
        let folder = experiment.isEmpty || experiment == "mnist" ? "" : experiment + "/"
        return "\(root)/records/\(folder)\(node).json"
    }

    /// Whether an object is sound. Unless `thoroughly`, a file whose inode, size and times are those
    /// of its last hashing is taken to be unchanged, which makes `unchanged` a matter of
    /// milliseconds whatever the size.
    public func state(of digest: Digest, suffix: String, thoroughly: Bool = false) -> ObjectState {
        let path = objectPath(digest, suffix: suffix)
        guard let before = Disk.signature(path) else { return .missing }
        guard before.kind == .file else { return .damaged(found: nil) }
        let note = Note(self, Store.objectName(digest, suffix: suffix))
        if !thoroughly, note.vouches(for: digest, before) { return .sound }
        guard let found = try? Disk.hash(path).digest else { return .damaged(found: nil) }
        guard found == digest else { return .damaged(found: found) }
        if Disk.signature(path) == before { note.write(digest, before) }
        return .sound
    }

    /// The object that a visible name stands for.
    /// - Throws: `StoreFault.missing` with the command that makes it; `.editedInPlace` or `.inTheWay`
    ///   when what stands there is not the store's.
    public func digest(of name: String, madeBy: String) throws -> Digest {
        let path = path(name)
        guard let signature = Disk.signature(path) else {
            throw StoreFault.missing(name: name, madeBy: madeBy)
        }
        switch signature.kind {
        case .link:
            guard let digest = linked(name) else { throw StoreFault.inTheWay(path: path) }
            return digest
        case .file:
            let note = Note(self, name)
            let found = try note.digest(signature) ?? Disk.hash(path).digest
            guard state(of: found, suffix: ArtifactName.suffix(name)) == .sound else {
                throw StoreFault.editedInPlace(path: path)
            }
            note.write(found, signature)
            return found
        default: throw StoreFault.inTheWay(path: path)
        }
    }

    /// The digest of a file outside the store, from a note if it has not been touched since.
    /// - Throws: `StoreFault.system` when it cannot be read.
    public func digest(ofOutside path: String) throws -> Digest {
        let note = Note(self, "outside/\(Digest(of: path).short)")
        let before = Disk.signature(path)
        if let before, before.kind == .file, let digest = note.digest(before) { return digest }
        let digest = try Disk.hash(path).digest
        if let before, before.kind == .file, before.isSettled, Disk.signature(path) == before {
            note.write(digest, before)
        }
        return digest
    }

    /// The path of an artifact's object, hashed just now.
    /// - Throws: `StoreFault.damaged` when the bytes are not those of the digest.
    public func verifiedObject(_ digest: Digest, name: String, madeBy: String) throws -> String {
        let suffix = ArtifactName.suffix(name)
        switch state(of: digest, suffix: suffix, thoroughly: true) {
        case .sound: return objectPath(digest, suffix: suffix)
        case .missing:
            throw StoreFault.damaged(name: name, digest, found: nil, madeBy: madeBy)
        case .damaged(let found):
            throw StoreFault.damaged(
                name: name, digest, found: found ?? Digest(of: []), madeBy: madeBy)
        }
    }

    /// The digest that a visible link names; nil when it is no link of ours.
    func linked(_ name: String) -> Digest? {
        guard let target = Disk.target(ofLink: path(name)) else { return nil }
        let depth = name.split(separator: "/").count - 1
        let prefix = String(repeating: "../", count: depth) + "objects/"
        guard target.hasPrefix(prefix) else { return nil }
        let parts = target.dropFirst(prefix.count).split(separator: "/")
        guard parts.count == 2 else { return nil }
        let hex = parts[0] + parts[1].prefix { $0 != "." }
        return Digest(hex: String(hex))
    }
}
