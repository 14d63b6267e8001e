// Notes are believed only about the very file that was hashed, and only if it had settled.

import Foundation
import Testing

@testable import Artifacts

@Suite final class CachedDigestTests {
    let store = Store(
        FileManager.default.temporaryDirectory.appending(path: "cached-\(UUID().uuidString)").path)
    let file: String
    let cached: CachedDigest

    init() throws {
        try store.open()
        file = store.path("file")
        cached = CachedDigest(store, "file")
        try Data("abc".utf8).write(to: URL(fileURLWithPath: file))
        // Long enough for a tick of any clock that counts in milliseconds.
        usleep(30_000)
    }

    deinit { try? FileManager.default.removeItem(atPath: store.root) }

    private func signature() throws -> Signature { try OutsideFile(file).signature }

    private var path: String { store.path("\(CachedDigest.folder)/file") }

    @Test func aSettledFileIsVouchedFor() throws {
        cached.write(Digest(of: "abc"), try signature())
        #expect(cached.confirms(Digest(of: "abc"), try signature()))
        #expect(!cached.confirms(Digest(of: "abd"), try signature()))
        cached.delete()
        #expect(!cached.confirms(Digest(of: "abc"), try signature()))
    }

    /// On a file system of whole seconds: entry and file have the same time, and the file may have
    /// changed after it was hashed without showing it.
    @Test func aNoteOfTheSameTickIsNotBelieved() throws {
        var signature = try signature()
        cached.write(Digest(of: "abc"), signature)
        #expect(cached.digest(signature) == Digest(of: "abc"))
        signature.latest = try OutsideFile(path).signature.latest
        #expect(cached.digest(signature) == nil)
        signature.latest -= 1
        #expect(cached.digest(signature) == Digest(of: "abc"))
    }

    /// A file that comes from the future would look unchanged for ever.
    @Test func aFileOfTheFutureIsHashedAgainAndAgain() throws {
        var times = [
            timespec(tv_sec: 4_000_000_000, tv_nsec: 0),
            timespec(tv_sec: 4_000_000_000, tv_nsec: 0),
        ]
        #expect(utimensat(AT_FDCWD, file, &times, 0) == 0)
        cached.write(Digest(of: "abc"), try signature())
        #expect(!cached.confirms(Digest(of: "abc"), try signature()))
    }

    @Test func aDamagedNoteIsNotBelieved() throws {
        cached.write(Digest(of: "abc"), try signature())
        var bytes = try #require(FileManager.default.contents(atPath: path))
        for place in bytes.indices {
            bytes[place] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path))
            #expect(cached.digest(try signature()) == nil, "byte \(place)")
            bytes[place] ^= 1
        }
    }

    @Test func aFoundFaultTakesTheNoteBack() throws {
        let digest = Digest(of: "abc")
        let name = Store.objectName(digest, suffix: "")
        let object = store.path(name)
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: object).deletingLastPathComponent().path,
            withIntermediateDirectories: true)
        try Data("abd".utf8).write(to: URL(fileURLWithPath: object))
        usleep(30_000)
        // Bit rot below the file system: the times say that nothing happened.
        CachedDigest(store, name).write(digest, try OutsideFile(object).signature)
        #expect(try store.state(of: digest, suffix: "") == .sound)
        let found = Store.ObjectState.damaged(found: Digest(of: "abd"))
        #expect(try store.state(of: digest, suffix: "", thoroughly: true) == found)
        #expect(try store.state(of: digest, suffix: "") == found)
    }
}
