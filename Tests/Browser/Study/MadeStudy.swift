// The study whose page is tested: a whole pipeline, made by the real programs through the real Makefile
// from digits of our own making. It lies in the build folder; its store knows what is up to date, so
// that only the first run, and one after a change, waits for it.

import Artifacts
import Formats
import Foundation

/// A study of two small networks under five attacks, and its page.
struct MadeStudy: Sendable {
    /// Where the pipeline plays.
    let root: URL

    var store: URL { root.appending(path: "artifacts") }
    var page: URL { store.appending(path: "report.html") }

    /// The one that all tests look at.
    @Browsing static let made: Result<MadeStudy, any Error> = Result { try MadeStudy() }

    /// The attacks on each network; the convolutional one, which costs more, gets fewer images.
    static let attacks: [(stem: String, settings: String)] = [
        (
            "fgsm",
            #""attack": "fgsm", "epsilons": [0.05, 0.1, "64/255"], "least_epsilon": true, "search_steps": 32"#
        ),
        (
            "pgd",
            #""attack": "pgd", "norm": "linf", "epsilons": [0.05, 0.1], "steps": 10, "step_size": 0.25, "random_start": true"#
        ),
        (
            "noise-l2",
            #""attack": "noise-sgd", "goal": "random-other", "regularization": "l2", "step_size": 0.02, "max_steps": 40"#
        ),
        ("deepfool", #""attack": "deepfool", "norm": "l2", "candidates": 4"#),
        ("uniform-noise", #""attack": "uniform-noise", "norm": "linf", "epsilons": [0.1, 0.3]"#),
    ]

    static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Where the programs of this build lie: beside the test runner, else in the debug folder.
    private static let programs: URL = {
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent()
        let isThere = FileManager.default.fileExists(
            atPath: beside.appending(path: "stage-attack").path)
        return isThere ? beside : repository.appending(path: ".build/debug")
    }()

    private init() throws {
        root = MadeStudy.programs.appending(path: "made-study")
        let files = FileManager.default
        for name in ["Makefile", "bin", "data", "pipeline"] {
            try? files.removeItem(at: root.appending(path: name))
        }
        for folder in ["bin", "data/mnist", "pipeline/mnist"] {
            try files.createDirectory(
                at: root.appending(path: folder), withIntermediateDirectories: true)
        }
        for name in ["Makefile", "pipeline/make"] {
            try files.copyItem(
                at: MadeStudy.repository.appending(path: name), to: root.appending(path: name))
        }
        for name in try files.contentsOfDirectory(atPath: MadeStudy.programs.path)
        where (name.hasPrefix("stage-") || name == "pipeline-tool") && !name.contains(".") {
            try files.createSymbolicLink(
                at: root.appending(path: "bin/\(name)"),
                withDestinationURL: MadeStudy.programs.appending(path: name))
        }
        try writeData()
        try writeConfigs()
        let outcome = try run("make SKIP_BUILD=1 BIN=bin all")
        guard outcome.status == 0 else {
            let last = outcome.output.split(separator: "\n").suffix(10).joined(separator: "\n")
            throw BrowserFault("the study cannot be made: \(last)")
        }
    }

    /// Both splits as IDX files, and the list that pins them.
    private func writeData() throws {
        var files: [String] = []
        for (split, count, seed) in [("train", 1000, 1), ("test", 400, 2)]
            as [(String, Int, UInt64)]
        {
            let (pixels, labels) = MadeDigits.images(count, seed: seed)
            let sizes = [count, MadeDigits.side, MadeDigits.side]
            for (part, bytes) in [
                ("images", header(0x803, sizes) + pixels),
                ("labels", header(0x801, [count]) + labels),
            ] {
                let name = "\(split)-\(part)"
                try Data(bytes).write(to: root.appending(path: "data/mnist/\(name)"))
                files.append(
                    #""\#(name)": {"name": "\#(name)", "bytes": \#(bytes.count), "sha256": "\#(Digest(of: bytes))"}"#
                )
            }
        }
        try write(
            """
            { "mnist": { "classes": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
              "places": ["data/mnist/"], "files": { \(files.joined(separator: ",\n")) } } }
            """, to: "pipeline/sources.json")
    }

    /// The start of an IDX file: what it is, and its sizes, highest byte first.
    private func header(_ magic: Int, _ sizes: [Int]) -> [UInt8] {
        ([magic] + sizes).flatMap { value in
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
        }
    }

    private func writeConfigs() throws {
        try config("fetch-mnist", #""dataset": "mnist""#)
        for (stem, architecture) in [("mlp", "mlp-784-300-100-10"), ("our-lenet", "lenet-5")] {
            try config(
                "train-\(stem)",
                #""dataset": "mnist", "architecture": "\#(architecture)", "epochs": 3, "batch_size": 50, "optimizer": "adam", "learning_rate": 0.002, "seed": 1"#
            )
        }
        for (stem, count) in [("300", 300), ("60", 60)] {
            try config("sample-\(stem)", #""dataset": "mnist", "count": \#(count), "seed": 1"#)
        }
        for (network, sample, suffix) in [("mlp", "300", ""), ("our-lenet", "60", "-lenet")] {
            for (stem, settings) in MadeStudy.attacks {
                let goal = settings.contains("goal") ? "" : #", "goal": "untargeted""#
                try config(
                    "attack-\(stem)\(suffix)",
                    #"\#(settings)\#(goal), "model": "\#(network)", "sample": "\#(sample)", "seed": 1"#
                )
            }
        }
        let order = MadeStudy.attacks.map { quoted($0.stem) }.joined(separator: ", ")
        try config("visualize", #""order": [\#(order)]"#)
    }

    private func config(_ node: String, _ settings: String) throws {
        try write("{\(settings)}\n", to: "pipeline/mnist/\(node).json")
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: root.appending(path: name))
    }

    /// Runs a command in the folder of the pipeline.
    func run(_ command: String) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", command]
        process.currentDirectoryURL = root
        // Nothing of a `make test` around this is for the `make` in here.
        process.environment = ProcessInfo.processInfo.environment.filter { key, _ in
            ["PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "LD_LIBRARY_PATH"].contains(key)
        }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let words = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: words, as: UTF8.self))
    }
}
