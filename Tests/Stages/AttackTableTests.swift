// The table beside an attack's tensors: the same values, in words where there are words; and the line of
// answers as tensors.

import Artifacts
import AttackStage
import Formats
import Foundation
import SampleStage
import StageKit
import Testing

@Suite struct AttackTableTests {
    private static func ground(_ settings: JSON) throws -> MadeStore {
        let store = try MadeStore()
        try store.run(MadeDataset.self, "fetch-made", ["dataset": "made"])
        try store.run(SampleStage.self, "sample-s", ["dataset": "made", "seed": 1])
        try store.run(MadeModel.self, "train-m", ["dataset": "made"])
        try store.run(AttackStage.self, "attack-a", settings)
        return store
    }

    private static let fgsm: [String: JSON] = [
        "attack": "fgsm", "model": "m", "sample": "s", "epsilons": [0.001, "1/3"],
        "goal": "untargeted", "labels": "predicted", "search_steps": 5,
    ]

    /// The head of a table, and its rows by column.
    private static func table(_ store: MadeStore) throws -> (
        head: [String], rows: [[String: String]]
    ) {
        let bytes = try MappedFile.read(store.folder.appending(path: "attack/a.csv").path)
        #expect(!bytes.contains(13) && bytes.last == 10)
        return try bytes.withUnsafeBytes { bytes in
            var table = try CSV(bytes, named: "a.csv")
            let head = try #require(try table.next()).fields
            var rows: [[String: String]] = []
            while let row = try table.next() {
                rows.append(Dictionary(uniqueKeysWithValues: zip(head, row.fields)))
            }
            return (head, rows)
        }
    }

    @Test func aRowIsAnImageAndAnEpsilon() throws {
        let store = try Self.ground(.object(Self.fgsm))
        defer { store.remove() }
        let (head, rows) = try Self.table(store)
        #expect(
            head == [
                "index", "label", "label_name", "target", "target_name", "eligible", "clean_class",
                "clean_name", "clean_confidence", "epsilon", "success", "success_8bit",
                "final_class", "final_name", "final_confidence", "proposed_class", "proposed_name",
                "proposed_confidence", "l0", "l1", "l2", "linf", "iterations", "forward_passes",
                "backward_passes", "zero_gradients", "event", "extra.least_epsilon",
                "extra.least_epsilon_passes",
            ])
        let file = try store.artifact("attack/a.safetensors")
        #expect(rows.count == 40)
        func same(_ name: String, wholeBy length: Int, _ value: (Int) -> Int64) {
            for (place, row) in rows.enumerated() {
                #expect(row[name] == "\(value(place % length))", "\(name) \(place)")
            }
        }
        for name in [
            "final_class", "proposed_class", "iterations", "forward_passes", "backward_passes",
            "zero_gradients",
        ] {
            let values = try file.int64s(name, shape: [2, 20])
            same(name, wholeBy: 40) { values[$0] }
        }
        for name in ["index", "label", "clean_class"] {
            let values = try file.int64s(name, shape: [20])
            same(name, wholeBy: 20) { values[$0] }
        }
        for name in ["success", "success_8bit", "eligible"] {
            let values = try file.uint8s(name)
            same(name, wholeBy: values.count) { Int64(values[$0]) }
        }
        for name in [
            "clean_confidence", "final_confidence", "proposed_confidence", "l0", "l1", "l2", "linf",
            "extra.least_epsilon", "extra.least_epsilon_passes",
        ] {
            let values = try file.floats(name)
            for (place, row) in rows.enumerated() {
                let value = values[place % values.count]
                #expect(Float(row[name] ?? "") == value, "\(name) \(place)")
            }
        }
        for (place, row) in rows.enumerated() {
            #expect(row["epsilon"] == (place < 20 ? "0.001" : "0.33333334"))
            #expect(row["target"] == "" && row["target_name"] == "" && row["event"] == "")
            for (number, name) in [
                ("label", "label_name"), ("clean_class", "clean_name"),
                ("final_class", "final_name"),
                ("proposed_class", "proposed_name"),
            ] { #expect(row[name] == "class \(row[number] ?? "")") }
        }
        #expect(rows.contains { $0["success"] == "1" } && rows.contains { $0["success"] == "0" })
        // It is an artifact like any other: its digest is in the record.
        let record = try JSON.parse(
            MappedFile.read(store.folder.appending(path: "records/attack-a.json").path),
            named: "record")
        let outputs = record["outputs"]?.array ?? []
        #expect(outputs.count == 2 && record.canonical.contains("attack/a.csv"))
    }

    /// Targets and words of notes; no ε; images that were not attacked have no notes.
    @Test func whatThereIsNoneOfIsEmpty() throws {
        let store = try Self.ground([
            "attack": "noise-sgd", "model": "m", "sample": "s", "goal": "fixed", "target": 3,
            "max_steps": 5, "step_size": 0.1, "labels": "predicted", "regularization": "none",
        ])
        defer { store.remove() }
        let rows = try Self.table(store).rows
        #expect(rows.count == 20)
        for row in rows {
            #expect(row["epsilon"] == "" && row["target"] == "3" && row["target_name"] == "class 3")
            #expect((row["extra.noise_max"] == "") == (row["eligible"] == "0"), "\(row)")
        }
        #expect(rows.contains { $0["eligible"] == "1" && $0["extra.noise_max"] != "" })
    }

    @Test func wordsStandBesideTheNumbersThatMeanThem() throws {
        let store = try Self.ground([
            "attack": "autoattack", "model": "m", "sample": "s", "epsilons": [0.3],
            "goal": "untargeted", "labels": "predicted", "steps": 2, "queries": 2, "targets": 1,
        ])
        defer { store.remove() }
        let rows = try Self.table(store).rows
        let words = [
            "0": "apgd-ce", "1": "apgd-targeted", "2": "fab-targeted", "3": "square", "": "",
        ]
        for row in rows {
            #expect(row["extra.winner_name"] == words[row["extra.winner"] ?? "none"], "\(row)")
        }
        #expect(rows.contains { $0["extra.winner"] == "0" })
    }

    @Test func theLineOfAnswersIsStored() throws {
        var settings = Self.fgsm
        settings["labels"] = "true"
        let plain = try Self.ground(.object(settings))
        defer { plain.remove() }
        settings["answers"] = 5
        let store = try Self.ground(.object(settings))
        defer { store.remove() }
        let file = try store.artifact("attack/a.safetensors")
        #expect(try file.floats("answers.epsilon") == [0, 1.0 / 12, 1.0 / 6, 0.25, 1.0 / 3])
        let classes = try file.int64s("answers.class", shape: [20, 5, 5])
        let confidences = try file.floats("answers.confidence", shape: [20, 5, 5])
        let up = try file.uint8s("answers.up", shape: [20, 1, 28, 28])
        let down = try file.uint8s("answers.down", shape: [20, 1, 28, 28])
        #expect(zip(up, down).allSatisfy { $0 + $1 <= 1 })
        let eligible = try file.uint8s("eligible")
        let (clean, last) = (try file.int64s("clean_class"), try file.int64s("proposed_class"))
        for row in 0..<20 {
            let pixels = row * 784..<(row + 1) * 784
            if eligible[row] == 1 {
                #expect(classes[row * 25] == clean[row] && classes[row * 25 + 20] == last[20 + row])
                #expect(up[pixels].contains(1) && down[pixels].contains(1))
            } else {
                #expect(classes[row * 25..<(row + 1) * 25].allSatisfy { $0 == -1 })
                #expect(confidences[row * 25..<(row + 1) * 25].allSatisfy { $0.isNaN })
                #expect((up[pixels] + down[pixels]).allSatisfy { $0 == 0 })
            }
        }
        #expect(eligible.contains(0) && eligible.contains(1))
        #expect(try file.text("config").contains(#""answers":5"#))

        // Without the setting nothing in the file speaks of it; with it nothing else moves.
        let bare = try plain.artifact("attack/a.safetensors")
        #expect(!(try bare.text("config").contains("answers")))
        let more = Set(file.entries.map(\.name)).subtracting(bare.entries.map(\.name))
        #expect(
            more == [
                "answers.epsilon", "answers.class", "answers.confidence", "answers.up",
                "answers.down",
                "extra.answers_passes",
            ])
        for entry in bare.entries {
            let other = try file.entry(entry.name, entry.dtype, shape: entry.shape.map { $0 })
            #expect(Array(file.bytes(of: other)) == Array(bare.bytes(of: entry)), "\(entry.name)")
        }
    }
}
