// The digest of a file. What is read from a store is named by digests, so whoever imports `Artifacts`
// has them too; a module that needs no more than digests imports `Digests`.

@_exported import Digests

extension Digest {
    /// Hashes a file as it is read, without holding it in memory.
    /// - Throws: `StoreFault.system` when the file cannot be read, `.notAFile`.
    public init(ofFile path: String) throws {
        let stream = DigestStream()
        try OutsideFile(path).read { stream.update($0) }
        self = stream.finish()
    }
}
