// What `make clean` leaves of a store that holds other things too.

import Foundation
import Testing

@testable import Artifacts

@Suite final class StoreClearingTests {
    let store = Store(
        FileManager.default.temporaryDirectory.appending(path: "clear-\(UUID().uuidString)").path)

    deinit { try? FileManager.default.removeItem(atPath: store.root) }

    /// Whoever keeps notes beside the artifacts can clean, make and clean again.
    @Test func withOtherThingsInItTheFolderStaysAStore() throws {
        try store.open()
        try Data("mine".utf8).write(to: URL(fileURLWithPath: store.path("notes.txt")))
        for _ in 0..<2 {
            #expect(try store.clear() == ["notes.txt"])
            try store.open()
        }
        try FileManager.default.removeItem(atPath: store.path("notes.txt"))
        #expect(try store.clear() == [])
        #expect(try FileManager.default.contentsOfDirectory(atPath: store.root) == [])
    }
}
