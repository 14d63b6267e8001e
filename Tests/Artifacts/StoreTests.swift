import Formats
import Foundation
import Testing

@testable import Artifacts

/// The store by itself; how stages use it is tested in `Tests/Stages`.
@Suite final class StoreTests {
    let store: Store
    let recipe = RecordTests.recipe()

    init() {
        store = Store(
            FileManager.default.temporaryDirectory.appending(path: "store-\(UUID().uuidString)")
                .path + "/")
    }

    deinit { try? FileManager.default.removeItem(atPath: store.root) }

    func commit(_ files: [(String, String)], _ recipe: Recipe? = nil) throws -> Record {
        try store.open()
        let scratch = try Scratch(in: store)
        defer { scratch.discard() }
        let outputs = try files.enumerated().map { index, file in
            let output = try store.create(file.0, number: index, in: scratch)
            try output.write(file.1)
            return output
        }
        return try store.commit(
            recipe ?? self.recipe, outputs, announced: outputs.map(\.name), summary: ["n": 1],
            in: scratch)
    }

    func object(_ digest: Digest, _ suffix: String) -> String {
        store.path(Store.objectName(digest, suffix: suffix))
    }

    func content(_ name: String) -> String? {
        FileManager.default.contents(atPath: store.path(name)).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test func bytesGetTheNameOfTheirHash() throws {
        let record = try commit([("model/original/m.bin", "abc"), ("report.html", "<p>")])
        let object = object(Digest(of: "abc"), ".bin")
        #expect(
            object.hasSuffix(
                "/objects/ba/7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad.bin"))
        #expect(content("model/original/m.bin") == "abc" && content("report.html") == "<p>")
        let target = try FileManager.default.destinationOfSymbolicLink(
            atPath: store.path("model/original/m.bin"))
        #expect(target.hasPrefix("../../objects/ba/"))
        let mode =
            try FileManager.default.attributesOfItem(atPath: object)[.posixPermissions] as? Int
        #expect(mode == 0o444)
        #expect(try store.isVisible(record) && store.unsound(record).isEmpty)
        #expect(try store.record(experiment: "mnist", node: "train-mlp") == record)
        #expect(try store.known(recipe) == record)
        #expect(try store.digest(of: "model/original/m.bin", madeBy: "x") == Digest(of: "abc"))
    }

    @Test func damageIsFoundWithoutHashingTwice() throws {
        _ = try commit([("model/m.bin", "abc")])
        let digest = Digest(of: "abc")
        let object = object(digest, ".bin")
        #expect(try store.state(of: digest, suffix: ".bin") == .sound)
        chmod(object, 0o644)
        try Data("abd".utf8).write(to: URL(fileURLWithPath: object))
        #expect(try store.state(of: digest, suffix: ".bin") == .damaged(found: Digest(of: "abd")))
        unlink(object)
        #expect(try store.state(of: digest, suffix: ".bin") == .missing)
        mkdir(object, 0o755)
        #expect(try store.state(of: digest, suffix: ".bin") == .damaged(found: nil))
        rmdir(object)
        let again = try commit([("model/m.bin", "abc")])
        #expect(try store.unsound(again, thoroughly: true).isEmpty)
    }

    @Test func aNoteIsNotBelievedAboutAnotherFile() throws {
        _ = try commit([("model/m.bin", "abc")])
        let digest = Digest(of: "abc")
        let object = object(digest, ".bin")
        // Same size and modification time, other bytes: the inode and change time tell.
        var before = stat()
        #expect(stat(object, &before) == 0)
        unlink(object)
        try Data("abd".utf8).write(to: URL(fileURLWithPath: object))
        var times = [before.st_atim, before.st_mtim]
        #expect(utimensat(AT_FDCWD, object, &times, 0) == 0)
        #expect(try store.state(of: digest, suffix: ".bin") == .damaged(found: Digest(of: "abd")))
    }

    @Test func anotherResultForOneKeyIsRefused() throws {
        _ = try commit([("model/m.bin", "abc")])
        #expect(
            throws: StoreFault.twoResults(
                name: "model/m.bin", stored: Digest(of: "abc"), made: Digest(of: "abd"))
        ) {
            try commit([("model/m.bin", "abd")])
        }
        #expect(content("model/m.bin") == "abc")
        #expect(
            try commit([("model/m.bin", "abd")], RecordTests.recipe(code: "2")).outputs.count == 1)
        #expect(content("model/m.bin") == "abd")
    }

    @Test func namesThatARunNoLongerMakesAreTakenAway() throws {
        _ = try commit([("grid/a.png", "a"), ("grid/b.png", "b")])
        _ = try commit([("grid/b.png", "b")], RecordTests.recipe(code: "2"))
        #expect(content("grid/a.png") == nil && content("grid/b.png") == "b")
    }

    @Test func aMissingNameTellsWhatMakesIt() {
        #expect(throws: StoreFault.missing(name: "model/m.bin", madeBy: "make train-m")) {
            try store.digest(of: "model/m.bin", madeBy: "make train-m")
        }
        let fault = StoreFault.missing(name: "model/m.bin", madeBy: "make train-m")
        #expect(fault.description == "model/m.bin does not exist; `make train-m` makes it")
    }

    static let faults: [(StoreFault, Int32, String)] = [
        (
            .system(path: "a", action: "write", code: ENOSPC), 74,
            "cannot write a: No space left on device; make room"
        ),
        (
            .system(path: "a", action: "write", code: EROFS), 74,
            "mount it writable, or choose another folder with --out"
        ),
        (.editedInPlace(path: "report.html"), 65, "report.html was edited in place"),
        (.inTheWay(path: "x"), 65, "x is no file of this store"),
        (.missingFile(path: "data/x"), 66, "data/x does not exist; put it there"),
        (
            .missingFile(path: "data/mnist/labels.json"), 66,
            "data/mnist/labels.json does not exist; restore it by `git checkout data/mnist/labels.json`"
        ),
        (
            .damaged(name: "m", Digest(of: "a"), found: nil, madeBy: "make m"), 66,
            "is not there; `make m` makes it again"
        ),
        (
            .damaged(name: "m", Digest(of: "a"), found: Digest(of: "b"), madeBy: "make m"), 66,
            "hashes to 3e23e8160039…; `make m` makes it again"
        ),
        (.malformed(path: "r", why: "w"), 65, "r is malformed: w; delete it"),
        (.notAFile(path: "p"), 65, "p is not a regular file"),
        (.tooLarge(path: "p", bytes: 9, limit: 8), 65, "p has 9 bytes, more than the 8"),
        (.linkInside(path: "a/.tmp"), 65, "a/.tmp is a link, and in a store no link is followed"),
        (.notAStore(path: ".git", holding: "HEAD"), 65, "it has no .mirage-store, and holds HEAD"),
        (
            .system(path: "a", action: "read", code: EIO), 74,
            "Input/output error; look after the disk"
        ),
        (.system(path: "a", action: "open", code: EMFILE), 74, "allow more open files"),
        (.system(path: "a", action: "lock", code: ENOLCK), 74, "a file system that has locks"),
        (
            .twoResults(name: "m", stored: Digest(of: "a"), made: Digest(of: "b")), 70,
            "is not deterministic"
        ),
        (.busy(what: "it runs"), 75, "it runs; wait until it has ended"),
    ]

    @Test(arguments: faults.indices) func aFaultHasACodeAndAWayOut(_ index: Int) {
        let (fault, code, words) = Self.faults[index]
        #expect(fault.code.rawValue == code)
        #expect(fault.description.contains(words), "\(fault)")
    }

    @Test func locksExcludeAsTheyShould() throws {
        try store.open()
        let first = try #require(try StoreLock.share(store))
        let second = try #require(try StoreLock.share(store))
        #expect(throws: StoreFault.busy(what: "a stage is running in \(store.root)")) {
            try StoreLock.alone(store)
        }
        first.release()
        second.release()
        let alone = try StoreLock.alone(store)
        #expect(throws: StoreFault.self) { try StoreLock.share(store) }
        alone.release()
    }

    @Test func temporariesOfTheLivingStay() throws {
        try store.open()
        let mine = try Scratch(in: store)
        try FileManager.default.createDirectory(
            atPath: store.path(".tmp/1-0"), withIntermediateDirectories: true)
        let other = try Scratch(in: store)
        #expect(try Disk.names(in: store.path(".tmp")).count == 3)
        mine.discard()
        other.discard()
        #expect(try Disk.names(in: store.path(".tmp")) == [".guard"])
    }
}
