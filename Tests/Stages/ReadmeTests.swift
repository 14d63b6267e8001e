// Every page of the repository that links to a file links to one that is there.

import Foundation
import Testing

@Suite struct ReadmeTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// The pages below a folder, as paths from the root; folders of builds and artifacts are not visited.
    private static let pages: [String] =
        ["README.md"]
        + ["Sources", "pipeline", "data"].flatMap { folder in
            (FileManager.default.subpaths(atPath: root.appending(path: folder).path) ?? [])
                .filter { $0.hasSuffix(".md") }.map { "\(folder)/\($0)" }
        }.sorted()

    @Test func thePagesAreFound() {
        for page in ["README.md", "Sources/README.md", "Sources/Attacks/README.md"] {
            #expect(Self.pages.contains(page))
        }
    }

    @Test(arguments: pages) func linksLeadToFiles(page: String) throws {
        let file = Self.root.appending(path: page)
        let text = try String(contentsOf: file, encoding: .utf8)
        for match in text.matches(of: /\]\(([^)\s]+)\)/) {
            let link = String(match.1.prefix { $0 != "#" })
            if link.isEmpty || link.contains("://") { continue }
            let target = URL(fileURLWithPath: link, relativeTo: file.deletingLastPathComponent())
            #expect(FileManager.default.fileExists(atPath: target.path), "\(page): \(link)")
        }
    }

    /// Paths between backticks, but those with a placeholder: `Sources/Networks/Layers/<Name>.swift`.
    @Test func pathsOfTheHouseAreThere() throws {
        let page = Self.root.appending(path: "Sources/README.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let paths = text.matches(of: /`((?:Sources|Tests|pipeline)\/[^`<]*)`/).map { String($0.1) }
        #expect(!paths.isEmpty)
        for path in paths {
            let target = Self.root.appending(path: path).path
            #expect(FileManager.default.fileExists(atPath: target), "\(path)")
        }
    }
}
