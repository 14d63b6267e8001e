// A temporary copy of the tree, as small as can be: the real Makefile and its helpers, tiny configs,
// and the toy program under the names of the stages. Nothing is compiled in it.

import Artifacts
import Foundation
import StageKit
import StageRegistry
import Testing

/// A folder to play the pipeline in; deleted at the end of the test.
final class Playground {
    let root: URL
    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Where the programs of this build lie: beside the test runner, else in the debug folder.
    static let programs: URL = {
        let runner = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        let beside = runner.deletingLastPathComponent()
        let isThere = FileManager.default.fileExists(
            atPath: beside.appending(path: "toy-pipeline").path)
        return isThere ? beside : repository.appending(path: ".build/debug")
    }()

    /// A playground of toys.
    convenience init() throws {
        try self.init { _ in "toy-pipeline" }
        try write("hello data\n", to: "data/toy.txt")
        try config("fetch-toy", #"{"source": "data/toy.txt"}"#)
        try config("train-mlp", #"{"learning_rate": 0.1}"#)
        try config("sample-5k", #"{"count": 5}"#)
        try config("attack-a", #"{"epsilon": 0.2}"#)
        try config("attack-b", #"{"epsilon": "8/255"}"#)
        try config("visualize", "{}")
    }

    /// A playground without configs; `program` names the one that stands behind a stage's name.
    init(program: (String) -> String) throws {
        let files = FileManager.default
        // Memory instead of a disk where there is one: the store syncs every file that it writes.
        let memory = URL(fileURLWithPath: "/dev/shm")
        let parent =
            files.isWritableFile(atPath: memory.path) ? memory : files.temporaryDirectory
        root = parent.appending(path: "mirage-\(UUID().uuidString)").resolvingSymlinksInPath()
        for folder in ["bin", "data", "pipeline/mnist"] {
            try files.createDirectory(
                at: root.appending(path: folder), withIntermediateDirectories: true)
        }
        let source = Playground.repository
        for name in ["Makefile", "pipeline/make"] {
            try files.copyItem(at: source.appending(path: name), to: root.appending(path: name))
        }
        for name in (Mirage.stages + Mirage.alone).map({ "stage-\($0.kind)" }) + ["pipeline-tool"] {
            try files.createSymbolicLink(
                at: root.appending(path: "bin/\(name)"),
                withDestinationURL: Playground.programs.appending(path: program(name)))
        }
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    /// What a program said and how it ended.
    struct Outcome {
        var status: Int32
        var output: String
        var lines: [Substring] { output.split(separator: "\n") }
        /// Lines that say that a stage was called, such as "train-mlp: ran".
        func says(_ words: String) -> Bool { output.contains(words) }
    }

    func path(_ name: String) -> String { root.appending(path: name).path }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: root.appending(path: name))
    }

    func config(_ node: String, _ text: String) throws {
        try write(text, to: "pipeline/mnist/\(node).json")
    }

    func read(_ name: String) -> Data? { FileManager.default.contents(atPath: path(name)) }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(at: root.appending(path: name))
    }

    /// Starts a shell command in the folder; its output goes to a file, so that nothing can block.
    func start(_ command: String, _ environment: [String: String] = [:], output: String)
        throws -> Process
    {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", command]
        process.currentDirectoryURL = root
        var variables = ProcessInfo.processInfo.environment.filter {
            !["MAKEFLAGS", "MFLAGS", "MAKELEVEL", "EXPERIMENT", "THREADS", "SET"].contains($0.key)
        }
        variables["TOY_MARKS"] = path("marks")
        variables.merge(environment) { $1 }
        process.environment = variables
        _ = FileManager.default.createFile(atPath: path(output), contents: nil)
        let file = try FileHandle(forWritingTo: root.appending(path: output))
        process.standardOutput = file
        process.standardError = file
        process.standardInput = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// Runs a shell command in the folder.
    func shell(_ command: String, _ environment: [String: String] = [:]) throws -> Outcome {
        let name = "output-\(UUID().uuidString)"
        let process = try start(command, environment, output: name)
        process.waitUntilExit()
        let output = String(decoding: read(name) ?? Data(), as: UTF8.self)
        try remove(name)
        return Outcome(status: process.terminationStatus, output: output)
    }

    static let make = "make SKIP_BUILD=1 BIN=bin"

    /// Runs the real Makefile on the toys.
    @discardableResult
    func make(_ arguments: String = "all", _ environment: [String: String] = [:]) throws -> Outcome
    {
        try shell("\(Playground.make) \(arguments)", environment)
    }

    /// Runs `make all`, which must succeed, and says which stages did their work.
    func built(_ arguments: String = "all", _ environment: [String: String] = [:]) throws
        -> [String]
    {
        try forgetMarks()
        let outcome = try make(arguments, environment)
        #expect(outcome.status == 0, "\(outcome.output)")
        return marks
    }

    /// The nodes that did their work since the marks were forgotten, sorted.
    var marks: [String] {
        String(decoding: read("marks") ?? Data(), as: UTF8.self)
            .split(separator: "\n").map(String.init).sorted()
    }

    func forgetMarks() throws { if exists("marks") { try remove("marks") } }

    /// Every visible artifact and record with its content, links followed.
    func visible() -> [String: Data] {
        var found: [String: Data] = [:]
        let walk = FileManager.default.enumerator(atPath: path("artifacts"))
        while let name = walk?.nextObject() as? String {
            if name.hasPrefix(".") || name.hasPrefix("objects") { continue }
            var isFolder: ObjCBool = false
            let file = path("artifacts/\(name)")
            if FileManager.default.fileExists(atPath: file, isDirectory: &isFolder),
                isFolder.boolValue
            {
                continue
            }
            found[name] = FileManager.default.contents(atPath: file) ?? Data("dangling".utf8)
        }
        return found
    }

    /// Folders of temporary files, one a process.
    var temporaries: [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: path("artifacts/.tmp"))
        return (names ?? []).filter { $0 != ".guard" }.sorted()
    }

    /// What `visible()` is after a run without any trouble.
    static func reference() throws -> [String: Data] {
        let ground = try Playground()
        _ = try ground.built()
        return ground.visible()
    }

    /// Checks that nothing partial can be seen: every object hashes to its name, every visible link
    /// leads to one, every record can be read.
    func expectNothingPartial(_ when: String, _ place: SourceLocation = #_sourceLocation) {
        let store = Store(path("artifacts"))
        for name in FileManager.default.subpaths(atPath: store.root) ?? [] {
            if name.hasPrefix(".") { continue }
            let parts = name.split(separator: "/")
            if parts[0] == "objects", parts.count == 3 {
                let digest = try? Digest(ofFile: store.path(name))
                let named = parts[1] + parts[2].prefix { $0 != "." }
                #expect(digest?.hex == String(named), "\(when): \(name)", sourceLocation: place)
            } else if parts[0] == "records", name.hasSuffix(".json") {
                #expect(
                    ((try? store.records()) ?? []).contains { $0.path == name }, "\(when): \(name)",
                    sourceLocation: place)
            } else {
                #expect(exists("artifacts/\(name)"), "\(when): \(name)", sourceLocation: place)
            }
        }
    }
}
