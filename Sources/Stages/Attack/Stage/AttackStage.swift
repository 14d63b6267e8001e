// Attacks a network on a sample and stores the adversarial images with a full record.

import Artifacts
import Attacks
import Datasets
import Formats
import Networks
import StageKit
import StageNetworks
import Synchronization
import Tensors

/// The generated constant, under a name that the stage's own property does not hide.
private let digestOfSources = codeDigest

/// `stage-attack`: model, sample and config in, adversarial images and records out.
public enum AttackStage: Stage {
    /// "attack".
    public static let kind = "attack"
    /// One line.
    public static let summary =
        "Attack a classifier on a sample and record what happened to every image."
    /// The digest of this stage's sources.
    public static let codeDigest = digestOfSources
    /// Examples.
    public static var discussion: String {
        """
        EXAMPLES
          stage-attack --config pipeline/mnist/attack-fgsm.json
          stage-attack --config pipeline/mnist/attack-fgsm.json --epsilons 2/255,8/255,0.1
          stage-attack --config pipeline/mnist/attack-noise-l2.json --goal fixed --target 3

        ATTACKS
        """ + "\n"
            + AttackCatalogue.all.map { "  \($0.name): \($0.summary)" }.joined(separator: "\n")
    }

    /// The settings common to all attacks and those of the one that the config names.
    public static func schema(_ json: JSON) throws -> Schema {
        let named = json["attack"]?.string.flatMap { try? AttackCatalogue.named($0) }
        let norm = json["norm"]?.string.flatMap(Norm.init) ?? named?.norms[0] ?? .linf
        let common = [
            Parameter(
                "attack", .choice(AttackCatalogue.all.map { $0.name }), help: "the attack"),
            Parameter("model", .text, help: "the model, as made by train-<model> or fetch-<model>"),
            Parameter("sample", .text, help: "the sample, as drawn by sample-<sample>"),
            Parameter(
                "norm", .choice(Norm.allCases.map(\.rawValue)), default: .null,
                help: "how size is measured; default: the attack's own"),
            Parameter(
                "epsilons", .numbers(norm == .linf ? 0...1 : 0...1e6), default: [],
                unit: norm == .linf ? "pixels, 0…1" : norm == .l0 ? "values" : "pixel units",
                help: "the budgets in that norm, for attacks that work within one"),
            Parameter("goal", .choice(Goal.names), help: "what counts as fooled"),
            Parameter(
                "labels", .choice(["true", "predicted"]), default: "true",
                help:
                    "the class to get away from: the sample's own (where it is unknown, the predicted one), or always what the network answers"
            ),
            Parameter(
                "target", .integer(0...Int64(Int32.max)), default: .null,
                help: "the class to reach with the goal fixed"),
            Parameter(
                "seed", .integer(0...Int64.max), default: 1,
                help: "random draws, keyed by the image's index"),
            Parameter(
                "restarts", .integer(1...10_000), default: 1, unit: "runs",
                help: "tries of an attack with random draws, as long as a sample stands"),
        ]
        guard let attack = named else { return Schema("attack", common) }
        // What a setting chooses may bring names that are taken, such as an attack within itself: then the
        // schema says what is wrong with that choice, and lists no name twice.
        var taken = Set(common.map(\.name))
        let own = attack.settings { json[$0]?.string }.filter { taken.insert($0.name).inserted }
        return Schema("attack \(attack.name)", common + own.map(Parameter.init))
    }

    /// One schema an attack.
    public static var helpSchemas: [Schema] {
        AttackCatalogue.all.compactMap { try? schema(["attack": .string($0.name)]) }
    }

    /// The model and the sample.
    public static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        let sample = try config.text("sample")
        let (model, maker) = node.model(try config.text("model"))
        return [
            NodeInput(role: "model", name: model, madeBy: node.command(maker)),
            NodeInput(
                role: "sample", name: node.artifact("sample", "\(sample).safetensors"),
                madeBy: node.command("sample-\(sample)")),
        ]
    }

    /// One file.
    public static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        [node.artifact("attack", "\(node.stem).safetensors")]
    }

    /// Attacks.
    public static func run(_ config: Config, _ node: Node, _ work: Workspace) throws -> JSON {
        do {
            return try attack(config, node, work)
        } catch let fault as AttackFault {
            // What an attack refuses is said of its settings, and it does not know where they stand.
            throw StageFault(fault, in: config.file)
        }
    }

    private static func attack(_ config: Config, _ node: Node, _ work: Workspace) throws -> JSON {
        let kind = try AttackCatalogue.named(config.text("attack"))
        try requireDistinctEpsilons(config)
        let model = try SafeTensors(work.open("model"))
        let network = try Network(reading: model, engine: work.engine)
        let sample = try SafeTensors(work.open("sample"))
        let images = try LabelledImages(reading: sample, as: "mirage.sample")
        try network.check(model: model, sample: sample, config: config.file)
        let labels = try labels(of: images, for: network, config)
        let threat = try threatModel(config, kind, classes: network.classes)
        let done = Mutex(0)
        let log = work.log
        let clock = ContinuousClock()
        let start = clock.now
        let result = try AttackDriver(threat).run(
            kind.init(try settings(of: kind, in: config)),
            on: network,
            images: images.images, labels: labels.all,
            keys: try keys(of: sample)
        ) { total in
            done.withLock { done in
                done += 1
                log.progress(done: done, of: total, label: "samples")
            }
        }
        let seconds = (clock.now - start) / .seconds(1)
        log.line(
            "\(result.isEligible.count { $0 }) images attacked and judged in "
                + "\(TextTable.number(seconds, decimals: 3)) s")
        try write(
            result, config, node, sample: sample, predictedLabels: labels.isPredicted.count { $0 },
            work)
        return Summary(
            result, attack: kind, forwardOperations: network.forwardOperations,
            predictedLabels: labels.isPredicted.count { $0 }
        ).json
    }

    /// A budget that is listed twice would be run twice, and be two points of one curve. They are compared
    /// as the attack sees them, as floats.
    private static func requireDistinctEpsilons(_ config: Config) throws {
        var seen: [Float: Int] = [:]
        for (place, epsilon) in try config.numbers("epsilons").enumerated() {
            if let earlier = seen.updateValue(place, forKey: Float(epsilon)) {
                throw StageFault(
                    .badData,
                    "\(config.file): epsilons lists \(Float(epsilon)) twice, in places "
                        + "\(earlier + 1) and \(place + 1)", remedy: "list each budget once")
            }
        }
    }

    /// The classes to get away from; the network's own answers where the config or the sample
    /// has no better ones.
    private static func labels(
        of images: LabelledImages, for network: Network, _ config: Config
    ) throws -> (all: [Int], isPredicted: [Bool]) {
        let always = try config.text("labels") == "predicted"
        let isPredicted = images.labels.map { always || $0 == LabelledImages.unknown }
        guard isPredicted.contains(true) else { return (images.labels, isPredicted) }
        let answers = try network.answers(to: images.images)
        let labels = images.labels.indices.map { isPredicted[$0] ? answers[$0] : images.labels[$0] }
        return (labels, isPredicted)
    }

    private static func keys(of sample: SafeTensors) throws -> [Int] {
        try sample.int64s("indices", shape: [nil]).map(Int.init)
    }

    static func threatModel(
        _ config: Config, _ kind: any Attack.Type, classes: Int
    ) throws -> ThreatModel {
        let norm = config.isSet("norm") ? Norm(rawValue: try config.text("norm")) : nil
        return ThreatModel(
            norm: norm ?? kind.norms[0],
            epsilons: try config.numbers("epsilons").map { Float($0) },
            goal: try Goal(
                name: config.text("goal"),
                target: config.isSet("target") ? config.integer("target") : nil, classes: classes),
            seed: UInt64(try config.integer("seed")), restarts: try config.integer("restarts"))
    }

    static func settings(
        of kind: any Attack.Type, in config: Config
    ) throws -> SettingValues {
        let settings = kind.settings { try? config.text($0) }
        var values: [String: Setting.Value] = [:]
        for setting in settings {
            values[setting.name] =
                switch setting.kind {
                case .number: .number(try config.number(setting.name))
                case .integer: .integer(try config.integer(setting.name))
                case .choice: .text(try config.text(setting.name))
                case .flag: .flag(try config.flag(setting.name))
                }
        }
        return SettingValues(settings, values)
    }
}

extension Parameter {
    /// An attack's own setting as a key of its config.
    fileprivate init(_ setting: Setting) {
        let standard: JSON =
            switch setting.standard {
            case .number(let value): .number(value)
            case .integer(let value): .integer(Int64(value))
            case .text(let value): .string(value)
            case .flag(let value): .bool(value)
            }
        let kind: Kind =
            switch setting.kind {
            case .number(let range): .number(range)
            case .integer(let range): .integer(Int64(range.lowerBound)...Int64(range.upperBound))
            case .choice(let words): .choice(words)
            case .flag: .flag
            }
        self.init(setting.name, kind, default: standard, unit: setting.unit, help: setting.help)
    }
}
