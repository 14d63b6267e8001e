// Folders of exports: what is ours is replaced, what is not is never touched, and a stop on the way leaves
// nothing that the next call would refuse.

import Foundation
import Synchronization
import Testing

@testable import Artifacts

@Suite final class ExportTests {
    let store = Store(
        FileManager.default.temporaryDirectory.appending(path: "store-\(UUID().uuidString)").path)

    deinit { try? FileManager.default.removeItem(atPath: store.root) }

    private func export(_ files: [String: String], to folder: String = "fgsm") throws {
        try store.export(
            files.sorted { $0.key < $1.key }.map { name, text in
                Store.ExportedFile(name) { Array(text.utf8) }
            }, to: folder, title: "a test")
    }

    private func names(_ folder: String = "fgsm") -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: store.path("export/\(folder)")))
            ?? [])
            .sorted()
    }

    private func put(_ text: String, _ name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: store.path("export/\(name)")))
    }

    private func content(_ name: String) -> String? {
        FileManager.default.contents(atPath: store.path("export/\(name)")).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test func aSecondExportTakesThePlaceOfTheFirst() throws {
        try export(["a.png": "1", "b.png": "2"])
        #expect(names() == ["SHA256SUMS", "a.png", "b.png"])
        let list = try #require(content("fgsm/SHA256SUMS"))
        #expect(
            list
                == "# Written by Mirage: a test\n\(Digest(of: "1"))  a.png\n\(Digest(of: "2"))  b.png\n"
        )
        try export(["b.png": "3", "c.png": "4"])
        #expect(names() == ["SHA256SUMS", "b.png", "c.png"] && content("fgsm/b.png") == "3")
        // One that somebody took away is no obstacle.
        try FileManager.default.removeItem(atPath: store.path("export/fgsm/b.png"))
        try export(["d.png": "5"])
        #expect(names() == ["SHA256SUMS", "d.png"])
    }

    @Test func whatIsNotOursRefusesAllAndStays() throws {
        try export(["a.png": "1", "b.png": "2"])
        func refused(_ foreign: [String]) {
            let fault = StoreFault.foreignExport(path: store.path("export/fgsm"), holding: foreign)
            let before = names().map { [$0, content("fgsm/\($0)") ?? "a folder"] }
            #expect(throws: fault) { try self.export(["c.png": "3"]) }
            #expect(names().map { [$0, content("fgsm/\($0)") ?? "a folder"] } == before)
        }
        try put("mine", "fgsm/notes.txt")
        refused(["notes.txt"])
        try put("changed", "fgsm/b.png")
        refused(["b.png", "notes.txt"])
        try FileManager.default.removeItem(atPath: store.path("export/fgsm/notes.txt"))
        try put("2", "fgsm/b.png")
        try FileManager.default.createDirectory(
            atPath: store.path("export/fgsm/more"), withIntermediateDirectories: false)
        refused(["more"])
        try FileManager.default.removeItem(atPath: store.path("export/fgsm/more"))
        // A link in the place of a file is somebody's, whatever it points to.
        try put("1", "outside")
        try FileManager.default.removeItem(atPath: store.path("export/fgsm/a.png"))
        try FileManager.default.createSymbolicLink(
            atPath: store.path("export/fgsm/a.png"), withDestinationPath: "../outside")
        refused(["a.png"])
        // Without a list of ours nothing is known to be ours.
        try FileManager.default.removeItem(atPath: store.path("export/fgsm/a.png"))
        try put("\(Digest(of: "2"))  b.png\n", "fgsm/SHA256SUMS")
        refused(["SHA256SUMS", "b.png"])
    }

    /// Stopped before or after any change of the disk, the next call succeeds and leaves its own files alone.
    @Test func aStopOnTheWayLeavesNothingForeign() throws {
        struct Stop: Error {}
        var stops = 0
        for step in 0..<100 {
            try export(["a.png": "1", "b.png": "2"])
            let left = Counter(step)
            let stopped =
                (try? Disk.$step.withValue({ _ in
                    if left.next() < 0 { throw Stop() }
                }) { try export(["b.png": "3", "c.png": "4"]) }) == nil
            if !stopped { break }
            stops += 1
            try export(["c.png": "5"])
            #expect(names() == ["SHA256SUMS", "c.png"], "stopped at \(step)")
        }
        #expect(stops > 8)
        // Half a file, under the name that it has meanwhile.
        try put("hal", "fgsm/c.png.part")
        try put("hal", "fgsm/SHA256SUMS.part")
        try export(["c.png": "5"])
        #expect(names() == ["SHA256SUMS", "c.png"])
    }

    @Test func cleaningTakesExportsAndLeavesTheRest() throws {
        try export(["a.png": "1"])
        try export(["b.png": "2", "c.png": "3"], to: "papers/fgsm")
        #expect(try store.clear() == [])
        #expect(!FileManager.default.fileExists(atPath: store.path("export")))

        try export(["a.png": "1"])
        try export(["b.png": "2", "c.png": "3"], to: "papers/fgsm")
        try put("mine", "papers/fgsm/notes.txt")
        try put("changed", "papers/fgsm/c.png")
        #expect(try store.clear() == ["export"])
        #expect(names() == [])
        #expect(names("papers/fgsm") == ["SHA256SUMS", "c.png", "notes.txt"])
        #expect(content("papers/fgsm/notes.txt") == "mine")
    }

    @Test func nothingElseIsCleaned() throws {
        try store.open()
        let folder = store.path("export/own")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try put("mine", "own/SHA256SUMS")
        try put("mine", "own/a.png")
        #expect(try store.clear() == ["export"])
        #expect(names("own") == ["SHA256SUMS", "a.png"])
    }
}

/// A number that falls by one a call, from any thread.
private final class Counter: Sendable {
    private let value: Mutex<Int>
    init(_ value: Int) { self.value = Mutex(value) }
    func next() -> Int {
        value.withLock {
            $0 -= 1
            return $0
        }
    }
}
