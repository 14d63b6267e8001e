// The real stages by hand: bad input gets its message and exit code, and weights go in and out.

import Formats
import Foundation
import Testing

@Suite struct RealStagesTests {
    /// Runs a stage and checks the exit code and every piece of its message; what was there before
    /// must be there after.
    private func refuse(
        _ line: String, with status: Int32, saying words: [String], in ground: Playground
    ) throws {
        let before = ground.visible()
        let outcome = try ground.shell("bin/stage-\(line)")
        #expect(outcome.status == status, "\(line): \(outcome.output)")
        for word in words { #expect(outcome.says(word), "\(line): \(outcome.output)") }
        #expect(ground.visible() == before, "\(line)")
    }

    @Test func badSettingsAreRefusedWithTheWayOut() throws {
        let ground = try PipelineRealTests.ground()
        #expect(try ground.make("attack-fgsm").status == 0)
        let fgsm = "attack --config pipeline/mnist/attack-fgsm.json"
        let noise = "attack --config pipeline/mnist/attack-noise-none.json"
        try refuse(
            "\(fgsm) --epsilons 25", with: 64,
            saying: ["epsilons: 25 is outside 0…1", "25/255 = 0.098"], in: ground)
        try refuse("\(fgsm) --epsilon 0.1", with: 64, saying: ["epsilon", "epsilons"], in: ground)
        try refuse(
            "\(noise) --epsilons 0.1", with: 65, saying: ["takes no epsilons"], in: ground)
        try refuse(
            "\(fgsm) --goal fixed", with: 65, saying: ["needs a class", "target"], in: ground)
        try refuse(
            "\(fgsm) --goal fixed --target 12", with: 65, saying: ["0…9"], in: ground)
        try refuse("\(fgsm) --norm l2", with: 65, saying: ["norm l2", "linf"], in: ground)
        try ground.config(
            "attack-pgd",
            #"{"attack": "pgd", "model": "mlp", "sample": "5k", "epsilons": [0.1], "goal": "untargeted", "step_size": "1/4", "steps": 5}"#
        )
        #expect(try ground.make("attack-pgd").status == 0)
        let pgd = "attack --config pipeline/mnist/attack-pgd.json"
        try refuse("\(pgd) --norm l0", with: 65, saying: ["norm l0", "linf"], in: ground)
        try refuse("\(pgd) --restarts 0", with: 64, saying: ["restarts", "1…10000"], in: ground)
        try refuse("\(pgd) --step-size 0", with: 64, saying: ["step_size", "0"], in: ground)
        try refuse(
            "\(pgd) --step-unit percent", with: 64, saying: ["percent", "pixels"], in: ground)
        try refuse("\(pgd) --random-starts true", with: 64, saying: ["random"], in: ground)
        try refuse(
            "\(fgsm) --model other", with: 66, saying: ["mnist has no node train-other"], in: ground
        )
        try refuse("sample --count 101", with: 65, saying: ["101", "100"], in: ground)
        try refuse("train --momentum 1", with: 64, saying: ["momentum"], in: ground)
        try refuse(
            "train --instruction-set mmx", with: 64, saying: ["mmx", "portable"], in: ground)
        try refuse(
            "train --learning-rate 1000", with: 65, saying: ["diverged", "learning_rate"],
            in: ground)
    }

    @Test func weightsComeInUnderPyTorchsNamesAndAreCheckedAgainstTheNetwork() throws {
        let ground = try PipelineRealTests.ground()
        #expect(try ground.make("train-mlp").status == 0)
        let model = try SafeTensors(
            MappedFile(ground.root.appending(path: "artifacts/model/mlp.safetensors").path))
        let trained = try Set(model.entries.map { [$0.name, "\(try model.floats($0.name))"] })

        /// A file as PyTorch's safetensors writes it: no metadata.
        func write(_ name: String, _ entries: [(name: String, shape: [Int])]) throws {
            let data = entries.map { entry -> (String, [UInt8]) in
                let known = try? model.floats(entry.name, shape: entry.shape)
                let values = known ?? Array(repeating: 0, count: entry.shape.reduce(1, *))
                return (entry.name, values.withUnsafeBytes(Array.init))
            }
            let bytes = SafeTensorsWriter.file(
                metadata: [:], tensors: entries.map { ($0.name, .f32, $0.shape) },
                data: Dictionary(uniqueKeysWithValues: data))
            try Data(bytes).write(to: ground.root.appending(path: name))
        }
        let entries = model.entries.map { (name: $0.name, shape: $0.shape) }
        try write("good.safetensors", entries)
        let outcome = try ground.shell("bin/stage-train --weights good.safetensors --epochs 0")
        #expect(outcome.status == 0, "\(outcome.output)")
        let taken = try SafeTensors(
            MappedFile(ground.root.appending(path: "artifacts/model/mlp.safetensors").path))
        #expect(
            try Set(taken.entries.map { [$0.name, "\(try taken.floats($0.name))"] }) == trained)

        try write(
            "bad.safetensors",
            entries.filter { $0.name != "fc2.bias" && $0.name != "fc1.weight" }
                + [("fc1.weight", [784, 300]), ("fc7.bias", [1])])
        try refuse(
            "train --weights bad.safetensors --epochs 0", with: 65,
            saying: [
                "missing: fc2.bias", "unexpected: fc7.bias",
                "fc1.weight has shape [784, 300], expected [300, 784]",
            ], in: ground)
        try refuse(
            "train --weights none.safetensors", with: 66, saying: ["none.safetensors"], in: ground)
    }

    @Test func imagesOfAnotherSizeAreNamed() throws {
        let ground = try PipelineRealTests.ground(side: 20)
        #expect(try ground.make("sample-5k").status == 0)
        try refuse(
            "train", with: 65, saying: ["takes images of shape [1, 28, 28], found [1, 20, 20]"],
            in: ground)
    }

    @Test func aSampleOfAnotherShapeThanTheModelsIsNamed() throws {
        let ground = try PipelineRealTests.ground()
        #expect(try ground.make("train-mlp").status == 0)
        let sources = try [("mnist", 28), ("small", 20)].map {
            try PipelineRealTests.source($0, side: $1, in: ground)
        }
        try ground.write("{ \(sources.joined(separator: ",\n")) }", to: "pipeline/sources.json")
        try ground.config("fetch-small", #"{"dataset": "small"}"#)
        try ground.config("sample-small", #"{"dataset": "small", "count": 40, "seed": 1}"#)
        #expect(try ground.make("sample-small").status == 0)
        try refuse(
            "attack --config pipeline/mnist/attack-fgsm.json --sample small", with: 65,
            saying: ["mlp-784-300-100-10 takes images of shape [1, 28, 28], found [1, 20, 20]"],
            in: ground)
    }

    /// Without the data set, which a description does not need.
    @Test func aNetworkIsDescribedAndNothingElseDone() throws {
        let ground = try PipelineRealTests.ground()
        let before = ground.visible()
        let outcome = try ground.shell("bin/stage-train --describe --architecture madry-cnn")
        #expect(outcome.status == 0, "\(outcome.output)")
        for line in [
            "madry-cnn: images [1, 28, 28], 10 classes, 3274634 parameters, 27767808 FLOPs",
            "conv2      convolution  [64, 14, 14]       51264  20070400",
            "  run conv1+relu1 b0[1,28,28] → b4[32,28,28]",
            "  input gradient conv1 b10[32,28,28] → b3[1,28,28]",
            "  parameter gradients fc2 b2[10], b8[1024]",
        ] { #expect(outcome.output.contains(line), "\(line): \(outcome.output)") }
        #expect(ground.visible() == before)
    }

    @Test func optimisersAndSchedulesAreCheckedAndUsed() throws {
        let ground = try PipelineRealTests.ground()
        #expect(try ground.make("fetch-mnist").status == 0)
        let common =
            #""dataset": "mnist", "architecture": "softmax-regression", "epochs": 2, "batch_size": 50, "seed": 1"#
        func config(_ name: String, _ keys: String) throws {
            try ground.config("train-\(name)", "{\(common), \(keys)}")
        }
        func train(_ name: String) -> String { "train --config pipeline/mnist/train-\(name).json" }
        let knots = #""schedule": "piecewise", "momentum": 0.9, "weight_decay": 0"#
        try config("uneven", #"\#(knots), "knot_epochs": [0, 1], "knot_rates": [0.1]"#)
        try refuse(
            train("uneven"), with: 64,
            saying: ["knot_epochs has 2 values, knot_rates 1", "one rate for each time"],
            in: ground)
        try config("falling", #"\#(knots), "knot_epochs": [0, 1, 1], "knot_rates": [0, 1, 0]"#)
        try refuse(
            train("falling"), with: 64,
            saying: ["knot_epochs does not rise", "1.0 comes after 1.0"], in: ground)
        try config("mixed", #""optimizer": "adam", "learning_rate": 0.01, "momentum": 0.9"#)
        try refuse(
            train("mixed"), with: 65, saying: ["momentum: unknown key", "beta1"], in: ground)
        try config(
            "still",
            #""learning_rate": 0.1, "momentum": 0, "nesterov": true, "weight_decay": 0"#)
        try refuse(
            train("still"), with: 64, saying: ["nesterov needs a momentum above 0"], in: ground)
        try config(
            "odd",
            #""schedule": "cosine", "learning_rate": 0.1, "momentum": 0, "weight_decay": 0"#)
        try refuse(
            train("odd"), with: 65, saying: ["cosine", "linear, piecewise, cyclic"], in: ground)

        try config("knots", #"\#(knots), "knot_epochs": [0, 0.5, 2], "knot_rates": [0, 0.2, 0]"#)
        try config(
            "adam",
            #""optimizer": "adam", "schedule": "cyclic", "learning_rate": 0.02, "cycles": 2"#)
        for name in ["knots", "adam"] {
            let outcome = try ground.shell("bin/stage-\(train(name))")
            #expect(outcome.status == 0, "\(outcome.output)")
            let file = ground.root.appending(path: "artifacts/model/\(name).curve.json")
            let curve = try JSON.parse(Array(Data(contentsOf: file)), named: name)
            let epochs = try #require(curve["epochs"]?.array)
            #expect(epochs.count == 2)
            #expect(epochs.last?["learning_rate"]?.double == 0)
            #expect((epochs.last?["test_accuracy"]?.double ?? 0) > 0.5, "\(name)")
        }
    }

    @Test func aConvolutionalNetworkGoesThroughThePipeline() throws {
        let ground = try PipelineRealTests.ground()
        try ground.config(
            "train-mlp",
            #"{"dataset": "mnist", "architecture": "wong-cnn", "epochs": 1, "batch_size": 50, "optimizer": "adam", "learning_rate": 0.005, "seed": 1}"#
        )
        let outcome = try ground.make("all")
        #expect(outcome.status == 0, "\(outcome.output)")
        let page = try String(
            contentsOf: ground.root.appending(path: "artifacts/report.html"), encoding: .utf8)
        for word in ["wong-cnn", "convolution", "stride 2", "Operations", "1,218,768"] {
            #expect(page.contains(word), "\(word)")
        }
    }

    @Test func filesOfAnotherKindOrDataSetAreNamed() throws {
        let ground = try PipelineRealTests.ground()
        #expect(try ground.make("attack-fgsm").status == 0)
        // A model that says it is of other data, in the store under a record of its own making.
        let fashion = ground.root.appending(path: "pipeline/sources.json")
        let list = try String(contentsOf: fashion, encoding: .utf8)
        let twin = list.replacingOccurrences(of: "{ \"mnist\": {", with: "{ \"other\": {")
        try twin.write(to: fashion, atomically: true, encoding: .utf8)
        try ground.config("fetch-other", #"{"dataset": "other"}"#)
        try ground.config("sample-other", #"{"dataset": "other", "count": 40, "seed": 1}"#)
        for line in [
            "fetch --config pipeline/mnist/fetch-other.json",
            "sample --config pipeline/mnist/sample-other.json",
        ] {
            let outcome = try ground.shell("bin/stage-\(line)")
            #expect(outcome.status == 0, "\(outcome.output)")
        }
        try refuse(
            "attack --config pipeline/mnist/attack-fgsm.json --sample other", with: 65,
            saying: ["do not belong together", "mnist", "other"], in: ground)
    }

    @Test func everyInstructionSetAndThreadCountGivesTheSameArtifacts() throws {
        let ground = try PipelineRealTests.ground()
        // Of many parts and tries, which go on with the samples that are left.
        try ground.config(
            "attack-auto",
            #"{"attack": "autoattack", "model": "mlp", "sample": "5k", "norm": "linf", "epsilons": [0.02, 0.1], "goal": "untargeted", "steps": 4, "queries": 12, "targets": 2, "restarts": 2}"#
        )
        #expect(try ground.make("all").status == 0)
        let sets = try ground.shell("bin/stage-train --help").output
        for set in ["portable", "neon", "avx2", "avx512"] where sets.contains(set) {
            for threads in [1, 2, 3, 8] {
                for line in [
                    "train", "attack --config pipeline/mnist/attack-fgsm.json",
                    "attack --config pipeline/mnist/attack-noise-none.json",
                    "attack --config pipeline/mnist/attack-auto.json",
                ] where set != "portable" || threads == 2 {
                    // --force works again and refuses a result of other bits.
                    let outcome = try ground.shell(
                        "bin/stage-\(line) --force --quiet --instruction-set \(set) --threads \(threads)"
                    )
                    #expect(outcome.status == 0, "\(set) \(threads) \(line): \(outcome.output)")
                }
            }
        }
    }
}
