// What a page gives to take along: downloads and copies.

import Formats
import Foundation

extension Tab {
    /// Lets what the page offers for download go into a folder.
    func keepDownloads(in folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try askBrowser(
            "Browser.setDownloadBehavior",
            ["behavior": "allow", "downloadPath": .string(folder.path)])
    }

    /// Waits until so many files are downloaded whole, and names them.
    func downloaded(_ count: Int, in folder: URL) throws -> [String] {
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
                .filter { !$0.hasSuffix(".crdownload") && !$0.hasPrefix(".") }
            if names.count >= count { return names.sorted() }
            try settle()
        }
        throw PageFault("\(count) files are not downloaded within \(patience)")
    }

    /// Lets the page write to the clipboard, and the test read it.
    func allowClipboard() throws {
        try askBrowser(
            "Browser.grantPermissions",
            ["permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]])
    }
}
