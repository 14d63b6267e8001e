// No value in a config may trap a program: every parameter of every stage at its ends and beyond them, of
// other kinds, huge, not a number, empty, and with signs that paths and shells take for their own.

import Artifacts
import AttackStage
import Attacks
import FetchStage
import Formats
import PredictStage
import SampleStage
import StageKit
import Tensors
import Testing
import TrainStage
import TransferStage
import VisualizeStage

@testable import AttackWork
@testable import TrainWork

@Suite struct ConfigFuzzTests {
    private static let texts = [
        "", " ", ".", "..", "../../etc/passwd", "/etc/passwd", "a/b", "a//", "-", "--seed", "none",
        "nan", "NaN", "inf", "-inf", "1e999", "0x1p-1080", "8/0", "0/0", "1/3", "-1/255",
        "1e400/1e400",
        "null", "true", "[]", "{}", "$(id)", "$$", "a\u{0}b", "a\nb", "\u{1F600}", "\u{202E}x",
        "%s%n",
        String(repeating: "9", count: 400), String(repeating: "é", count: 3000),
        "least-epsilon", "autoattack", "universal", "fgsm",
    ]

    private static let values: [JSON] =
        texts.map(JSON.string)
        + [
            .null, true, false, [:], [[]], ["a": 1], [[1]], [.null], [""], ["a", 1],
            0, 1, -1, 2, 7, 255, 1e-300, -0.0, 0.5, 1e9, 1e18, 1e19, 1e300, -1e300,
            .integer(.max), .integer(.min), .number(.greatestFiniteMagnitude),
            .number(.leastNonzeroMagnitude), .number(.infinity), .number(.nan),
            [0], [-1], [.number(.nan)], [1e300], [0.5, 0.5], [0, 1, 2], ["1/255", "8/0"],
            .array(Array(repeating: 0.1, count: 1000)),
        ]

    /// The ends of a parameter's own range, and the next values beyond them.
    private static func ends(of parameter: Parameter) -> [JSON] {
        switch parameter.kind {
        case .number(let range):
            [range.lowerBound, range.upperBound].flatMap {
                [.number($0), .number($0.nextUp), .number($0.nextDown)]
            }
        case .numbers(let range):
            [range.lowerBound, range.upperBound].flatMap {
                [[.number($0)], [.number($0.nextUp)], [.number($0), .number($0.nextDown)]]
            }
        case .integer(let range):
            [range.lowerBound, range.upperBound].flatMap {
                [.integer($0), .integer($0 &+ 1), .integer($0 &- 1), .number(Double($0))]
            }
        case .choice(let words): words.map(JSON.string)
        case .structure:
            [["conv"], ["relu"], [["dense": 2]], [["conv": 2, "kernel": 1e9]], ["a": "b"]]
        case .variants(let key, let variants):
            variants.flatMap { variant -> [JSON] in
                let start = Dictionary(
                    uniqueKeysWithValues: variant.parameters.filter { $0.defaultValue == nil }
                        .map { ($0.name, plain($0)) })
                return [[key: .string(variant.word)]]
                    + variant.parameters.flatMap { own in
                        (ends(of: own) + values).map {
                            .object(
                                start.merging([key: .string(variant.word), own.name: $0]) { $1 })
                        }
                    }
            }
        case .flag, .text, .texts: []
        }
    }

    /// A value that a parameter without a default takes.
    private static func plain(_ parameter: Parameter) -> JSON {
        switch parameter.kind {
        case .number(let range): .number(min(max(0.5, range.lowerBound), range.upperBound))
        case .numbers(let range): [.number(min(max(0.5, range.lowerBound), range.upperBound))]
        case .integer(let range): .integer(min(max(1, range.lowerBound), range.upperBound))
        case .choice(let words): .string(words[0])
        case .flag: true
        case .text: "a"
        case .texts: ["a"]
        case .structure: [["dense": 2]]
        case .variants(let key, let variants):
            .object(
                Dictionary(
                    uniqueKeysWithValues: variants[0].parameters.filter { $0.defaultValue == nil }
                        .map { ($0.name, plain($0)) }
                ).merging([key: .string(variants[0].word)]) { $1 })
        }
    }

    /// The outcome of all that a look at a node does; nil for a value that is taken.
    private func look<S: Stage>(
        _ stage: S.Type, _ json: JSON, _ further: (Config) throws -> Void
    ) -> StageFault? {
        let node = Node(
            experiment: "mnist", name: "\(S.kind)-fuzz",
            siblings: ["train-a", "fetch-b", "sample-s"])
        do {
            let config = try S.schema(json).resolve(json, file: "fuzz.json")
            _ = try (S.inputs(config, node), S.outputs(config, node))
            _ = S.present([:], config)
            try further(config)
            return nil
        } catch {
            return StageFault(error)
        }
    }

    /// Every parameter of a schema with every value, one at a time.
    private func fuzz<S: Stage>(
        _ stage: S.Type, from start: [String: JSON], _ further: (Config) throws -> Void = { _ in }
    ) throws {
        let schema = try S.schema(.object(start))
        var base = start
        for parameter in schema.parameters
        where parameter.defaultValue == nil && base[parameter.name] == nil {
            base[parameter.name] = Self.plain(parameter)
        }
        var (taken, refused) = (0, 0)
        for parameter in schema.parameters {
            let isRepeated = start[parameter.name] != nil
            for value in Self.ends(of: parameter) + Self.values where !isRepeated {
                var members = base
                members[parameter.name] = value
                let fault = look(stage, .object(members), further)
                if let fault {
                    refused += 1
                    #expect(
                        [.usage, .badData, .missingInput].contains(fault.code),
                        "\(schema.name), \(parameter.name) = \(Shown.text("\(value)")): \(fault)")
                    #expect(fault.description.utf8.count < 20_000)
                } else {
                    taken += 1
                }
                if case .flag = parameter.kind {
                    #expect((fault == nil) == (value.bool != nil || isAbsent(value, parameter)))
                }
            }
        }
        // The schema itself: a key that is none, and what is no object.
        #expect(look(stage, .object(base.merging(["zzz": 1]) { $1 }), further)?.code == .badData)
        for value in Self.values where value.object == nil {
            #expect(look(stage, value, further)?.code == .badData)
        }
        #expect(taken > 0 && refused > 10 * schema.parameters.count - 20, "\(schema.name)")
    }

    private func isAbsent(_ value: JSON, _ parameter: Parameter) -> Bool {
        value == .null && parameter.defaultValue == .null
    }

    @Test func nothingInATrainingTraps() throws {
        for optimiser in ["sgd", "adam"] {
            for schedule in ["linear", "piecewise", "cyclic"] {
                for epochs: JSON in [0, 2] {
                    try fuzz(
                        TrainStage.self,
                        from: [
                            "optimizer": .string(optimiser), "schedule": .string(schedule),
                            "epochs": epochs, "architecture": "softmax-regression",
                        ]
                    ) { config in
                        let settings = try TrainComputation.settings(of: config)
                        for step in [0, 1, 9] {
                            _ = settings.schedule.rate(
                                inEpoch: 0, of: max(1, settings.epochs), step: step, of: 10)
                        }
                    }
                }
            }
        }
        try fuzz(TrainStage.self, from: ["epochs": 1])
        for value in Self.values {
            for key in ["optimizer", "schedule", "epochs"] {
                _ = look(TrainStage.self, .object([key: value])) { _ in }
            }
        }
    }

    @Test func nothingInTheOtherStagesTraps() throws {
        try fuzz(SampleStage.self, from: [:])
        try fuzz(PredictStage.self, from: [:])
        try fuzz(TransferStage.self, from: [:])
        try fuzz(VisualizeStage.self, from: [:])
        for start: [String: JSON] in [
            ["dataset": "mnist"], ["dataset": "imagenet"], ["network": "vgg16"],
        ] {
            _ = look(FetchStage.self, .object(start)) { _ in }
            for key in ["dataset", "network", "weights", "images"] {
                for value in Self.values {
                    let fault = look(
                        FetchStage.self, .object(start.merging([key: value]) { $1 })
                    ) { _ in }
                    #expect(
                        fault.map { [.usage, .badData, .missingInput].contains($0.code) } ?? true,
                        "\(key) = \(value): \(String(describing: fault))")
                }
            }
        }
    }

    /// Every attack, and every attack that another runs, up to the driver's own checks.
    @Test(.timeLimit(.minutes(5)), arguments: AttackCatalogue.all.map { $0.name })
    func nothingInAnAttackTraps(name: String) throws {
        let kind = try AttackCatalogue.named(name)
        let network = NoNetwork(classes: 3, imageShape: [1, 5, 5])
        var starts: [[String: JSON]] = [["attack": .string(name), "goal": "untargeted"]]
        let inner = kind.settings.compactMap { setting -> [String]? in
            if setting.name == "of", case .choice(let words) = setting.kind { words } else { nil }
        }.first
        for word in inner ?? [] where word != name {
            starts.append(["attack": .string(name), "goal": "untargeted", "of": .string(word)])
        }
        for start in starts {
            try fuzz(AttackStage.self, from: start) { config in
                do {
                    let threat = try AttackComputation.threatModel(
                        config, kind, classes: network.classes)
                    let attack = kind.init(try AttackComputation.settings(of: kind, in: config))
                    _ = try AttackDriver(threat).run(
                        attack, on: network, images: Tensor(shape: [0, 1, 5, 5]), labels: [],
                        keys: [])
                } catch is AttackFault {
                    // What the stage reports as bad data.
                }
            }
        }
    }

    /// An attack within itself is no choice, and says what is; whatever looks at the config goes on.
    @Test func anAttackWithinItselfIsRefused() {
        let json: JSON = [
            "attack": "least-epsilon", "of": "least-epsilon", "model": "m", "sample": "s",
            "goal": "untargeted",
        ]
        let fault = look(AttackStage.self, json) { _ in }
        #expect(fault?.code == .badData)
        #expect(
            fault?.description.hasPrefix("of: \"least-epsilon\" is none of ") == true,
            "\(String(describing: fault))")
    }

    /// The same by flags, which are texts.
    @Test func noFlagTraps() throws {
        for (stage, base) in [
            (TrainStage.self, ["epochs": 1, "dataset": "a", "architecture": "softmax-regression"]),
            (
                AttackStage.self,
                ["attack": "pgd", "model": "m", "sample": "s", "goal": "untargeted"]
            ),
            (SampleStage.self, ["dataset": "a", "seed": 1]),
            (TransferStage.self, ["sample": "s", "attacks": ["a"], "models": ["m"]]),
        ] as [(any Stage.Type, [String: JSON])] {
            let schema = try stage.schema(.object(base))
            for parameter in schema.parameters {
                for text in Self.texts + ["1,2,,3", ",", "1;2", "-5", "1e3", "٣"] {
                    do {
                        _ = try schema.resolve(
                            .object(base), overrides: [parameter.name: text], file: "fuzz.json")
                    } catch {
                        let fault = StageFault(error)
                        #expect([.usage, .badData].contains(fault.code), "\(fault)")
                    }
                }
            }
        }
    }
}
