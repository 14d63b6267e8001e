// The digest of a stage's code covers what the stage computes with, and nothing else: the same on every
// checkout, another after an edit that could matter, and the same after one of words.

import Artifacts
import AttackCards
import Foundation
import StageKit
import StageRegistry
import Testing

@Suite struct KitCodeDigestTests {
    private static let stages = Mirage.stages + Mirage.alone

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    private static let base = [
        "Sources/Stages/Work", "Sources/Artifacts/Digests", "Sources/Formats", "Sources/Faults",
        "Sources/Tensors", "Sources/CKernels", "Sources/System",
    ]
    private static let images = ["Sources/Datasets", "Sources/Randomness"]
    private static let networks = images + ["Sources/Networks"]
    private static let models = networks + ["Sources/Stages/Networks"]
    private static let reports = [
        "Sources/Stages/Reading", "Sources/Report", "Sources/AttackCards",
    ]

    /// The folders that each stage computes with; they are compared with the package manager's own
    /// account by way of the digests.
    private static func closure(_ kind: String) -> [String] {
        let own = base + ["Sources/Stages/\(kind.capitalized)/Work"]
        return switch kind {
        case "fetch": own + models + ["Sources/Stages/Weights", "Sources/ONNX"]
        case "train", "fit": own + models + ["Sources/Stages/Weights"]
        case "sample": own + images
        case "attack": own + models + ["Sources/Attacks", "Sources/Tables"]
        case "visualize": own + models + reports
        case "compare": own + reports
        default: own + models
        }
    }

    /// All files below a folder of a checkout, hidden ones left out.
    private static func files(below folder: String, of root: String) -> [String] {
        (FileManager.default.subpaths(atPath: "\(root)/\(folder)") ?? []).map { "\(folder)/\($0)" }
            .filter { path in
                var isFolder: ObjCBool = false
                let exists = FileManager.default.fileExists(
                    atPath: "\(root)/\(path)", isDirectory: &isFolder)
                return exists && !isFolder.boolValue && !path.contains("/.")
            }
    }

    /// The lines that a digest is made from, counted by other means than the build's.
    private static func digest(_ kind: String) throws -> String {
        let manifest = try String(contentsOfFile: "\(root)/Package.swift", encoding: .utf8)
        let flags = manifest.matches(of: /"(-[^"]*)"/).map { String($0.output.1) }
        #expect(flags.contains("-ffp-contract=off"))
        let lines =
            try ["Package.swift \(Digest(of: flags.joined(separator: " ")))"]
            + closure(kind).flatMap { files(below: $0, of: root) }.filter { !$0.hasSuffix(".md") }
            .map { "\($0) \(try Digest(ofFile: "\(root)/\($0)"))" }
        return Digest(of: lines.sorted().joined(separator: "\n")).hex
    }

    @Test(arguments: stages.map { $0.kind })
    func aStageHasTheDigestOfWhatItComputesWith(kind: String) throws {
        let stage = try #require(Self.stages.first { $0.kind == kind })
        // The page changes with the words of the cards, which are no code of any attack.
        let code = try Self.digest(kind)
        #expect(
            stage.codeDigest
                == (["visualize", "compare"].contains(kind)
                    ? Digest(of: "\(code)\n\(AttackCards.texts)").hex : code))
    }

    @Test func stagesHaveDigestsOfTheirOwn() {
        let stages = Self.stages
        #expect(Set(stages.map { $0.codeDigest }).count == stages.count)
        #expect(
            stages.map { $0.kind } == [
                "fetch", "fit", "train", "sample", "predict", "attack", "transfer", "visualize",
                "compare",
            ])
    }

    /// What talks is in no closure: settings, tables, the kit, the store, the tool, every README.
    @Test(arguments: stages.map { $0.kind }) func wordsAreOutside(kind: String) throws {
        let counted = Set(
            Self.closure(kind).flatMap { Self.files(below: $0, of: Self.root) }
                .filter { !$0.hasSuffix(".md") })
        let talking =
            ["Kit", "Tool", "Registry"]
            + Self.stages.flatMap { stage in
                ["Stage", "Program"].map { "\(stage.kind.capitalized)/\($0)" }
            }
        for folder in talking.map({ "Sources/Stages/\($0)" }) + ["Sources/Artifacts/Store"] {
            let files = Self.files(below: folder, of: Self.root)
            #expect(!files.isEmpty, "\(folder)")
            #expect(counted.isDisjoint(with: files), "\(folder)")
        }
        // Nor can what is counted ask for them: a module is only found where it is declared.
        for file in counted where file.hasPrefix("Sources/Stages") && file.hasSuffix(".swift") {
            let text = try String(contentsOfFile: "\(Self.root)/\(file)", encoding: .utf8)
            for line in text.split(separator: "\n") where line.hasPrefix("import ") {
                let module = line.dropFirst("import ".count)
                #expect(
                    !["StageKit", "Artifacts", "PipelineTool", "ArgumentParser"].contains(module)
                        && (!module.hasSuffix("Stage") || module == "Stage"), "\(file): \(module)")
            }
        }
    }

    /// The program that the build calls, on a copy of what stage-attack is built from: an edit of a word
    /// leaves the digest as it was, any edit of a source moves it.
    @Test func anEditOfWordsMovesNothing() throws {
        let copy = FileManager.default.temporaryDirectory.appending(path: "mirage-\(UUID())").path
        defer { try? FileManager.default.removeItem(atPath: copy) }
        let sources = Self.closure("attack").flatMap { Self.files(below: $0, of: Self.root) }
            .filter { !$0.hasPrefix("Sources/System") }
        let words = ["Sources/Stages/Work/README.md", "Sources/Attacks/Catalogue/PGD.md"]
        for path in words { #expect(sources.contains(path)) }
        for path in sources + ["Package.swift"] {
            let target = URL(fileURLWithPath: "\(copy)/\(path)")
            try FileManager.default.createDirectory(
                at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.copyItem(atPath: "\(Self.root)/\(path)", toPath: target.path)
        }
        func digest() throws -> String {
            let output = "\(copy)/CodeDigest.swift"
            let tool = Process()
            tool.executableURL = Playground.programs.appending(path: "code-digest")
            tool.arguments = [copy, output] + (sources + ["Package.swift"]).map { "\(copy)/\($0)" }
            try tool.run()
            tool.waitUntilExit()
            #expect(tool.terminationStatus == 0)
            return try String(contentsOfFile: output, encoding: .utf8)
        }
        func edit(_ path: String, _ change: (String) -> String) throws {
            let text = try String(contentsOfFile: "\(copy)/\(path)", encoding: .utf8)
            #expect(change(text) != text, "\(path)")
            try change(text).write(toFile: "\(copy)/\(path)", atomically: true, encoding: .utf8)
        }
        let before = try digest()
        for path in words { try edit(path) { $0 + "One more word.\n" } }
        #expect(try digest() == before)
        try edit("Package.swift") { $0.replacing("// The modules of Mirage", with: "// Modules") }
        try edit("Package.swift") {
            $0.replacing("let tools:", with: "let more: Int = 0\nlet tools:")
        }
        #expect(try digest() == before)
        // What computes: Swift, C, and the flags that C is compiled with.
        var seen = [before]
        let own = Self.closure("attack").filter { $0.hasPrefix("Sources/Stages") }
            .flatMap { Self.files(below: $0, of: Self.root) }
        let others = ["Attacks", "Networks", "Tensors", "CKernels", "Formats"].compactMap {
            module in
            sources.first { $0.hasPrefix("Sources/\(module)/") && !$0.hasSuffix(".md") }
        }
        #expect(others.count == 5)
        for path in own.filter({ $0.hasSuffix(".swift") }) + others {
            try edit(path) { $0 + "// edited\n" }
            let after = try digest()
            #expect(!seen.contains(after), "\(path)")
            seen.append(after)
        }
        try edit("Package.swift") { $0.replacing("-ffp-contract=off", with: "-ffp-contract=fast") }
        #expect(try !seen.contains(digest()))
    }
}
