// What a user is told where there is little to tell: no epochs, no eligible image, a budget twice.

import AttackStage
import Formats
import SampleStage
import StageKit
import Testing
import TrainStage

@Suite struct EdgeWordsTests {
    private func with(_ json: JSON, _ more: [String: JSON]) -> JSON {
        .object((json.object ?? [:]).merging(more) { $1 })
    }

    private let attack: JSON = [
        "attack": "fgsm", "model": "m", "sample": "s", "epsilons": [0.1], "goal": "untargeted",
    ]

    private func lines<S: Stage>(_ stage: S.Type, _ summary: JSON, _ json: JSON) throws -> [String]
    {
        S.present(summary, try S.schema(json).resolve(json, file: "a.json"))
    }

    /// No epochs: the network as it is drawn, and nothing about steps is asked for or has a say.
    @Test func noEpochsGiveTheFirstWeightsWithoutALearningRate() throws {
        let store = try MadeStore()
        defer { store.remove() }
        try store.run(MadeDataset.self, "fetch-made", ["dataset": "made"])
        let bare: JSON = [
            "dataset": "made", "architecture": "softmax-regression", "epochs": 0, "seed": 4,
        ]
        let record = try store.run(TrainStage.self, "train-bare", bare)
        let first = try store.artifact("model/bare.safetensors")
        try store.run(MadeModel.self, "train-made", ["dataset": "made", "seed": 4])
        let drawn = try store.artifact("model/made.safetensors")
        for entry in first.entries {
            #expect(try first.floats(entry.name) == drawn.floats(entry.name))
        }
        #expect(first.entries.count == 2)
        #expect(
            try lines(TrainStage.self, record.summary, bare)[0].hasSuffix(
                "not trained: its first weights"))

        // What is given all the same is checked, and changes no weight.
        let full = with(
            bare, ["learning_rate": 0.1, "momentum": 0, "batch_size": 10, "weight_decay": 0])
        try store.run(TrainStage.self, "train-full", full)
        let again = try store.artifact("model/full.safetensors")
        for entry in first.entries {
            #expect(try again.floats(entry.name) == first.floats(entry.name))
        }
        let wrong = #expect(throws: (any Error).self) {
            try TrainStage.schema(full).resolve(
                with(full, ["learning_rate": -1]), file: "train.json")
        }
        #expect(wrong.map { "\($0)" }?.contains("learning_rate") == true)
        for schedule in ["piecewise", "cyclic"] {
            for optimiser in ["sgd", "adam"] {
                let json = with(
                    bare, ["schedule": .string(schedule), "optimizer": .string(optimiser)])
                #expect(store.fault(TrainStage.self, "train-\(schedule)-\(optimiser)", json) == nil)
            }
        }
        // An epoch has steps, and steps have a size. A flag counts like the file.
        for epochs: JSON in [1, "1"] {
            let json = with(bare, ["epochs": epochs])
            #expect(try TrainStage.schema(json).parameter("learning_rate")?.defaultValue == nil)
        }
        #expect(
            try TrainStage.schema(with(bare, ["epochs": "0"])).parameter("learning_rate")?
                .defaultValue == .null)
    }

    @Test func aBudgetThatIsListedTwiceIsRefused() throws {
        let store = try MadeStore()
        defer { store.remove() }
        try store.run(MadeDataset.self, "fetch-made", ["dataset": "made"])
        try store.run(SampleStage.self, "sample-s", ["dataset": "made", "seed": 1])
        try store.run(MadeModel.self, "train-m", ["dataset": "made"])
        for (list, words) in [
            ([0.1, 0.2, 0.1], "epsilons lists 0.1 twice, in places 1 and 3"),
            // Two numbers, but one float.
            ([0.3, 0.1, 0.1000000001], "epsilons lists 0.1 twice, in places 2 and 3"),
            (["8/255", "16/510"], "epsilons lists 0.03137255 twice"),
        ] as [(JSON, String)] {
            let fault = store.fault(AttackStage.self, "attack-a", with(attack, ["epsilons": list]))
            #expect(fault?.code == .badData)
            #expect(fault?.description.contains(words) == true, "\(String(describing: fault))")
            #expect(fault?.description.hasPrefix("attack-a.json: ") == true)
        }
        #expect(
            store.fault(AttackStage.self, "attack-a", with(attack, ["epsilons": [0.1, 0.2]])) == nil
        )
    }

    /// Nobody to attack: no share of nothing, and the reason.
    @Test func noEligibleSampleIsSaidInWords() throws {
        let store = try MadeStore()
        defer { store.remove() }
        // Ten images alike, of ten classes: the network gives one answer, right for one of them.
        try store.run(
            MadeDataset.self, "fetch-made", ["dataset": "made", "count": 10, "same": true])
        try store.run(SampleStage.self, "sample-s", ["dataset": "made", "seed": 1])
        try store.run(MadeModel.self, "train-m", ["dataset": "made"])
        let answers = try store.run(AttackStage.self, "attack-a", attack)
        let clean = try store.artifact("attack/a.safetensors").int64s("clean_class")
        try #require(answers.summary["eligible"] == 1 && Set(clean).count == 1, "\(clean)")

        // Predicted labels and their own class as the target: all are there already.
        let targeted = with(
            attack, ["labels": "predicted", "goal": "fixed", "target": .integer(clean[0])])
        let none = try store.run(AttackStage.self, "attack-b", targeted)
        #expect(none.summary["eligible"] == 0 && none.summary["rows"]?[0]?["success_rate"] == .null)
        #expect(
            try lines(AttackStage.self, none.summary, targeted) == [
                "fgsm · goal fixed · no sample was attacked, so there are no figures: all 10 of them are "
                    + "of the class to reach already"
            ])

        // With their true labels the ones that are read correctly are of that class.
        let mixed = with(attack, ["goal": "fixed", "target": .integer(clean[0])])
        let some = try store.run(AttackStage.self, "attack-c", mixed)
        #expect(some.summary["eligible"] == 0)
        let misread = try #require(some.summary["misread"]?.int)
        #expect(misread == 9)
        #expect(
            try lines(AttackStage.self, some.summary, mixed)[0].hasSuffix(
                "of 10, 9 are misread untouched and the others are of the class to reach already"))

        var summary: JSON = ["attack": "fgsm", "goal": "untargeted", "samples": 4, "misread": 4]
        #expect(
            try lines(AttackStage.self, summary, attack)[0].hasSuffix(
                "the network misreads all 4 of them untouched"))
        summary = ["attack": "fgsm", "goal": "untargeted", "samples": 0, "misread": 0]
        #expect(
            try lines(AttackStage.self, summary, attack)[0].hasSuffix("the sample has no images"))
        #expect(try !lines(AttackStage.self, summary, attack)[0].contains("%"))
    }
}
