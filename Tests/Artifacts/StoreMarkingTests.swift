// Which folder is a store, and how one from before there were markers becomes one.

import Formats
import Foundation
import Testing

@testable import Artifacts

@Suite final class StoreMarkingTests {
    let store = Store(
        FileManager.default.temporaryDirectory.appending(path: "marking-\(UUID().uuidString)").path)

    deinit { try? FileManager.default.removeItem(atPath: store.root) }

    func write(_ text: String, _ name: String) throws {
        let path = URL(fileURLWithPath: store.path(name))
        try FileManager.default.createDirectory(
            at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: path)
    }

    @Test func anEmptyFolderBecomesAStore() throws {
        #expect(try !store.isThere())
        #expect(try store.open() == nil)
        #expect(try store.isThere() && store.isMarked())
        try write("", ".gitkeep")
        unlink(store.path(Store.marker))
        #expect(try !store.isThere())
        try store.open()
        #expect(try store.isMarked())
    }

    /// As the first edition wrote it: no marker, no digest of its own in a record, stamps in `.make`.
    private func writeOldStore(object: String = "abc") throws -> String {
        let digest = Digest(of: "abc")
        let recipe = RecordTests.recipe(experiment: "original")
        var members = recipe.members
        members["schema"] = "mirage.record"
        members["version"] = 1
        members["key"] = .string(recipe.oldKey.hex)
        members["outputs"] = [
            [
                "name": "model/original/mlp.bin", "sha256": .string(digest.hex), "bytes": 3,
            ]
        ]
        members["summary"] = ["accuracy": 0.5]
        let text = JSON.object(members).pretty
        try write(object, Store.objectName(digest, suffix: ".bin"))
        try write(text, "records/original/train-mlp.json")
        try write(text, ".keys/ab/cdef.json")
        try write("", ".make/original/train-mlp")
        try write("", ".lock")
        return text
    }

    @Test func aStoreOfTheFirstEditionIsTakenOverOnce() throws {
        _ = try writeOldStore()
        #expect(try store.isThere() && !store.isMarked())
        let words = try #require(try store.open())
        #expect(words.contains("1 objects checked, 0 damaged, 1 records renewed"))
        let record = try #require(try store.record(experiment: "original", node: "train-mlp"))
        #expect(record.summary["accuracy"]?.double == 0.5)
        #expect(record.outputs.map(\.name) == ["model/original/mlp.bin"])
        #expect(try store.unsound(record).isEmpty)
        #expect(access(store.path(".make"), F_OK) != 0)
        #expect(access(store.path(".keys/ab/cdef.json"), F_OK) != 0)
        #expect(try store.open() == nil)
    }

    @Test func itsDamageIsSaidAndItsObjectsStay() throws {
        _ = try writeOldStore(object: "abd")
        #expect(try #require(try store.open()).contains("1 objects checked, 1 damaged"))
        #expect(
            try store.state(of: Digest(of: "abc"), suffix: ".bin")
                == .damaged(found: Digest(of: "abd")))
    }

    /// A record of the first edition that was edited is not renewed as if it were true.
    @Test func anEditedRecordIsNotTakenOver() throws {
        let text = try writeOldStore()
        try write(text.replacing("c0de", with: "beef"), "records/original/train-mlp.json")
        try write(text, "records/original/train-other.json")
        try store.open()
        #expect(try store.record(experiment: "original", node: "train-mlp") == nil)
        #expect(try store.hasDamagedRecord(experiment: "original", node: "train-mlp"))
    }

    @Test func anotherFolderStaysAsItIs() throws {
        try write("mine", "notes.txt")
        let fault = StoreFault.notAStore(path: store.root, holding: "notes.txt")
        #expect(throws: fault) { try store.open() }
        #expect(throws: fault) { try store.isThere() }
        #expect(throws: fault) { try store.clear() }
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.root) == ["notes.txt"])
    }
}
