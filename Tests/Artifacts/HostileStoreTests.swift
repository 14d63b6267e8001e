// A store that somebody else has made, or that is no store at all: links planted at every place where
// the store looks, folders that hold other things, files that are no files. Nothing outside is read,
// written or deleted, and nothing waits.

import Foundation
import Testing

@testable import Artifacts

@Suite final class HostileStoreTests {
    let parent = FileManager.default.temporaryDirectory.appending(
        path: "hostile-\(UUID().uuidString)"
    ).path
    let store: Store
    /// The user's documents, elsewhere on the disk.
    let outside: String

    init() throws {
        store = Store(parent + "/artifacts")
        outside = parent + "/documents"
        for folder in ["", "/ab", "/1-0", "/mnist"] {
            try FileManager.default.createDirectory(
                atPath: outside + folder, withIntermediateDirectories: true)
            for file in ["letter", "output-0", ".lock", "fetch.json", "x.tmp"] {
                try Data("precious".utf8).write(
                    to: URL(fileURLWithPath: "\(outside)\(folder)/\(file)"))
            }
        }
        _ = try commit()
    }

    deinit { try? FileManager.default.removeItem(atPath: parent) }

    @discardableResult
    func commit(_ text: String = "abc", code: String = "c0de") throws -> Record {
        try store.open()
        let scratch = try Scratch(in: store)
        defer { scratch.discard() }
        let files = try [("model/m.bin", text), ("report.html", "<p>\(text)")].enumerated().map {
            let file = try store.create($1.0, number: $0, in: scratch)
            try file.write($1.1)
            return file
        }
        return try store.commit(
            RecordTests.recipe(code: code), files, announced: files.map(\.name), summary: .null,
            in: scratch)
    }

    /// Every file below a folder with its content, and every link with its text.
    func snapshot(_ folder: String) throws -> [String: String] {
        var found: [String: String] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
            let path = folder + "/" + name
            found[name] =
                (try? FileManager.default.destinationOfSymbolicLink(atPath: path))
                ?? FileManager.default.contents(atPath: path).map {
                    String(decoding: $0, as: UTF8.self)
                } ?? "folder"
        }
        return found
    }

    /// Everything that can be done to a store.
    func doEverything() {
        _ = try? store.open()
        _ = try? commit("new", code: "2")
        _ = try? commit()
        try? Scratch.sweep(store)
        _ = try? store.digest(ofOutside: #filePath)
        if let records = try? store.records() {
            for record in records {
                _ = try? store.unsound(record.record, thoroughly: true)
                _ = try? store.isVisible(record.record)
            }
        }
        _ = try? store.damagedMetadata()
        for object in (try? store.objects()) ?? [] { _ = try? store.deleteObject(object) }
        _ = try? store.deleteDanglingEntries()
        _ = try? StoreLock.alone(store).release()
        _ = try? store.clear()
    }

    static let places = [
        ".tmp", ".tmp/1-0", ".tmp/.guard", ".make", ".make/mnist", ".keys", ".verified",
        ".verified/objects", ".verified/outside", "records", "records/original", "objects",
        "objects/ba", ".lock", ".mirage-store", "model", "grid", "report.html",
        "records/train-mlp.json", "model/m.bin",
    ]

    @Test(arguments: places) func aLinkIsNeverFollowed(_ place: String) throws {
        for target in [outside, outside + "/letter", outside + "/nothing", outside + "/1-0"] {
            try? FileManager.default.removeItem(atPath: store.root)
            try commit()
            let path = store.path(place)
            try? FileManager.default.removeItem(atPath: path)
            try? FileManager.default.createDirectory(
                atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path,
                withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
            let before = try snapshot(outside)
            doEverything()
            #expect(try snapshot(outside) == before, "\(place) → \(target)")
        }
    }

    @Test func aFolderThatIsALinkIsRefusedWithTheWayOut() throws {
        for place in ["objects", "records", ".keys", ".tmp", "model"] {
            try? FileManager.default.removeItem(atPath: store.root)
            try commit()
            try FileManager.default.moveItem(
                atPath: store.path(place), toPath: "\(parent)/moved-\(place)")
            try FileManager.default.createSymbolicLink(
                atPath: store.path(place), withDestinationPath: "\(parent)/moved-\(place)")
            let fault = #expect(throws: StoreFault.self) { try commit("new", code: "2") }
            #expect(fault == .linkInside(path: store.path(place)), "\(place)")
        }
    }

    /// The folder itself may lie elsewhere.
    @Test func theStoreItselfMayBeALink() throws {
        try FileManager.default.moveItem(atPath: store.root, toPath: parent + "/elsewhere")
        try FileManager.default.createSymbolicLink(
            atPath: store.root, withDestinationPath: parent + "/elsewhere")
        try commit("new", code: "2")
        #expect(try store.clear() == [])
        #expect(try FileManager.default.contentsOfDirectory(atPath: parent + "/elsewhere") == [])
    }

    /// Temporaries of notes are named by process: one that is planted is taken away, not followed.
    @Test func aPlantedTemporaryOfANoteIsNotWrittenThrough() throws {
        let name = Store.objectName(Digest(of: "abc"), suffix: ".bin")
        let note = store.path("\(CachedDigest.folder)/\(name)")
        unlink(note)
        try FileManager.default.createSymbolicLink(
            atPath: "\(note).\(getpid()).tmp", withDestinationPath: outside + "/letter")
        #expect(try store.state(of: Digest(of: "abc"), suffix: ".bin") == .sound)
        #expect(try snapshot(outside)["letter"] == "precious")
        #expect(FileManager.default.fileExists(atPath: note))
    }

    @Test func aFolderThatHoldsOtherThingsIsNoStore() throws {
        let repository = Store(parent + "/.git")
        for folder in ["objects/ab", "refs"] {
            try FileManager.default.createDirectory(
                atPath: repository.path(folder), withIntermediateDirectories: true)
        }
        try Data("ref".utf8).write(to: URL(fileURLWithPath: repository.path("HEAD")))
        let before = try snapshot(repository.root)
        let fault = StoreFault.notAStore(path: repository.root, holding: "HEAD, objects, refs")
        #expect(throws: fault) { try repository.open() }
        #expect(throws: fault) { try repository.clear() }
        #expect(throws: fault) { try repository.isThere() }
        #expect(try snapshot(repository.root) == before)
    }

    @Test func whatThePipelineDidNotMakeStays() throws {
        for (name, text) in [
            ("notes.txt", "mine"), ("model/mine.bin", "mine"), ("objects/ab/mine", "mine"),
            ("report-mine.html", "mine"), (".tmp/1-0/letter", "mine"), (".keys/mine", "mine"),
        ] {
            let path = URL(fileURLWithPath: store.path(name))
            try FileManager.default.createDirectory(
                at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: path)
        }
        try FileManager.default.createSymbolicLink(
            atPath: store.path("model/link"), withDestinationPath: outside)
        let left = try store.clear()
        #expect(left == [".keys", ".tmp", "model", "notes.txt", "objects", "report-mine.html"])
        for name in [
            "notes.txt", "model/mine.bin", "model/link", "objects/ab/mine", "report-mine.html",
            ".tmp/1-0/letter", ".keys/mine",
        ] {
            #expect(access(store.path(name), F_OK) == 0, "\(name)")
        }
        #expect(access(store.path("report.html"), F_OK) != 0)
        #expect(access(store.path("records"), F_OK) != 0)
    }

    /// A record of a stranger, with a right digest of its own, names a file of the user's by its content.
    @Test func aSealedRecordIsNoReasonToDeleteAFile() throws {
        try Data("mine".utf8).write(to: URL(fileURLWithPath: store.path("notes.txt")))
        try Data("mine".utf8).write(to: URL(fileURLWithPath: store.path("model/mine.bin")))
        let record = Record(
            recipe: RecordTests.recipe(code: "evil"),
            outputs: ["notes.txt", "model/mine.bin"].map {
                .init(name: $0, digest: Digest(of: "mine"), bytes: 4)
            }, summary: .null)
        try Data(record.json.pretty.utf8).write(
            to: URL(fileURLWithPath: store.path("records/train-mlp.json")))
        #expect(try store.record(experiment: "mnist", node: "train-mlp") == record)
        #expect(!record.fits(["model/m.bin"]))
        try commit("new", code: "2")
        #expect(FileManager.default.contents(atPath: store.path("notes.txt")) == Data("mine".utf8))
        #expect(
            FileManager.default.contents(atPath: store.path("model/mine.bin")) == Data("mine".utf8))
    }

    /// What pip has put into a folder of ours goes with it; what somebody else has put there stays.
    @Test func wheelsAreTakenAwayWithTheScratchFolder() throws {
        for (folder, stays) in [("wheel-0", false), ("wheel-1", true), ("other", true)] {
            let scratch = try Scratch(in: store)
            let inner = "\(scratch.path)/\(folder)"
            try FileManager.default.createDirectory(
                atPath: inner, withIntermediateDirectories: true)
            try Data("zip".utf8).write(to: URL(fileURLWithPath: inner + "/p-1-py3-none-any.whl"))
            if folder == "wheel-1" {
                try FileManager.default.createSymbolicLink(
                    atPath: inner + "/letter", withDestinationPath: outside + "/letter")
            }
            scratch.discard()
            #expect((access(scratch.path, F_OK) == 0) == stays, "\(folder)")
        }
        #expect(try snapshot(outside)["letter"] == "precious")
    }

    /// A pipe that nobody writes to blocks whoever opens it for reading.
    @Test(arguments: [
        "records/pipe.json", "records/train-mlp.json", ".mirage-store", ".lock", "report.html",
        "model/m.bin",
    ]) func aPipeIsNeverWaitedFor(_ place: String) throws {
        unlink(store.path(place))
        #expect(mkfifo(store.path(place), 0o644) == 0)
        doEverything()
        #expect(access(store.path(place), F_OK) == 0)
    }

    @Test func anUnreadableFolderIsNotAnEmptyOne() throws {
        guard getuid() != 0 else { return }
        chmod(store.path("records"), 0)
        defer { chmod(store.path("records"), 0o755) }
        #expect(throws: StoreFault.self) { try store.records() }
        #expect(throws: StoreFault.self) { try store.objects() }
    }
}
