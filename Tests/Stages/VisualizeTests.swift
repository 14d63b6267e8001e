// The stage visualize: what it reads follows from the experiment's nodes, what it reads becomes a
// study without loss, and what is wrong with its inputs is said.

import Artifacts
import AttackStage
import Formats
import Report
import SampleStage
import StageKit
import StageWork
import Testing
import VisualizeStage

@testable import VisualizeWork

@Suite struct VisualizeTests {
    private static let siblings = [
        "attack-fgsm", "attack-noise-l1", "attack-noise-none", "fetch-mnist", "sample-5k",
        "train-mlp",
        "visualize",
    ]

    private func inputs(
        _ config: JSON = [:], experiment: String = "mnist", siblings: [String] = siblings
    ) throws -> [NodeInput] {
        let node = Node(experiment: experiment, name: "visualize", siblings: siblings)
        return try VisualizeStage.inputs(resolved(config), node)
    }

    private func resolved(_ config: JSON) throws -> Config {
        try VisualizeStage.schema(config).resolve(config, file: "visualize.json")
    }

    /// What the run makes of the inputs that the stage announces.
    private func contents(_ inputs: [NodeInput]) -> ReportContents {
        ReportContents(
            inputs.map { RunInput(role: $0.role, name: $0.name) }, experiment: "mnist")
    }

    @Test func inputsFollowFromTheNodes() throws {
        let inputs = try inputs()
        #expect(
            inputs.map(\.name) == [
                "dataset/mnist-train.safetensors", "dataset/mnist-test.safetensors",
                "model/mlp.curve.json",
                "sample/5k.safetensors", "attack/fgsm.safetensors", "attack/noise-l1.safetensors",
                "attack/noise-none.safetensors",
            ])
        #expect(Set(inputs.map(\.role)).count == inputs.count)
        #expect(inputs.first?.source == .artifact(madeBy: "make fetch-mnist"))
        #expect(try self.inputs(siblings: ["visualize"]).isEmpty)
    }

    @Test func otherExperimentsHaveFoldersOfTheirOwn() throws {
        let inputs = try inputs(experiment: "original")
        #expect(inputs[0].name == "dataset/mnist-train.safetensors")
        #expect(inputs[2].name == "model/original/mlp.curve.json")
        #expect(inputs[2].source == .artifact(madeBy: "make train-mlp EXPERIMENT=original"))
    }

    @Test func networksTransfersAndTablesAreFound() throws {
        let nodes = ["train-a", "train-b", "attack-x", "transfer-t", "visualize"]
        let inputs = try inputs(
            ["network": "b", "papers": ["pipeline/mnist/tables/p.json"]], siblings: nodes)
        #expect(
            inputs.map(\.name) == [
                "model/b.curve.json", "model/a.curve.json", "attack/x.safetensors",
                "transfer/t.safetensors", "pipeline/mnist/tables/p.json",
            ])
        #expect(inputs.last?.source == .file(optional: false, limit: .max))
        let contents = contents(inputs)
        #expect(contents.networks == ["train-b", "train-a"])
        #expect(contents.attacks == ["attack-x"] && contents.transfers == ["transfer-t"])
        #expect(contents.papers == ["pipeline/mnist/tables/p.json"])
        #expect(contents.splits.isEmpty && contents.samples.isEmpty)
    }

    @Test func tablesOfPapersAreReadAndChecked() throws {
        func read(_ text: String) throws -> PaperTable {
            try PaperReader(MappedFile(copying: Array(text.utf8), named: "p.json")).table()
        }
        func table(_ columns: String, _ rows: String) -> String {
            #"{"title": "T", "source": "S", "columns": [\#(columns)], "rows": [\#(rows)], "differences": ["d"]}"#
        }
        let column = #"{"title": "E", "format": "percent"}"#
        let cell = #"{"paper": 0.5, "node": "attack-a", "figure": "error", "epsilon": 0.25}"#
        let good = try read(table(column, #"{"title": "r", "cells": [\#(cell)]} // said\#n"#))
        #expect(good.columns[0].format == .percent && good.differences == ["d"])
        #expect(good.rows[0].cells[0].published == 0.5)
        #expect(
            good.rows[0].cells[0].ours == .init(node: "attack-a", figure: "error", epsilon: 0.25))
        for (text, word) in [
            ("[]", "object"), ("{}", "columns"), (table("", ""), "at least one"),
            (table(#"{"title": "E", "format": "bold"}"#, ""), "percent, number, whole, fine"),
            (table(column, #"{"title": "r", "cells": []}"#), "the row r should be 1 cells"),
            (table(column, #"{"title": "r", "cell": []}"#), "cell"),
            (
                table(
                    column,
                    #"{"title": "r", "cells": [{"node": "attack-a", "figure": "eror"}]}"#), "error"
            ),
            (
                table(
                    column, #"{"title": "r", "cells": [{"node": "sample-a", "figure": "x"}]}"#),
                "train-, attack- or transfer-"
            ),
        ] {
            do {
                _ = try read(text)
                Issue.record("accepted: \(text)")
            } catch let fault as VisualizeFault {
                #expect(fault.description.contains(word), "\(fault)")
            }
        }
    }

    @Test func theOrderOfAttacksCanBeChosen() throws {
        let contents = contents(try inputs(["order": ["noise-none", "missing", "fgsm"]]))
        #expect(contents.attacks == ["attack-noise-none", "attack-fgsm", "attack-noise-l1"])
        #expect(contents.splits == ["train", "test"] && contents.networks == ["train-mlp"])
        #expect(contents.samples.map(\.node) == ["sample-5k"])
        #expect(contents.samples.map(\.artifact) == ["sample/5k.safetensors"])
    }

    @Test func publishedTablesAreReadByColumns() throws {
        func published(_ config: JSON = [:]) throws -> PublishedNoise? {
            try VisualizeComputation.published(resolved(config))
        }
        let table = try published([
            "published_source": "them", "published_attacks": ["noise-l1", "fgsm@0.1"],
            "published_mean": [0.0155, 0.0373817], "published_max": [1.003, 0.1],
            "published_min": [-1, -0.1],
        ])
        #expect(table?.source == "them")
        #expect(table?.rows.map(\.attack) == ["noise-l1", "fgsm"])
        #expect(table?.rows.map(\.epsilon) == [nil, 0.1])
        #expect(table?.rows[1].noise == Noise(mean: 0.0373817, max: 0.1, min: -0.1))
        #expect(try published() == nil)
        #expect(throws: VisualizeFault.raggedTable(file: "visualize.json", lengths: [1, 0, 0, 0])) {
            _ = try published(["published_attacks": ["fgsm"]])
        }
    }

    @Test func theTerminalSaysWhereAndHowLarge() throws {
        let config = try VisualizeStage.schema([:]).resolve([:], file: "visualize.json")
        let summary: JSON = [
            "bytes": 342_555, "figures": 20, "tables": 1, "attacks": 4,
            "grids": 6,
        ]
        #expect(
            VisualizeStage.present(summary, config) == [
                "0.34 MB, 20 figures, 1 table, 4 attacks; 6 picture grids in grid/"
            ])
    }

    @Test func messagesSayWhatToDo() {
        let table: [(VisualizeFault, String)] = [
            (
                .malformed(file: "a", what: "`b`", expected: "c", found: "d"),
                "a: `b` should be c, and is d; make the artifact again, or report a fault of the stage that wrote it"
            ),
            (
                .foreignSample(file: "a", sample: "b", known: []),
                "a was made from b, which is no sample of this experiment (it has none); "
                    + "run the attack again on one of its samples"
            ),
            (
                .wrongTable(file: "a", what: "`b`", expected: "c", found: "d"),
                "a: `b` should be c, and found is d; correct the file"
            ),
            (
                .foreignNode(file: "a", node: "attack-b"),
                "a: there is no node attack-b in this experiment; correct the file, or add "
                    + "pipeline/<experiment>/attack-b.json"
            ),
            (
                .raggedTable(file: "a", lengths: [1, 2]),
                "a: the lists published_attacks, published_mean, published_max and published_min have "
                    + "1, 2 entries; they are the columns of one table, so give each the same number"
            ),
        ]
        for (fault, message) in table { #expect(fault.description == message) }
    }

    @Test func settingsAreReadable() {
        let found = settings(from: ["b": [0.1, 2], "a": true, "c": nil, "d": "x", "e": 0.5])
        #expect(found.map(\.key) == ["a", "b", "d", "e"])
        #expect(found.map(\.value) == ["yes", "0.1, 2", "x", "0.5"])
    }
}

/// Small artifacts in memory, for the reader.
@Suite struct StudyReaderTests {
    private static let classes = "[\"0\",\"1\"]"

    private static func bytes(_ floats: [Float]) -> [UInt8] {
        floats.flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        }
    }

    private static func bytes(_ integers: [Int64]) -> [UInt8] {
        integers.flatMap { value in (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
    }

    private static func sample() -> [UInt8] {
        SafeTensorsWriter.file(
            metadata: ["schema": "mirage.sample", "version": "1", "classes": classes, "seed": "7"],
            tensors: [
                ("images", .f32, [2, 1, 2, 2]), ("labels", .i64, [2]), ("indices", .i64, [2]),
            ],
            data: [
                "images": bytes([Float](repeating: 0.5, count: 8)),
                "labels": bytes([0, 1] as [Int64]),
                "indices": bytes([3, 4] as [Int64]),
            ])
    }

    /// An attack of two epsilons on two images; `drop` leaves a column out.
    private static func attack(
        sample: String = Digest(of: sample()).hex, drop: String? = nil,
        metadata: [String: String] = [:], more: [(SafeTensorsWriter.Tensor, [UInt8])] = []
    ) -> [UInt8] {
        var tensors: [SafeTensorsWriter.Tensor] = [("adversarial", .f32, [2, 2, 1, 2, 2])]
        var data = ["adversarial": bytes((0..<16).map { Float($0) / 16 })]
        for name in ["eligible"] {
            tensors.append((name, .u8, [2]))
            data[name] = [1, 0]
        }
        for name in ["label", "target", "index", "clean_class"] {
            tensors.append((name, .i64, [2]))
            data[name] = bytes(name == "target" ? [-1, 1] : [0, 1] as [Int64])
        }
        for name in ["clean_confidence", "extra.least_epsilon"] {
            tensors.append((name, .f32, [2]))
            data[name] = bytes([0.25, .infinity])
        }
        for name in ["success", "success_8bit"] {
            tensors.append((name, .u8, [2, 2]))
            data[name] = [0, 0, 1, 0]
        }
        for name in [
            "final_class", "proposed_class", "iterations", "forward_passes", "backward_passes",
        ] {
            tensors.append((name, .i64, [2, 2]))
            data[name] = bytes([1, 2, 3, 4] as [Int64])
        }
        for name in ["final_confidence", "proposed_confidence", "l0", "l1", "l2", "linf"] {
            tensors.append((name, .f32, [2, 2]))
            data[name] = bytes([0.1, 0.2, 0.3, 0.4])
        }
        for (name, shape) in [("clean", [2]), ("final", [2, 2])] {
            let count = shape.reduce(1, *) * 2
            tensors.append(("\(name)_top_class", .i64, shape + [2]))
            data["\(name)_top_class"] = self.bytes((0..<count).map { Int64($0) })
            tensors.append(("\(name)_top_confidence", .f32, shape + [2]))
            data["\(name)_top_confidence"] = self.bytes((0..<count).map { 1 / Float($0 + 1) })
        }
        for (tensor, bytes) in more {
            tensors.append(tensor)
            data[tensor.name] = bytes
        }
        let texts = [
            "schema": "mirage.attack", "version": "1", "attack": "fgsm", "norm": "linf",
            "goal": "untargeted", "epsilons": "[0.1,0.2]", "sample_sha256": sample,
            "classes": classes,
        ]
        return SafeTensorsWriter.file(
            metadata: texts.merging(metadata) { $1 }, tensors: tensors.filter { $0.name != drop },
            data: data)
    }

    private func study(attack: [UInt8] = attack()) throws -> Study {
        var contents = ReportContents(experiment: "two")
        contents.samples = [("sample-2", "sample/2.safetensors")]
        contents.attacks = ["attack-fgsm"]
        let files = ["sample of sample-2": Self.sample(), "result of attack-fgsm": attack]
        let reader = StudyReader(
            contents: contents, layout: ReportLayout(),
            open: { MappedFile(copying: files[$0] ?? [], named: $0) },
            record: { role in
                [
                    "node": .string(role), "key": "k", "code": "c", "config": ["seed": 1],
                    "inputs": [["name": "in", "role": "r", "sha256": "i"]],
                    "outputs": [["name": "out", "sha256": "o", "bytes": 1]],
                    "summary": [
                        "rows": [
                            ["flops": 8.0],
                            ["flops": 9.0, "noise_mean": 0.5, "noise_max": 1.0, "noise_min": -1.0],
                        ]
                    ],
                ]
            })
        return try reader.study()
    }

    /// The file that these tests read is one that the stage writes: no tensor and no text is made up.
    @Test func theFixtureIsWhatTheStageWrites() throws {
        let store = try MadeStore()
        defer { store.remove() }
        try store.run(MadeDataset.self, "fetch-made", ["dataset": "made"])
        try store.run(SampleStage.self, "sample-s", ["dataset": "made", "seed": 1])
        try store.run(MadeModel.self, "train-m", ["dataset": "made"])
        try store.run(
            AttackStage.self, "attack-a",
            [
                "attack": "fgsm", "model": "m", "sample": "s", "epsilons": [0.1, 0.2],
                "goal": "untargeted", "least_epsilon": true,
            ])
        let real = try store.artifact("attack/a.safetensors")
        let texts = [
            "warnings": "[]", "words": "{}", "config": "{}", "predicted_labels": "0",
            "events": "[\"\"]",
        ]
        let made = try SafeTensors(
            MappedFile(
                copying: Self.attack(
                    metadata: texts,
                    more: ["zero_gradients", "event"].map { name in
                        ((name, .i64, [2, 2]), Self.bytes([0, 0, 0, 0] as [Int64]))
                    }), named: "made"))
        #expect(
            Set(made.metadata.keys).union(["model_sha256"]) == Set(real.metadata.keys))
        let (own, stored) = (Set(made.entries.map(\.name)), Set(real.entries.map(\.name)))
        #expect(own.subtracting(stored) == [])
        #expect(stored.subtracting(own).allSatisfy { $0.hasPrefix("extra.") }, "\(stored)")
        for entry in made.entries {
            let other = real.entries.first { $0.name == entry.name }
            #expect(other?.dtype == entry.dtype, "\(entry.name)")
            #expect(other?.shape.count == entry.shape.count, "\(entry.name)")
        }
    }

    @Test func everyColumnArrives() throws {
        let study = try study()
        let attack = try #require(study.attacks.first)
        #expect(study.sample?.seed == "7" && study.classes == ["0", "1"])
        #expect(attack.name == "fgsm" && attack.config.map(\.value) == ["1"])
        #expect(attack.samples.map(\.isEligible) == [true, false])
        #expect(attack.samples.map(\.target) == [nil, 1])
        #expect(attack.leastEpsilon == [0.25, .infinity])
        #expect(attack.levels.map(\.epsilon) == [0.1, 0.2])
        #expect(attack.levels.map(\.flops) == [8, 9])
        #expect(attack.levels[0].noise == nil)
        #expect(attack.levels[1].noise == Noise(mean: 0.5, max: 1, min: -1))
        #expect(attack.levels[1].images.values == (8..<16).map { Float($0) / 16 })
        let last = attack.levels[1].outcomes
        #expect(last.map(\.isSuccess) == [true, false])
        #expect(last.map(\.answer) == [3, 4] && last.map(\.l2) == [0.3, 0.4])
        #expect(study.provenance.map(\.name) == ["sample of sample-2", "result of attack-fgsm"])
        #expect(study.provenance[1].outputs[0].digest == "o")
        #expect(!study.rendered().html.isEmpty)
    }

    @Test func gradientsThatWereZeroAndWhatWentWrongArriveWhereAFileTells() throws {
        let bare = try #require(try study().attacks.first)
        #expect(bare.levels[0].outcomes.allSatisfy { $0.zeroGradients == nil && $0.event == 0 })
        #expect(bare.events.isEmpty)
        func attack(_ rows: Int) throws -> AttackRun? {
            let counts = Self.bytes((0..<Int64(2 * rows)).map { $0 })
            return try study(
                attack: Self.attack(
                    metadata: ["events": #"["","gradient-vanished"]"#],
                    more: [
                        (("zero_gradients", .i64, [rows, 2]), counts),
                        (("event", .i64, [2, 2]), Self.bytes([0, 1, 0, 0] as [Int64])),
                    ])
            ).attacks.first
        }
        let told = try #require(try attack(2))
        #expect(told.levels.map { $0.outcomes.map(\.zeroGradients) } == [[0, 1], [2, 3]])
        #expect(told.levels[0].outcomes.map(\.event) == [0, 1])
        #expect(told.events == ["", "gradient-vanished"])
        #expect(throws: FormatFault.self) { try attack(1) }
    }

    @Test func theDataSetOfASampleArrives() throws {
        #expect(try study().attacks.first?.dataset == " i")  // no name, and the digest read
    }

    @Test func whatAnAttackSaysOfItselfArrives() throws {
        let bare = try #require(try study().attacks.first)
        #expect(bare.warnings.isEmpty && bare.words.isEmpty && bare.each == nil)
        #expect(bare.notes.keys.sorted() == ["least_epsilon"] && bare.sample == "2")
        let attack = try #require(
            try study(
                attack: Self.attack(
                    metadata: [
                        "warnings": #"["Flat."]"#, "words": #"{"winner":["a","b"]}"#,
                        "config": #"{"model":"mlp"}"#,
                    ],
                    more: [
                        (("extra.winner", .f32, [2, 2]), Self.bytes([0, 1, 1, .nan] as [Float])),
                        (("each.success", .u8, [2, 2, 2]), [0, 1, 1, 0, 0, 0, 0, 0]),
                        (
                            ("each.distance", .f32, [2, 2, 2]),
                            Self.bytes([Float](repeating: 0.5, count: 8))
                        ),
                    ])
            ).attacks.first)
        #expect(attack.warnings == ["Flat."] && attack.words == ["winner": ["a", "b"]])
        #expect(attack.model == "mlp")
        #expect(attack.notes["winner"]?.prefix(3) == [0, 1, 1])
        #expect(attack.each?.classes == 2)
        #expect(
            attack.each?.isReached == [false, true, true, false, false, false, false, false])
        #expect(throws: FormatFault.self) {
            try study(
                attack: Self.attack(more: [
                    (("extra.winner", .f32, [3, 2]), Self.bytes([Float](repeating: 0, count: 6)))
                ]))
        }
        #expect(throws: FormatFault.self) {
            try study(attack: Self.attack(metadata: ["words": "{"]))
        }
    }

    @Test func damageIsSaid() throws {
        for column in ["adversarial", "eligible", "l2", "clean_class", "proposed_confidence"] {
            #expect(throws: FormatFault.self, "\(column)") {
                try study(attack: Self.attack(drop: column))
            }
        }
        #expect(
            throws: VisualizeFault.foreignSample(
                file: "result of attack-fgsm", sample: "999999999999",
                known: [
                    "sample/2.safetensors (\(Digest(of: Self.sample()).short))"
                ])
        ) { try study(attack: Self.attack(sample: String(repeating: "9", count: 64))) }
        #expect(throws: FormatFault.self) { try study(attack: Self.sample()) }
        let whole = Self.attack()
        for length in stride(from: 0, to: whole.count, by: 97) {
            #expect(throws: FormatFault.self) { try study(attack: Array(whole[..<length])) }
        }
    }

    @Test func curvesAreChecked() throws {
        let start = "{\"schema\":\"mirage.curve\",\"version\":1"
        let facts = try read(
            start
                + ",\"parameters\":5,\"architecture\":\"a\",\"epochs\":[{\"epoch\":1,\"test_loss\":0.5}],"
                + "\"confusion\":[[1,2],[3,4]],\"classes\":[\"0\",\"1\"]}")
        #expect(facts.parameters == 5 && facts.epochs[0].testLoss == 0.5)
        #expect(facts.confusion == [[1, 2], [3, 4]] && facts.test == nil)
        for text in [
            "{}", start + "}", start + ",\"parameters\":\"5\"}",
            start + ",\"parameters\":5,\"confusion\":[[0.5]]}",
            start + ",\"parameters\":5,\"epochs\":[{}]}",
        ] {
            #expect(throws: VisualizeFault.self, "\(text)") { try read(text) }
        }
        #expect(throws: FormatFault.self) { try read("{") }
    }

    private func read(_ text: String) throws -> NetworkFacts {
        try NetworkReader(MappedFile(copying: Array(text.utf8), named: "curve")).facts()
    }
}
