// Robust training by the stage: its config, its learning curve, its faults.

import Formats
import StageKit
import Testing
import TrainStage

@Suite struct RobustStageTests {
    private let training: JSON = [
        "dataset": "made", "architecture": "softmax-regression", "epochs": 2, "batch_size": 8,
        "learning_rate": 0.1, "momentum": 0, "weight_decay": 0, "seed": 3,
    ]

    private func with(_ more: [String: JSON]) -> JSON {
        .object((training.object ?? [:]).merging(more) { $1 })
    }

    private func made() throws -> MadeStore {
        let store = try MadeStore()
        try store.run(MadeDataset.self, "fetch-made", ["dataset": "made"])
        return store
    }

    private func curve(_ store: MadeStore, _ name: String) throws -> JSON {
        let path = store.folder.appending(path: "model/\(name).curve.json").path
        return try JSON.parse(MappedFile.read(path), named: path)
    }

    private static let methods: [JSON] = [
        ["method": "none", "test_epsilon": 0.1],
        ["method": "fgsm", "epsilon": 0.1],
        ["method": "pgd", "epsilon": "1/10", "steps": 3],
        ["method": "trades", "epsilon": 0.1, "steps": 3, "beta": 2],
        ["method": "gaussian", "sigma": 0.25, "test_epsilon": 0.1],
        [
            "method": "ibp", "epsilon": 0.1, "warm_up": 0.5, "ramp": 1,
            "first_weights": "intervals",
        ],
    ]

    @Test(arguments: methods)
    func everyMethodTrainsAndTellsWhatStands(_ robust: JSON) throws {
        let store = try made()
        defer { store.remove() }
        let settings = with(["robust": robust])
        let record = try store.run(TrainStage.self, "train-own", settings)
        // The defaults stand in the record.
        #expect(record.recipe.config["robust"]?["test_images"] == 1000)
        let test: JSON = ["epsilon": 0.1, "images": 20, "step_size": 0.0125, "steps": 20]
        #expect(record.summary["robust_test"] == test)
        let json = try curve(store, "own")
        #expect(json["robust_test"] == test)
        let epochs = json["epochs"]?.array ?? []
        #expect(epochs.count == 2)
        for epoch in epochs {
            let correct = try #require(epoch["robust_correct"]?.int)
            #expect(epoch["robust_accuracy"]?.double == Double(correct) / 20)
            let clean = try #require(epoch["test_accuracy"]?.double)
            #expect(Double(correct) / 20 <= clean)
        }
        #expect(record.summary["robust_accuracy"] == epochs.last?["robust_accuracy"])
        let lines = TrainStage.present(
            record.summary, try TrainStage.schema(settings).resolve(settings, file: "a.json"))
        #expect(
            lines.last?.contains("of the first 20, pixels moved by up to 0.1 in 20 steps") == true)

        // The weights: another training's, but for that which trains on the images as they are.
        try store.run(TrainStage.self, "train-plain", training)
        let plain = try store.artifact("model/plain.safetensors")
        let own = try store.artifact("model/own.safetensors")
        let isPlain = robust["method"]?.string == "none"
        #expect(try (own.floats("fc1.weight") == plain.floats("fc1.weight")) == isPlain)
        #expect(try curve(store, "plain")["robust_test"] == nil)
        #expect(try curve(store, "plain")["epochs"]?.array?[0]["robust_accuracy"] == nil)
    }

    /// A network written down, and one epoch.
    @Test func layersOfOnesOwnAreTrainedRobustly() throws {
        let store = try made()
        defer { store.remove() }
        for robust in Self.methods {
            let record = try store.run(
                TrainStage.self, "train-own",
                with([
                    "architecture": "own", "epochs": 1, "robust": robust,
                    "layers": [
                        ["conv": 4, "kernel": 5, "stride": 4], "relu", ["max-pool": 2],
                        ["dense": 10],
                    ],
                ]))
            #expect(record.summary["robust_accuracy"]?.double != nil, "\(robust)")
        }
    }

    @Test func withoutATestThereIsNone() throws {
        let store = try made()
        defer { store.remove() }
        for robust: JSON in [
            ["method": "gaussian", "sigma": 0.25], ["method": "none"],
            ["method": "fgsm", "epsilon": 0.1, "test_images": 0],
        ] {
            let record = try store.run(TrainStage.self, "train-own", with(["robust": robust]))
            #expect(record.summary["robust_accuracy"] == nil, "\(robust)")
            #expect(try curve(store, "own")["robust_test"] == nil, "\(robust)")
        }
    }

    /// What was written before there was robust training resolves to what it did, byte by byte.
    @Test func aConfigWithoutItIsAsItWas() throws {
        let json = try TrainStage.schema(training).resolve(training, file: "a.json").json
        #expect(
            json.canonical
                == #"{"architecture":"softmax-regression","batch_size":8,"dataset":"made","epochs":2,"final_learning_rate":null,"image":null,"layers":null,"learning_rate":0.1,"momentum":0.0,"nesterov":false,"optimizer":"sgd","schedule":"linear","seed":3,"weight_decay":0.0,"weights":null}"#
        )
    }

    @Test(
        arguments: [
            (["method": "fgsm"], ["robust.epsilon: missing", "a.json"]),
            (["method": "fgsm", "epsilon": 0], ["robust.epsilon: 0 is outside", "a.json"]),
            (["method": "pgd", "epsilon": 8], ["robust.epsilon: 8 is outside", "8/255 = 0.031"]),
            (
                ["method": "fgsm", "epsilon": 0.1, "step_size": 0],
                ["robust.step_size: 0 is outside"]
            ),
            (
                ["method": "pgd", "epsilon": 0.1, "step_size": -1],
                ["robust.step_size: -1 is outside"]
            ),
            (
                ["method": "pgd", "epsilon": 0.1, "steps": 0],
                ["robust.steps: 0 is outside 1…10000"]
            ),
            (["method": "trades", "epsilon": 0.1, "beta": -1], ["robust.beta: -1 is outside"]),
            (["method": "gaussian", "sigma": 0], ["robust.sigma: 0 is outside"]),
            (["method": "gaussian"], ["robust.sigma: missing"]),
            (
                ["method": "ibp", "epsilon": 0.1, "kappa": 1.5],
                ["robust.kappa: 1.5 is outside 0…1"]
            ),
            (["method": "ibp", "epsilon": 0.1, "ramp": -1], ["robust.ramp: -1 is outside"]),
            (
                ["method": "fgms", "epsilon": 0.1],
                ["\"fgms\" is none of none, fgsm", "did you mean fgsm?"]
            ),
            (
                ["epsilon": 0.1],
                ["robust.method: missing", "none, fgsm, pgd, trades, gaussian, ibp"]
            ),
            (["method": "fgsm", "epsilon": 0.1, "steps": 3], ["robust.steps: unknown key"]),
            (["method": "pgd", "epsilon": 0.1, "alpha": 3], ["robust.alpha: unknown key"]),
            (["method": "pgd", "epsilon": "many"], ["robust.epsilon: expected a number"]),
        ] as [(JSON, [String])])
    func whatIsWrongIsNamed(_ robust: JSON, _ words: [String]) throws {
        let settings = with(["robust": robust])
        let error = #expect(throws: (any Error).self) {
            try TrainStage.schema(settings).resolve(settings, file: "a.json")
        }
        let text = error.map { "\($0)" } ?? ""
        for word in words { #expect(text.contains(word), "\(text)") }
    }

    @Test func aNetworkThatCannotBeTrainedSoIsNamed() throws {
        let store = try made()
        defer { store.remove() }
        let norm = try #require(
            store.fault(
                TrainStage.self, "train-own",
                with([
                    "architecture": "own", "robust": ["method": "ibp", "epsilon": 0.1],
                    "layers": [["conv": 4, "kernel": 5], "batch-norm", "relu", ["dense": 10]],
                ])))
        #expect(
            norm.code == .badData && norm.description.contains("layer bn1 is a batch-norm"),
            "\(norm)")
        #expect(norm.description.contains("Set robust.method to pgd"), "\(norm)")
    }
}
