// Temporary folders: known to whoever interrupts from their first instant, swept in whatever state their
// owner has left them.

import Foundation
import Testing

@testable import Artifacts

@Suite final class ScratchTests {
    let store = Store(
        FileManager.default.temporaryDirectory.appending(path: "scratch-\(UUID().uuidString)").path)

    init() throws { try store.open() }

    deinit { try? FileManager.default.removeItem(atPath: store.root) }

    var folders: [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: store.path(".tmp"))
        return (names ?? []).filter { $0 != ".guard" }
    }

    @Test func whoInterruptsKnowsEveryFolder() throws {
        var actions: [@Sendable () -> Void] = []
        let scratch = try Scratch(in: store) { action in
            // Told before there is another chance to interrupt.
            actions.append(action)
        }
        #expect(folders.count == 1 && actions.count == 1)
        Disk.whileStill { actions.forEach { $0() } }
        #expect(folders.isEmpty)
        scratch.discard()
    }

    /// The owner died before it had locked the folder, or when it had nearly taken it away.
    @Test(arguments: [[], ["output-0", "text"], [".lock", "input-0"]])
    func everyStateIsSwept(_ files: [String]) throws {
        let folder = store.path(".tmp/999999-0")
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        for file in files {
            try Data("half".utf8).write(to: URL(fileURLWithPath: "\(folder)/\(file)"))
        }
        try Scratch.sweep(store)
        #expect(folders.isEmpty, "\(files)")
    }

    @Test func aFolderOfTheLivingIsNotSwept() throws {
        let scratch = try Scratch(in: store)
        try Scratch.sweep(store)
        #expect(folders.count == 1)
        scratch.discard()
        #expect(folders.isEmpty)
    }
}
