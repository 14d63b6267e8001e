// Weights of others through stage-fetch: both kinds of file give the same model, the network can be
// used at once, and what does not belong is refused with everything that is wrong.

import Artifacts
import Formats
import Foundation
import Networks
import Testing

@Suite struct FetchNetworkTests {
    private static let architecture = Architecture.softmaxRegression
    private static let fetch =
        "stage-fetch --config pipeline/mnist/fetch-borrowed.json --quiet --weights"

    /// The small pipeline, and a config for weights of digits' networks.
    private func ground() throws -> Playground {
        let ground = try PipelineRealTests.ground()
        try ground.write(
            "{" + (0..<10).map { "\"\($0)\": \"\($0)\"" }.joined(separator: ", ") + "}",
            to: "data/mnist/labels.json")
        try ground.config(
            "fetch-borrowed", #"{"network": "softmax-regression", "dataset": "mnist"}"#)
        return ground
    }

    private static let weights = architecture.initialParameters(seed: 5).mapValues {
        (shape: $0.shape, values: $0.values)
    }

    private func write(_ bytes: [UInt8], to name: String, in ground: Playground) throws {
        try Data(bytes).write(to: ground.root.appending(path: name))
    }

    private static func checkpoint(prefix: String = "", without: String = "") -> Checkpoint {
        var file = Checkpoint()
        for (name, tensor) in weights.sorted(by: { $0.key < $1.key }) where name != without {
            file.add(prefix + name, shape: tensor.shape, tensor.values)
        }
        return file
    }

    private static var safeTensors: [UInt8] {
        SafeTensorsWriter.file(
            metadata: [:], tensors: weights.map { ($0.key, .f32, $0.value.shape) },
            data: weights.mapValues { $0.values.withUnsafeBytes(Array.init) })
    }

    @Test func everyFormatGivesTheSameModelAndItCanBeAttacked() throws {
        let ground = try ground()
        try write(Self.checkpoint().bytes, to: "own.pth", in: ground)
        try write(Self.checkpoint(prefix: "module.").bytes, to: "parallel.pt", in: ground)
        try write(Self.safeTensors, to: "own.safetensors", in: ground)
        var models: Set<Data> = []
        for name in ["own.pth", "parallel.pt", "own.safetensors"] {
            let outcome = try ground.shell("bin/\(Self.fetch) \(name)")
            #expect(outcome.status == 0, "\(outcome.output)")
            models.insert(try #require(ground.read("artifacts/model/borrowed.safetensors")))
        }
        #expect(models.count == 1)
        let model = try SafeTensors(
            MappedFile(ground.path("artifacts/model/borrowed.safetensors")))
        for (name, tensor) in Self.weights { #expect(try model.floats(name) == tensor.values) }

        // Make knows the value for one run, and the attack finds the model under the fetched name.
        try ground.config(
            "attack-borrowed",
            #"{"attack": "fgsm", "model": "borrowed", "sample": "5k", "epsilons": [0.1], "goal": "untargeted", "labels": "predicted"}"#
        )
        let set = "SET=fetch-borrowed.weights=own.pth"
        let attack = try ground.make("attack-borrowed \(set)")
        #expect(attack.status == 0, "\(attack.output)")
        let record = try SafeTensors(
            MappedFile(ground.path("artifacts/attack/borrowed.safetensors")))
        #expect(try record.uint8s("eligible").allSatisfy { $0 == 1 })
        #expect(try record.int64s("label") == record.int64s("clean_class"))
        #expect(record.metadata["predicted_labels"] == "40")
        #expect(try ground.make("plan \(set)").says("attack-borrowed: nothing to do"))
        #expect(try ground.make("why \(set)").says("fetch-borrowed: fresh"))
        // Without the value, the network would have to be one of the list.
        #expect(try ground.make("why").says("fetch-borrowed: cannot be made"))
        let odd = try ground.make("why SET=fetch-other.weights=own.pth")
        #expect(odd.status != 0 && odd.says("is no node of mnist"))
    }

    /// Training starts from whatever fetching takes, through the same reader.
    @Test func trainingTakesTheSameFiles() throws {
        let ground = try ground()
        let made = try ground.make("fetch-mnist")
        #expect(made.status == 0, "\(made.output)")
        try ground.config(
            "train-own",
            """
            {"architecture": "softmax-regression", "dataset": "mnist", "epochs": 0, "batch_size": 10,
             "learning_rate": 0.1, "momentum": 0, "weight_decay": 0, "seed": 1, "weights": "own.pth"}
            """
        )
        let wrapped = Checkpoint(
            entries: [("model", .dictionary(Self.checkpoint(prefix: "module.").entries))])
        for bytes in [wrapped.bytes, wrapped.archive(), Self.checkpoint().bytes, Self.safeTensors] {
            try write(bytes, to: "own.pth", in: ground)
            let outcome = try ground.shell(
                "bin/stage-train --config pipeline/mnist/train-own.json --quiet")
            #expect(outcome.status == 0, "\(outcome.output)")
            let model = try SafeTensors(MappedFile(ground.path("artifacts/model/own.safetensors")))
            for (name, tensor) in Self.weights { #expect(try model.floats(name) == tensor.values) }
        }
        try write(Array("<html>".utf8), to: "own.pth", in: ground)
        let page = try ground.shell("bin/stage-train --config pipeline/mnist/train-own.json")
        #expect(page.status == 65 && page.says("own.pth is a web page"), "\(page.output)")
        try ground.remove("own.pth")
        #expect(try ground.shell("mkfifo own.pth").status == 0)
        let pipe = try ground.shell(
            "timeout 20 bin/stage-train --config pipeline/mnist/train-own.json")
        #expect(pipe.status == 65 && pipe.says("own.pth is not a regular file"), "\(pipe.output)")
    }

    /// Runs the stage on a file; nothing may be left of a refused one.
    private func refuse(
        _ name: String, _ status: Int32, _ words: [String], in ground: Playground
    ) throws {
        let outcome = try ground.shell("bin/\(Self.fetch) \(name)")
        #expect(outcome.status == status, "\(name): \(outcome.output)")
        for word in words { #expect(outcome.says(word), "\(name): \(outcome.output)") }
        #expect(!ground.exists("artifacts/model") && !ground.exists("harm"), "\(name)")
        #expect(!ground.exists("artifacts/records/fetch-borrowed.json"), "\(name)")
    }

    @Test func whatDoesNotBelongIsRefusedAndLeavesNothing() throws {
        let ground = try ground()
        var wrong = Self.checkpoint(without: "fc1.bias")
        wrong.add("fc9.bias", shape: [2], [0, 0])
        wrong.add("extra", shape: [1], [0])
        try write(wrong.bytes, to: "wrong.pth", in: ground)
        try refuse(
            "wrong.pth", 65,
            [
                "The weights are not those of softmax-regression", "missing: fc1.bias",
                "unexpected: extra, fc9.bias",
            ], in: ground)
        var turned = Checkpoint()
        turned.add(
            "fc1.weight", shape: [784, 10], Self.weights["fc1.weight"]?.values ?? [])
        turned.add("fc1.bias", shape: [11], Array(repeating: 0, count: 11))
        try write(turned.bytes, to: "turned.pth", in: ground)
        try refuse(
            "turned.pth", 65,
            [
                "fc1.weight has shape [784, 10], expected [10, 784]",
                "fc1.bias has shape [11], expected [10]",
            ], in: ground)

        var hostile = Self.checkpoint()
        hostile.addCall("hook", of: "os", "system")
        try write(hostile.bytes, to: "hostile.pth", in: ground)
        try refuse(
            "hostile.pth", 65, ["wants to call os.system", "never runs code"], in: ground)

        var values = Self.weights["fc1.bias"]?.values ?? []
        values[3] = .nan
        var broken = Self.checkpoint(without: "fc1.bias")
        broken.add("fc1.bias", shape: [10], values)
        try write(broken.bytes, to: "nan.pth", in: ground)
        try refuse("nan.pth", 65, ["nan.pth: tensor fc1.bias holds nan at [3]"], in: ground)

        let sound = Self.checkpoint().bytes
        for length in [0, 1, 20, sound.count / 2, sound.count - 1] {
            try write(Array(sound.prefix(length)), to: "short.pth", in: ground)
            try refuse("short.pth", 65, ["short.pth"], in: ground)
        }
        try write(Array("just words, no weights at all".utf8), to: "text.pth", in: ground)
        try refuse(
            "text.pth", 65, ["text.pth holds no weights", "PyTorch checkpoint", "safetensors"],
            in: ground)
        try refuse("absent.pth", 66, ["absent.pth"], in: ground)
        #expect(try ground.shell("mkfifo pipe.pth; ln -s /dev/zero zero.pth").status == 0)
        for name in ["pipe.pth", "zero.pth", "data"] {
            try refuse(name, 65, ["\(name) is not a regular file"], in: ground)
        }
        let named = try ground.shell(
            "bin/\(Self.fetch) wrong.pth --network szegedy-fc100-100-10")
        #expect(named.status == 65 && !named.says("they are those of"))
        try write(Self.checkpoint().bytes, to: "sound.pth", in: ground)
        let swapped = try ground.shell("bin/\(Self.fetch) sound.pth --network fc500-150-10")
        #expect(
            swapped.status == 65
                && swapped.says("they are those of softmax-regression: name that as the network"))
        let other = try ground.shell("bin/\(Self.fetch) text.pth --network resnet")
        #expect(other.status == 65 && other.says("no architecture “resnet”; known: mlp-784"))
        let many = try ground.shell("bin/\(Self.fetch) sound.pth --network vgg16")
        #expect(
            many.status == 65 && many.says("names 10 classes, and vgg16 tells 1000 apart"))
        var escaping = Self.checkpoint()
        escaping.add("evil\u{1B}[2J", shape: [1], [0])
        try write(escaping.bytes, to: "escape.pth", in: ground)
        try refuse(
            "escape.pth", 65, ["unexpected: evil?[2J", #"evil\u{1B}[2J"#], in: ground)
    }

    /// Headers of forty megabytes, in an address space that a tree of their values would not fit in:
    /// one long text, one endless shape, brackets; and one of many tensors.
    @Test func headersCostNoMoreThanWhatTheySay() throws {
        let ground = try ground()
        func header(_ text: [UInt8]) -> [UInt8] {
            withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init) + text
        }
        func repeated(_ text: String, _ count: Int) -> [UInt8] {
            Array(String(repeating: text, count: count).utf8)
        }
        let start = Array(#"{"a":"#.utf8)
        var tensors = [UInt8(ascii: "{")]
        for number in 0..<20_000 {
            tensors +=
                #""layer.\#(number).weight":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"#.utf8
        }
        let sound = Self.safeTensors
        let size = sound[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
        // The tensors of a sound file after all the empty ones.
        let many = header(tensors + sound[9..<(8 + size)]) + sound[(8 + size)...]
        let files: [(name: String, bytes: [UInt8], status: Int32, words: String)] = [
            ("many", many, 0, ""),
            (
                "text",
                header(
                    Array(#"{"__metadata__":{"k":""#.utf8) + repeated("x", 40_000_000)
                        + Array(#""}}"#.utf8)),
                65, "missing: fc1.weight"
            ),
            (
                "shape",
                header(
                    start + Array(#"{"dtype":"U8","shape":["#.utf8) + repeated("0,", 20_000_000)),
                65, "expected dtype"
            ),
            ("brackets", header(start + repeated("[", 40_000_000)), 65, "expected dtype"),
        ]
        for file in files {
            try write(file.bytes, to: "\(file.name).safetensors", in: ground)
            let outcome = try ground.shell(
                "ulimit -v 1000000; bin/\(Self.fetch) \(file.name).safetensors")
            #expect(outcome.status == file.status, "\(file.name): \(outcome.output.prefix(500))")
            #expect(file.words.isEmpty || outcome.says(file.words), "\(outcome.output.prefix(500))")
        }
    }
}
