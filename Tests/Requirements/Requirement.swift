// What tests need of a machine and leave out where it is not there; and the variable REQUIRE, which names what
// they must not leave out.

import Foundation

/// A part of the tests that not every machine can do.
package enum Requirement: String, CaseIterable, Sendable {
    /// The tests of the page in Chromium.
    case browser
    /// The page's scripts under Node, bit by bit against the pipeline.
    case node
    /// The parts of the fault campaign that want more than any user may do, such as mounting a small disk.
    case campaign

    /// Whether to leave it out is a failure on this run.
    package var isRequired: Bool {
        isRequired(by: ProcessInfo.processInfo.environment["REQUIRE"] ?? "")
    }

    /// Whether a value of REQUIRE names it: words divided at spaces or commas, `1` for everything.
    package func isRequired(by text: String) -> Bool {
        let words = text.split { $0 == " " || $0 == "," }
        return words.contains("1") || words.contains(Substring(rawValue))
    }

    /// The program node; nil, after a line that says what is left out, where there is none and none is required.
    /// - Throws: `MissingProgram` where there is none although it is required: the test then fails.
    package static func node(for part: String) throws -> URL? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let found = folders.map { "\($0)/node" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
        if found == nil, node.isRequired {
            throw MissingProgram(
                description: "node is required, and is not there: apt-get install nodejs")
        }
        if found == nil { print("\(part): left out, there is no program node") }
        return found.map { URL(filePath: $0) }
    }
}

/// A program that a test must not do without.
package struct MissingProgram: Error, CustomStringConvertible {
    package let description: String
}
