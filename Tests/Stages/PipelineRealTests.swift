// The real stages through the real Makefile, on a data set small enough for a debug build: 400
// images of bright squares, two epochs, 40 samples.

import Artifacts
import Foundation
import Testing

@Suite struct PipelineRealTests {
    /// A playground with the real programs and a data set of its own, pinned like the real ones.
    /// Its images have `side` × `side` pixels; the network takes 28.
    static func ground(side: Int = 28) throws -> Playground {
        let ground = try Playground { $0 }
        try ground.write(
            "{ \(try source("mnist", side: side, in: ground)) }", to: "pipeline/sources.json")
        try ground.config("fetch-mnist", #"{"dataset": "mnist"}"#)
        try ground.config(
            "train-mlp",
            #"{"dataset": "mnist", "architecture": "mlp-784-300-100-10", "epochs": 2, "batch_size": 50, "learning_rate": 0.1, "momentum": 0.9, "weight_decay": 0, "seed": 1}"#
        )
        try ground.config("sample-5k", #"{"dataset": "mnist", "count": 40, "seed": 1}"#)
        try ground.config(
            "attack-fgsm",
            #"{"attack": "fgsm", "model": "mlp", "sample": "5k", "epsilons": [0.1, "64/255"], "goal": "untargeted", "least_epsilon": true, "seed": 1}"#
        )
        try ground.config(
            "attack-noise-none",
            #"{"attack": "noise-sgd", "model": "mlp", "sample": "5k", "goal": "random-other", "regularization": "none", "step_size": 0.05, "max_steps": 20, "seed": 1}"#
        )
        try ground.config("visualize", #"{"order": ["fgsm", "noise-none"]}"#)
        return ground
    }

    /// Writes the files of a data set and gives its entry for `sources.json`.
    static func source(_ name: String, side: Int, in ground: Playground) throws -> String {
        var files: [String] = []
        for (split, count) in [("train", 300), ("test", 100)] {
            let labels = (0..<count).map { UInt8($0 % 10) }
            let parts = [
                "images": header(0x803, [count, side, side]) + images(labels, side: side),
                "labels": header(0x801, [count]) + labels,
            ]
            for (part, bytes) in parts.sorted(by: { $0.key < $1.key }) {
                files.append(
                    try add("\(split)-\(part)", bytes, in: "data/\(name)", to: ground))
            }
        }
        return """
            "\(name)": { "classes": ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
              "places": ["data/\(name)/"], "files": { \(files.joined(separator: ",\n")) } }
            """
    }

    /// The start of an IDX file.
    private static func header(_ magic: Int, _ sizes: [Int]) -> [UInt8] {
        ([magic] + sizes).flatMap { value in
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
        }
    }

    /// A bright square at a place that the label decides, over faint noise.
    private static func images(_ labels: [UInt8], side: Int) -> [UInt8] {
        var state: UInt32 = 1
        return labels.flatMap { label -> [UInt8] in
            let (top, left) = (4 + 10 * (Int(label) / 5), 1 + 5 * (Int(label) % 5))
            return (0..<side * side).map { pixel in
                state = state &* 1_664_525 &+ 1_013_904_223
                let isBright =
                    (top..<top + 8).contains(pixel / side)
                    && (left..<left + 5).contains(pixel % side)
                return UInt8(state >> 26) + (isBright ? 180 : 0)
            }
        }
    }

    /// Writes a file, compressed, and gives its entry for the pins.
    private static func add(
        _ role: String, _ bytes: [UInt8], in folder: String, to ground: Playground
    ) throws -> String {
        try FileManager.default.createDirectory(
            at: ground.root.appending(path: folder), withIntermediateDirectories: true)
        try Data(bytes).write(to: ground.root.appending(path: "\(folder)/\(role)"))
        #expect(try ground.shell("gzip -nf \(folder)/\(role)").status == 0)
        return
            #""\#(role)": {"name": "\#(role).gz", "bytes": \#(bytes.count), "sha256": "\#(Digest(of: bytes))"}"#
    }

    @Test func theWholePipelineIsTheSameForAnyThreadsAndJobs() throws {
        let ground = try Self.ground()
        let first = try ground.make("-j1 all THREADS=1")
        #expect(first.status == 0, "\(first.output)")
        let before = ground.visible()
        for name in [
            "dataset/mnist-train.safetensors", "dataset/mnist-test.safetensors",
            "model/mlp.safetensors",
            "model/mlp.curve.json", "sample/5k.safetensors", "attack/fgsm.safetensors",
            "attack/fgsm.csv", "attack/noise-none.safetensors", "report.html",
            "records/visualize.json",
        ] { #expect(before[name] != nil, "\(name)") }
        #expect(try ground.make("all").output == "mnist is up to date in artifacts/\n")
        #expect(try ground.make("-q all").status == 0)
        let shown = try ground.make("attack-fgsm")
        #expect(
            shown.status == 0 && shown.says("attack-fgsm: attack/fgsm.csv, attack/fgsm.safetensors")
        )

        try ground.remove("artifacts")
        let second = try ground.make("-j4 all THREADS=3")
        #expect(second.status == 0, "\(second.output)")
        #expect(ground.visible() == before)
        #expect(try ground.make("lock").status == 0)
        #expect(try ground.make("verify").status == 0)

        // The stages agree with themselves: done again, the same bytes come out.
        for line in [
            "fetch", "train", "sample", "attack --config pipeline/mnist/attack-fgsm.json",
            "visualize",
        ] {
            let again = try ground.shell("bin/stage-\(line) --force --quiet --threads 2")
            #expect(again.status == 0, "\(line): \(again.output)")
        }
        #expect(ground.visible() == before)
    }

    @Test func twoNodesThatMakeOneArtifactAreRefused() throws {
        let ground = try Self.ground()
        try ground.config("fetch-mlp", #"{"network": "lenet-5", "weights": "own.pth"}"#)
        let outcome = try ground.make("all")
        #expect(outcome.status == 2)
        #expect(
            outcome.says("fetch-mlp and train-mlp of mnist both make model/mlp.safetensors"),
            "\(outcome.output)")
        #expect(!ground.exists("artifacts/objects"))
    }

    @Test func sourceDataOfOtherContentAreRefused() throws {
        let ground = try Self.ground()
        #expect(try ground.make("fetch-mnist").status == 0)
        let before = ground.visible()
        _ = try ground.shell(
            "cd data/mnist && touch -r train-labels.gz keep && cp test-labels.gz train-labels.gz && touch -r keep train-labels.gz"
        )
        let outcome = try ground.make("fetch-mnist")
        #expect(outcome.status != 0)
        #expect(try #require(outcome.lines.last).contains("train-labels"), "\(outcome.output)")
        #expect(ground.visible() == before)
    }
}
