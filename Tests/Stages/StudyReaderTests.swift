// What the report's stage reads of the artifacts, column by column, against what the stages write.

import Artifacts
import AttackStage
import Formats
import Report
import SampleStage
import StageKit
import StageWork
import StudyReading
import Testing
import VisualizeStage

@testable import VisualizeWork

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

    @Test func theAnswersAlongALineArriveAndAreChecked() throws {
        #expect(try #require(try study().attacks.first).line == nil)
        func line(_ classes: [Int64], _ shape: [Int] = [2, 3, 2], up: Int = 8) throws -> AnswerLine?
        {
            let confidences = (0..<classes.count).map { Float($0) / 16 }
            return try study(
                attack: Self.attack(more: [
                    (("answers.epsilon", .f32, [3]), Self.bytes([0, 0.125, 0.25] as [Float])),
                    (("answers.class", .i64, shape), Self.bytes(classes)),
                    (("answers.confidence", .f32, shape), Self.bytes(confidences)),
                    (("answers.up", .u8, [2, 1, up / 4, 2]), Array(repeating: 1, count: up)),
                    (("answers.down", .u8, [2, 1, 2, 2]), [0, 1, 0, 0, 0, 0, 0, 0]),
                ])
            ).attacks.first?.line
        }
        let found = try #require(try line([1, 0, 1, 0, 0, 1, -1, -1, -1, -1, -1, -1]))
        #expect(found.epsilons == [0, 0.125, 0.25] && found.answers[1].isEmpty)
        #expect(found.answers[0].map { $0.map(\.label) } == [[1, 0], [1, 0], [0, 1]])
        #expect(found.answers[0][2].map(\.confidence) == [0.25, 0.3125])
        #expect(found.up.count == 8 && found.down[1] == 1)
        let classes: [Int64] = Array(repeating: 0, count: 8)
        #expect(throws: FormatFault.self) { try line(classes, [2, 2, 2]) }
        #expect(throws: FormatFault.self) {
            try line(Array(repeating: 0, count: 12), up: 16)
        }
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
            throws: ReadingFault.foreignSample(
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
            #expect(throws: ReadingFault.self, "\(text)") { try read(text) }
        }
        #expect(throws: FormatFault.self) { try read("{") }
    }

    @Test func aCurveMayTellWhatStandsWhenMoved() throws {
        let start = #"{"schema":"mirage.curve","version":1,"parameters":5,"epochs":[{"epoch":1"#
        let facts = try read(
            start
                + #","robust_accuracy":0.75}],"robust_test":{"epsilon":0.3,"steps":20,"images":8}}"#
        )
        #expect(facts.epochs[0].robustAccuracy == 0.75)
        #expect(facts.robustTest?.epsilon == 0.3 && facts.robustTest?.images == 8)
        #expect(try read(start + "}]}").robustTest == nil)
        #expect(throws: ReadingFault.self) { try read(start + #"}],"robust_test":{"steps":1}}"#) }
    }

    private func read(_ text: String) throws -> NetworkFacts {
        try NetworkReader(MappedFile(copying: Array(text.utf8), named: "curve")).facts()
    }
}
