// Networks that are no part of the catalogue: layers in a config, weights under the names of another
// program.

import Artifacts
import Formats
import Foundation
import Networks
import StageNetworks
import StageWeights
import StageWork
import Tensors
import Testing

@Suite struct OwnNetworkTests {
    private static let layers =
        #"[{"conv": 4, "kernel": 3, "stride": 2, "padding": "same"}, "relu", {"conv": 4, "kernel": 3}, "relu", {"dense": 10}]"#

    private static func network() throws -> Architecture {
        try Architecture(
            "own", imageShape: [1, 28, 28], layers: JSON.parse(layers, named: "layers"), in: "test")
    }

    /// Weights under other names, each layer with a prefix that ours does not have.
    private static func checkpoint(
        _ network: Architecture, names: (String) -> String
    ) -> Checkpoint {
        var file = Checkpoint()
        let weights = network.initialParameters(seed: 3)
        for parameter in network.parameters {
            file.add(
                names(parameter.name), shape: parameter.shape,
                weights[parameter.name]?.values ?? [])
        }
        return file
    }

    @Test func aNetworkOfLayersIsTrainedDescribedAndAttacked() throws {
        let ground = try PipelineRealTests.ground()
        try ground.config(
            "train-own",
            """
            {"architecture": "tiny", "layers": \(Self.layers), "dataset": "mnist", "epochs": 1,
             "batch_size": 10, "learning_rate": 0.1, "momentum": 0, "weight_decay": 0, "seed": 1}
            """
        )
        try ground.config(
            "attack-own",
            #"{"attack": "fgsm", "model": "own", "sample": "5k", "epsilons": [0.1], "goal": "untargeted", "labels": "predicted"}"#
        )
        let outcome = try ground.make("attack-own")
        #expect(outcome.status == 0, "\(outcome.output)")
        let model = try SafeTensors(MappedFile(ground.path("artifacts/model/own.safetensors")))
        let architecture = try Architecture(of: model)
        #expect(architecture.name == "tiny")
        #expect(architecture.written == (try Self.network()).written)

        let described = try ground.shell("bin/stage-train --describe --node train-own")
        #expect(described.says("tiny: images [1, 28, 28], 10 classes"), "\(described.output)")
        // What is printed is a config's.
        let text = described.output
        let printed = "{" + text[try #require(text.range(of: "  \"image\"")).lowerBound...] + "}"
        let json = try JSON.parse(printed, named: "printed")
        let again = try Architecture(
            "again", imageShape: [1, 28, 28], layers: json["layers"] ?? .null, in: "printed")
        #expect(again.written == architecture.written)

        try ground.config(
            "train-own",
            """
            {"layers": [{"dense": 9}], "dataset": "mnist", "epochs": 0, "batch_size": 10,
             "learning_rate": 0.1, "momentum": 0, "weight_decay": 0, "seed": 1}
            """
        )
        let few = try ground.shell("bin/stage-train --node train-own --quiet")
        #expect(few.status == 65 && few.says("own tells 9 apart"), "\(few.output)")
        let slip = try ground.shell(
            "bin/stage-train --node train-own --quiet --layers '[{\"dnse\": 10}]'")
        #expect(slip.status == 65 && slip.says("layers[0]: none of its keys is a layer (dnse)"))
    }

    @Test func aCheckpointOfOtherNamesIsTakenByOrderAndShown() throws {
        let ground = try PipelineRealTests.ground()
        let network = try Self.network()
        let file = Self.checkpoint(network) { "features." + $0.replacing("fc1", with: "head") }
        try Data(file.archive()).write(to: ground.root.appending(path: "own.pth"))
        try ground.config(
            "fetch-own",
            #"{"layers": \#(Self.layers), "image": [1, 28, 28], "weights": "own.pth", "dataset": "mnist"}"#
        )
        let outcome = try ground.shell("bin/stage-fetch --node fetch-own")
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.says("features.conv2.weight is conv2.weight [4, 4, 3, 3]"))
        #expect(outcome.says("features.head.bias is fc1.bias [10]"))
        let model = try SafeTensors(MappedFile(ground.path("artifacts/model/own.safetensors")))
        for (name, tensor) in network.initialParameters(seed: 3) {
            #expect(try model.floats(name) == tensor.values)
        }
        // Nobody has named the classes.
        #expect(try model.text("classes") == #"["0","1","2","3","4","5","6","7","8","9"]"#)

        let renamed = try ground.shell(
            #"bin/stage-fetch --node fetch-own --rename '{"features": "", "features.head": "fc1"}'"#
        )
        #expect(renamed.status == 0 && !renamed.says("by order and shape"), "\(renamed.output)")
        let unused = try ground.shell(
            #"bin/stage-fetch --node fetch-own --rename '{"feature": "x"}'"#)
        #expect(unused.status == 65 && unused.says("rename names feature, which is not in it"))
        let lone = try ground.shell("bin/stage-fetch --node fetch-own --network a.onnx")
        #expect(lone.status == 64 && lone.says("network and layers are given"), "\(lone.output)")
        try ground.config("fetch-own", #"{"network": "own.pth"}"#)
        let weights = try ground.shell("bin/stage-fetch --node fetch-own")
        #expect(
            weights.status == 64 && weights.says("MODEL=net.json WEIGHTS=own.pth"),
            "\(weights.output)")
    }

    @Test func aNetworkMayBeAFileOfItsOwn() throws {
        let ground = try PipelineRealTests.ground()
        let network = try Self.network()
        try ground.write(#"{"image": [1, 28, 28], "layers": \#(Self.layers)}"#, to: "net.json")
        let file = Self.checkpoint(network) { $0 }
        try Data(file.archive()).write(to: ground.root.appending(path: "own.pth"))
        try ground.config(
            "fetch-own", #"{"network": "net.json", "weights": "own.pth", "dataset": "mnist"}"#)
        let outcome = try ground.shell("bin/stage-fetch --node fetch-own")
        #expect(outcome.status == 0 && outcome.says("net · "), "\(outcome.output)")
        try ground.write(#"{"layers": \#(Self.layers)}"#, to: "net.json")
        let open = try ground.shell("bin/stage-fetch --node fetch-own")
        #expect(open.status == 65 && open.says("image is missing"), "\(open.output)")
        try ground.write("[", to: "net.json")
        let odd = try ground.shell("bin/stage-fetch --node fetch-own")
        #expect(odd.status == 65 && odd.says("net.json"), "\(odd.output)")
    }

    // MARK: By order and shape

    private static func matched(
        _ entries: [(name: String, shape: [Int])], safeTensors: Bool = false
    ) throws -> [String: String]? {
        let network = try Architecture(
            "two", imageShape: [1, 2, 2],
            written: [
                WrittenLayer("dense", value: .integer(4)), WrittenLayer("relu"),
                WrittenLayer("dense", value: .integer(4)), WrittenLayer("relu"),
                WrittenLayer("dense", value: .integer(2)),
            ])
        func values(_ shape: [Int]) -> [Float] {
            Array(repeating: 1, count: Tensor.count(of: shape))
        }
        let bytes: [UInt8]
        if safeTensors {
            bytes = SafeTensorsWriter.file(
                metadata: [:], tensors: entries.map { ($0.name, .f32, $0.shape) },
                data: Dictionary(
                    uniqueKeysWithValues: entries.map {
                        ($0.name, values($0.shape).withUnsafeBytes(Array.init))
                    }))
        } else {
            var file = Checkpoint()
            for entry in entries {
                file.add(entry.name, shape: entry.shape, values(entry.shape))
            }
            bytes = file.archive()
        }
        let file = MappedFile(copying: bytes, named: "own")
        return (try? WeightFile(file, for: network))?.matched
    }

    @Test func layersAreMatchedByOrderAndShape() throws {
        let plain: [(String, [Int])] = [
            ("a.weight", [4, 4]), ("a.bias", [4]), ("b.weight", [4, 4]), ("b.bias", [4]),
            ("c.weight", [2, 4]), ("c.bias", [2]),
        ]
        let found = try Self.matched(plain)
        #expect(found?["fc2.weight"] == "b.weight" && found?["fc3.bias"] == "c.bias")
        // Safetensors do not keep the order, and two layers could be either.
        #expect(try Self.matched(plain, safeTensors: true) == nil)
        // Parts of other names and shapes of their own; names without layers.
        let parts = plain.map { ($0.0.replacing("weight", with: "W"), $0.1) }
        #expect(try Self.matched(parts)?["fc1.weight"] == "a.W")
        let flat = plain.map { ($0.0.replacing(".", with: "_"), $0.1) }
        #expect(try Self.matched(flat)?["fc3.weight"] == "c_weight")
        // One too many, one of another shape, another order of layers.
        #expect(try Self.matched(plain + [("d.bias", [2])]) == nil)
        #expect(try Self.matched(plain.dropLast() + [("c.bias", [3])]) == nil)
        #expect(try Self.matched(Array(plain[4...]) + Array(plain[..<4])) == nil)
    }
}
