// What a stage joins must belong together: classes, data sets, labels. Everything else is refused with
// exit code 65, the two numbers and the two files, and never traps.

import AttackStage
import Formats
import PredictStage
import Report
import SampleStage
import StageKit
import Testing
import TrainStage
import TransferStage
import VisualizeStage

@testable import VisualizeWork

@Suite struct BelongingTests {
    private let attack: JSON = [
        "attack": "fgsm", "model": "m", "sample": "s", "epsilons": [0.1], "goal": "untargeted",
    ]
    private let training: JSON = [
        "dataset": "made", "architecture": "softmax-regression", "epochs": 1, "batch_size": 10,
        "learning_rate": 0.1, "momentum": 0, "weight_decay": 0, "seed": 1,
    ]

    private func with(_ json: JSON, _ more: [String: JSON]) -> JSON {
        .object((json.object ?? [:]).merging(more) { $1 })
    }

    private func expect(
        _ fault: StageFault?, says words: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(
            fault?.code == .badData, "\(String(describing: fault))", sourceLocation: sourceLocation)
        for word in words {
            #expect(
                fault?.description.contains(word) == true, "\(word): \(String(describing: fault))",
                sourceLocation: sourceLocation)
        }
    }

    /// More or fewer names than logits, on either side, in every stage that reads both.
    @Test(arguments: [3, 9, 12]) func otherNumbersOfClassesAreRefused(classes: Int) throws {
        let store = try MadeStore()
        defer { store.remove() }
        let count: JSON = .integer(Int64(classes))
        try store.run(MadeDataset.self, "fetch-made", ["dataset": "made", "classes": count])
        try store.run(SampleStage.self, "sample-s", ["dataset": "made", "count": 8, "seed": 1])
        expect(
            store.fault(TrainStage.self, "train-t", training),
            says: [
                "dataset/made-train", "names \(classes) classes", "tells 10 apart", "train-t.json",
            ])
        // The model names as many as the sample, or as many as it has logits.
        for named in [classes, 10] {
            try store.run(
                MadeModel.self, "train-m", ["dataset": "made", "classes": .integer(Int64(named))])
            let words = ["names \(classes) classes", "tells 10 apart", ".json"]
            let config: JSON = ["model": "m", "sample": "s"]
            expect(store.fault(PredictStage.self, "predict-p", config), says: words)
            expect(store.fault(AttackStage.self, "attack-a", attack), says: words)
        }
    }

    @Test func splitsOfOtherClassesAreRefused() throws {
        let store = try MadeStore()
        defer { store.remove() }
        try store.run(MadeDataset.self, "fetch-made", ["dataset": "made", "test_classes": 4])
        expect(
            store.fault(TrainStage.self, "train-t", training),
            says: ["made-test", "names 4 classes", "tells 10 apart"])
    }

    /// Labels that nobody knows cannot be trained on, and say so.
    @Test func unlabelledImagesCannotBeTrainedOn() throws {
        let store = try MadeStore()
        defer { store.remove() }
        try store.run(MadeDataset.self, "fetch-made", ["dataset": "made", "unlabelled": 3])
        for epochs in [0, 1] {
            expect(
                store.fault(
                    TrainStage.self, "train-t",
                    with(training, ["epochs": .integer(Int64(epochs))])),
                says: ["label -1", "expected 0…9"])
        }
    }

    /// A data set without images: nothing to draw, nothing to learn from, nothing to divide by.
    @Test func emptyDataSetsTrapNothing() throws {
        let store = try MadeStore()
        defer { store.remove() }
        try store.run(MadeDataset.self, "fetch-made", ["dataset": "made", "count": 0])
        let trained = try store.run(TrainStage.self, "train-m", training)
        #expect(trained.summary["test_images"] == 0)
        try store.run(SampleStage.self, "sample-s", ["dataset": "made", "seed": 1])
        let drawn = store.fault(
            SampleStage.self, "sample-t", ["dataset": "made", "count": 1, "seed": 1])
        expect(drawn, says: ["1 images", "has 0"])
        for name in ["fgsm", "pgd", "deepfool", "least-epsilon", "autoattack", "universal"] {
            let settings = with(
                attack, ["attack": .string(name), "epsilons": name == "deepfool" ? [] : [0.1]])
            let fault = store.fault(
                AttackStage.self, "attack-\(name)",
                name == "least-epsilon" ? with(settings, ["epsilons": []]) : settings)
            #expect(fault == nil, "\(name): \(String(describing: fault))")
        }
        try store.run(PredictStage.self, "predict-p", ["model": "m", "sample": "s"])
        try store.run(
            TransferStage.self, "transfer-t", ["models": ["m"], "attacks": ["fgsm"], "sample": "s"])
    }

    /// A network trained on other data judges nothing, whatever its shape.
    @Test func transferRefusesANetworkOfAnotherDataSet() throws {
        let store = try MadeStore()
        defer { store.remove() }
        try store.run(MadeDataset.self, "fetch-made", ["dataset": "made"])
        try store.run(SampleStage.self, "sample-s", ["dataset": "made", "count": 8, "seed": 1])
        try store.run(MadeModel.self, "train-m", ["dataset": "made"])
        try store.run(AttackStage.self, "attack-a", attack)
        try store.run(MadeModel.self, "train-twin", ["dataset": "fashion"])
        try store.run(MadeModel.self, "train-few", ["dataset": "made", "classes": 7])
        let transfer: JSON = ["sample": "s", "attacks": ["a"], "models": ["m", "twin"]]
        expect(
            store.fault(TransferStage.self, "transfer-t", transfer),
            says: ["model/twin", "sample/s", "do not belong together", "fashion", "made"])
        expect(
            store.fault(
                TransferStage.self, "transfer-t", with(transfer, ["models": ["few"]])),
            says: ["model/few", "names 7 classes", "tells 10 apart"])
        #expect(
            store.fault(TransferStage.self, "transfer-t", with(transfer, ["models": ["m"]])) == nil)
    }

    /// An image without a label is led away from the attacked network's own answer: that is what
    /// "misread" means there, as in the attack; of the untouched images only labelled ones are counted.
    @Test func transferReadsUnlabelledImagesAsTheAttackDid() throws {
        let store = try MadeStore()
        defer { store.remove() }
        try store.run(MadeDataset.self, "fetch-made", ["dataset": "made", "unlabelled": 12])
        try store.run(SampleStage.self, "sample-s", ["dataset": "made", "seed": 1])
        try store.run(MadeModel.self, "train-m", ["dataset": "made"])
        try store.run(MadeModel.self, "train-n", ["dataset": "made", "seed": 2])
        try store.run(AttackStage.self, "attack-a", with(attack, ["epsilons": [0, 0.3]]))
        let record = try store.run(
            TransferStage.self, "transfer-t",
            ["sample": "s", "attacks": ["a"], "models": ["m", "n"]])

        let file = try store.artifact("attack/a.safetensors")
        let led = try file.int64s("label", shape: [20])
        let success = try file.uint8s("success", shape: [2, 20])
        let reached = (0..<20).filter { success[20 + $0] != 0 }
        #expect(reached.count > 8 && reached.contains { $0 < 12 })
        let transfer = try store.artifact("transfer/t.safetensors")
        let answers = try transfer.int64s("a.answer", shape: [2, 2, 20])
        let clean = try transfer.int64s("clean", shape: [2, 20])
        func wrong(_ model: Int) -> Int {
            reached.count { answers[(2 + model) * 20 + $0] != led[$0] }
        }
        #expect(wrong(0) == reached.count)
        let row = try #require(record.summary["rows"]?.array?.last)
        #expect(row["images"]?.int == reached.count)
        #expect(row["wrong"]?.array?.map(\.int) == [wrong(0), wrong(1)])
        #expect(record.summary["unlabelled"] == 12)
        let known = (0..<2).map { model in
            (12..<20).count { clean[model * 20 + $0] != Int64($0 % 10) }
        }
        #expect(record.summary["clean_wrong"]?.array?.map(\.int) == known)
        let config = try TransferStage.schema([:]).resolve(
            ["sample": "s", "attacks": ["a"], "models": ["m", "n"]], file: "t.json")
        let lines = TransferStage.present(record.summary, config)
        #expect(lines.last?.contains("12 of 20 images have no label") == true)

        // The report counts the same.
        let result = try TransferReader(
            MappedFile(store.folder.appending(path: "transfer/t.safetensors").path),
            node: "transfer-t"
        ).result()
        #expect(result.images == 8 && result.clean == known.map { 8 - $0 })
        let level = try #require(result.rows.first?.levels.last)
        #expect(level.successes == reached.count && level.wrong == [wrong(0), wrong(1)])
        #expect(level.right.allSatisfy { $0 <= 8 })
    }
}
