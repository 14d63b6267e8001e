// The pages of the repository: links and paths lead to files, the front page is short, and lists of
// attacks and networks are whole.

import Attacks
import Foundation
import Networks
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

    /// The pages that the front page sends a reader to.
    private static let rooms = [
        "pipeline", "pipeline/bench", "Sources", "Sources/Report", "Sources/Attacks",
        "Sources/Networks", "Sources/CKernels", "Sources/Artifacts",
    ].map { "\($0)/README.md" }

    private static func text(_ page: String) throws -> String {
        try String(contentsOf: root.appending(path: page), encoding: .utf8)
    }

    /// The part of a page below a heading, up to the next of the same level.
    private static func section(_ heading: String, of page: String) throws -> String {
        let after = try #require(
            try text(page).split(separator: "\n## \(heading)\n").dropFirst().first)
        return String(after.split(separator: "\n## ").first ?? "")
    }

    @Test func thePagesAreFound() {
        for page in ["README.md"] + Self.rooms { #expect(Self.pages.contains(page)) }
    }

    @Test(arguments: pages) func linksLeadToFiles(page: String) throws {
        let file = Self.root.appending(path: page)
        for match in try Self.text(page).matches(of: /\]\(([^)\s]+)\)/) {
            let link = String(match.1.prefix { $0 != "#" })
            if link.isEmpty || link.contains("://") { continue }
            let target = URL(fileURLWithPath: link, relativeTo: file.deletingLastPathComponent())
            #expect(FileManager.default.fileExists(atPath: target.path), "\(page): \(link)")
        }
    }

    /// As a link to `Sources/README.md#add-a-layer` has it: small letters, hyphens for spaces, nothing else.
    @Test(arguments: pages) func linksLeadToHeadings(page: String) throws {
        let file = Self.root.appending(path: page)
        for match in try Self.text(page).matches(of: /\]\(([^)#:\s]*)#([^)\s]+)\)/) {
            let target =
                match.1.isEmpty
                ? file
                : URL(
                    fileURLWithPath: String(match.1),
                    relativeTo: file.deletingLastPathComponent())
            let headings = try String(contentsOf: target, encoding: .utf8).split(separator: "\n")
                .filter { $0.hasPrefix("#") }
                .map { line in
                    line.drop { $0 == "#" || $0 == " " }.lowercased()
                        .filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" }
                        .replacing(" ", with: "-")
                }
            #expect(headings.contains(String(match.2)), "\(page): \(match.1)#\(match.2)")
        }
    }

    /// Paths between backticks, but those with a placeholder: `Sources/Networks/Layers/<Name>.swift`.
    @Test(arguments: ["README.md"] + rooms) func pathsAreThere(page: String) throws {
        for match in try Self.text(page).matches(
            of: /`((?:Sources|Tests|pipeline)\/[^`<\s]*)[^`<]*`/)
        {
            let target = Self.root.appending(path: String(match.1)).path
            #expect(FileManager.default.fileExists(atPath: target), "\(page): \(match.1)")
        }
    }

    @Test func theFrontPageIsShort() throws {
        #expect(try Self.text("README.md").utf8.count <= 9000)
    }

    @Test func theFrontPageNamesEveryAttackAndNetwork() throws {
        let attacks = try Self.section("The attacks", of: "README.md")
        for name in AttackCatalogue.all.map({ $0.name }) {
            #expect(attacks.contains("`\(name)`"), "\(name)")
        }
        let networks = try Self.section("The networks", of: "README.md")
        let sizes = try Self.text("Sources/Networks/README.md")
        for architecture in Architecture.all {
            #expect(networks.contains("`\(architecture.name)`"), "\(architecture.name)")
            let row = sizes.split(separator: "\n").first {
                $0.hasPrefix("| `") && $0.contains("`\(architecture.name)`")
            }
            let count = architecture.parameterCount.formatted(
                .number.locale(Locale(identifier: "en_US")))
            #expect(row?.contains(count) == true, "\(architecture.name): \(count)")
        }
    }
}
