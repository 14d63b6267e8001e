// The page's scripts under Node: what they make of a case, to be compared with what Swift makes of it.

import Foundation
import Requirements
import Testing

/// Runs scripts of `Sources/Report/Resources` in a process of Node.
enum NodeScripts {
    /// The text of a script.
    static func text(of name: String) throws -> String {
        let resources = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/Report/Resources").standardized
        return try String(contentsOf: resources.appending(path: "\(name).js"), encoding: .utf8)
    }

    /// What a piece of JavaScript gives, as JSON read into `Answer`.
    /// - Parameters:
    ///   - names: The scripts to load first, in order, without ".js".
    ///   - body: The body of an async function, in which `Mirage` is what they made; it must return a value.
    ///   - type: What the value is.
    /// - Returns: The value; nil, with a line that says so, where there is no Node.
    /// - Throws: `DecodingError` for another value, or none.
    static func answer<Answer: Decodable>(
        _ names: [String], _ body: String, as type: Answer.Type = Answer.self
    ) throws -> Answer? {
        guard let node = try Requirement.node(for: "Scripts of the page") else { return nil }
        let scripts = try names.map(text(of:))
        let process = Process()
        process.executableURL = node
        process.arguments = ["-"]
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        let text =
            scripts.joined(separator: "\n")
            + "\nconst { Mirage } = globalThis;\n(async () => {\n\(body)\n})()"
            + ".then((found) => console.log(JSON.stringify(found)));\n"
        input.fileHandleForWriting.write(Data(text.utf8))
        try input.fileHandleForWriting.close()
        let found = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return try JSONDecoder().decode(type, from: found)
    }
}
