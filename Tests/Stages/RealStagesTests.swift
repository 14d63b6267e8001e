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
        try refuse("\(pgd) --norm l1", with: 64, saying: ["norm", "l1", "linf"], in: ground)
        try refuse("\(pgd) --restarts 0", with: 64, saying: ["restarts", "1…10000"], in: ground)
        try refuse("\(pgd) --step-size 0", with: 64, saying: ["step_size", "0"], in: ground)
        try refuse(
            "\(pgd) --step-unit percent", with: 64, saying: ["percent", "pixels"], in: ground)
        try refuse("\(pgd) --random-starts true", with: 64, saying: ["random"], in: ground)
        try refuse("\(fgsm) --model other", with: 66, saying: ["make train-other"], in: ground)
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
        #expect(try ground.make("all").status == 0)
        let sets = try ground.shell("bin/stage-train --help").output
        for set in ["portable", "neon", "avx2", "avx512"] where sets.contains(set) {
            for threads in [1, 2, 3, 8] {
                for line in [
                    "train", "attack --config pipeline/mnist/attack-fgsm.json",
                    "attack --config pipeline/mnist/attack-noise-none.json",
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
