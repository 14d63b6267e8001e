// The content-addressed store below `artifacts/`: where things lie and whether they are sound.
//
//   .mirage-store          what makes the folder a store
//   objects/ab/cdef….ext   bytes named by their SHA-256, written once, read-only
//   records/<node>.json    what each node read and made; written last
//   model/mlp.safetensors  names for people: relative links to objects
//   .keys/ab/cdef….json    for each key ever run, the result that it gave
//   .verified/             when an object was last hashed, so that it need not be again
//   .tmp/                  one folder a running process; swept at the next start
//   .lock                  held shared by stages, alone by `gc`; a lock that dies with its holder

import Formats

/// A folder of artifacts.
public struct Store: Sendable {
    let tree: Tree
    /// Whether it is only looked at: then not even digests are kept of what was hashed.
    let isReadOnly: Bool

    /// The folder, without a slash at its end.
    public var root: String { tree.root }

    /// The store in a folder, which need not exist yet; `readOnly` for one of which nothing may change.
    public init(_ folder: String, readOnly: Bool = false) {
        var path = folder.isEmpty ? "." : folder
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        tree = Tree(root: path)
        isReadOnly = readOnly
    }

    /// Whether an object is there and whole.
    public enum ObjectState: Equatable, Sendable {
        /// The bytes hash to the name.
        case sound
        /// There is nothing of this name.
        case missing
        /// The bytes hash to something else.
        case damaged(found: Digest?)
    }

    /// The path of a visible artifact.
    public func path(_ name: String) -> String { tree.path(name) }

    static func objectName(_ digest: Digest, suffix: String) -> String {
        "objects/\(digest.hex.prefix(2))/\(digest.hex.dropFirst(2))\(suffix)"
    }

    static func keyName(_ key: Digest) -> String {
        ".keys/\(key.hex.prefix(2))/\(key.hex.dropFirst(2)).json"
    }

    /// A node's record below the root; the experiment is empty for nodes that all share.
    static func recordName(experiment: String, node: String) -> String {
        let folder = Naming.hasFolder(experiment) ? experiment + "/" : ""
        return "records/\(folder)\(node).json"
    }

    /// Whether an object is sound. Unless `thoroughly`, a file whose inode, size and times are those
    /// of its last hashing is taken to be unchanged, which makes `unchanged` a matter of
    /// milliseconds whatever the size. What is cached of a damaged file is
    /// forgotten.
    /// - Throws: `StoreFault.system` when the system does not let it be read: then nobody knows.
    public func state(
        of digest: Digest, suffix: String, thoroughly: Bool = false
    ) throws -> ObjectState {
        let name = Store.objectName(digest, suffix: suffix)
        guard let found = try tree.signature(name) else { return .missing }
        guard found.kind == .file else { return .damaged(found: nil) }
        let cached = CachedDigest(self, name)
        if !thoroughly, cached.confirms(digest, found) { return .sound }
        guard let file = try tree.open(name) else { return .missing }
        return try state(of: digest, file, name)
    }

    private func state(
        of digest: Digest, _ file: Descriptor, _ name: String
    ) throws -> ObjectState {
        let found = try file.digest(path(name))
        let cached = CachedDigest(self, name)
        guard let found, found.digest == digest else {
            cached.delete()
            return .damaged(found: found?.digest)
        }
        cached.write(digest, found.signature)
        return .sound
    }

    /// The object that a visible name stands for.
    /// - Throws: `StoreFault.missing` with the command that makes it; `.editedInPlace` or `.inTheWay`
    ///   when what stands there is not the store's; `.system`.
    public func digest(of name: String, madeBy: String) throws -> Digest {
        guard let signature = try tree.signature(name) else {
            throw StoreFault.missing(name: name, madeBy: madeBy)
        }
        switch signature.kind {
        case .link:
            guard let digest = try linked(name) else {
                throw StoreFault.inTheWay(path: path(name))
            }
            return digest
        case .file:
            guard let found = try digest(ofVisible: name, signature) else {
                throw StoreFault.missing(name: name, madeBy: madeBy)
            }
            guard try state(of: found, suffix: ArtifactName.suffix(name)) == .sound else {
                throw StoreFault.editedInPlace(path: path(name))
            }
            return found
        default: throw StoreFault.inTheWay(path: path(name))
        }
    }

    /// The digest of a visible file, unless `thoroughly` the cached one if it has not been touched
    /// since; nil when it is gone. One that is not that of the bytes is written anew.
    func digest(
        ofVisible name: String, _ signature: Signature, thoroughly: Bool = false
    ) throws -> Digest? {
        let cached = CachedDigest(self, name)
        if !thoroughly, let digest = cached.digest(signature) { return digest }
        guard let file = try tree.open(name) else { return nil }
        guard let found = try file.digest(path(name)) else {
            throw StoreFault.busy(what: "\(path(name)) is being written just now")
        }
        cached.write(found.digest, found.signature)
        return found.digest
    }

    /// An object, hashed just now through the descriptor that is then mapped.
    /// - Throws: `StoreFault.damaged` when it is missing or the bytes are not those of the digest;
    ///   `.system`.
    public func open(_ digest: Digest, name: String, madeBy: String) throws -> MappedFile {
        let object = Store.objectName(digest, suffix: ArtifactName.suffix(name))
        guard let file = try tree.open(object) else {
            throw StoreFault.damaged(name: name, digest, found: nil, madeBy: madeBy)
        }
        guard case .damaged(let found) = try state(of: digest, file, object) else {
            return try MappedFile(descriptor: file.number, named: name)
        }
        throw StoreFault.damaged(
            name: name, digest, found: found ?? Digest(of: []), madeBy: madeBy)
    }

    /// The digest that a visible link names; nil when it is no link of ours.
    func linked(_ name: String) throws -> Digest? {
        guard let target = try tree.target(ofLink: name) else { return nil }
        let depth = name.split(separator: "/").count - 1
        let prefix = String(repeating: "../", count: depth) + "objects/"
        guard target.hasPrefix(prefix) else { return nil }
        let parts = target.dropFirst(prefix.count).split(separator: "/")
        guard parts.count == 2 else { return nil }
        let hex = parts[0] + parts[1].prefix { $0 != "." }
        return Digest(hex: String(hex))
    }
}
