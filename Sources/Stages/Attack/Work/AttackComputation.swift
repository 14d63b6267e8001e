// Attacks a network on a sample: the adversarial images, and what became of every one.

import Attacks
import Datasets
import Formats
import Networks
import StageNetworks
import StageWork
import Synchronization
import Tensors

/// Reads the roles `model`, `sample` and, where the config names one, `mask`; writes one artifact of the schema
/// mirage.attack, and the same as a table.
package enum AttackComputation: StageComputation {
    package static let codeDigest = CodeDigest.value

    package static func run(
        _ config: any ResolvedConfig, _ work: any Workspace
    ) throws -> JSON {
        do {
            return try attack(config, work)
        } catch let fault as AttackFault {
            // What an attack refuses is said of its settings, and it does not know where they stand.
            throw StageFault(fault, in: config.file)
        }
    }

    private static func attack(
        _ config: any ResolvedConfig, _ work: any Workspace
    ) throws -> JSON {
        let kind = try AttackCatalogue.named(config.text("attack"))
        try requireDistinctEpsilons(config)
        let model = try SafeTensors(work.open("model"))
        let network = try Network(reading: model, engine: work.engine)
        let sample = try SafeTensors(work.open("sample"))
        let images = try LabelledImages(reading: sample, as: "mirage.sample")
        try network.check(model: model, sample: sample, config: config.file)
        let labels = try labels(of: images, for: network, config)
        var threat = try threatModel(config, kind, classes: network.classes)
        let limits = try AttackLimits(config, for: network.imageShape, work)
        threat.limits = limits.pixels
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
        log.report([
            "eligible": .integer(Int64(result.isEligible.count { $0 })),
            "seconds": .number(seconds),
        ])
        try write(
            result, config, sample: sample, limits: limits,
            predictedLabels: labels.isPredicted.count { $0 }, work)
        try AttackTable(result, of: kind, on: images)
            .write(to: work.create(work.output(endingIn: ".csv")))
        return AttackSummary(
            result, attack: kind, forwardOperations: network.forwardFLOPs,
            predictedLabels: labels.isPredicted.count { $0 }, limits: limits
        ).json
    }

    /// A budget that is listed twice would be run twice, and be two points of one curve. They are compared
    /// as the attack sees them, as floats.
    private static func requireDistinctEpsilons(_ config: any ResolvedConfig) throws {
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
        of images: LabelledImages, for network: Network, _ config: any ResolvedConfig
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
        _ config: any ResolvedConfig, _ kind: any Attack.Type, classes: Int
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
        of kind: any Attack.Type, in config: any ResolvedConfig
    ) throws -> SettingValues {
        let settings = kind.settings { try? config.text($0) }
        var values: [String: SettingDescription.Value] = [:]
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
