// `stage-attack`: its settings, what it reads and makes, and what it says.

import Artifacts
import AttackWork
import Attacks
import Formats
import StageKit
import StageWork

/// `stage-attack`: model, sample and config in, adversarial images and records out, as tensors and as a table.
package enum AttackStage: Stage {
    package typealias Computation = AttackComputation

    package static let kind = "attack"
    package static let summary =
        "Attack a classifier on a sample and record what happened to every image."
    /// Examples, and the settings of every attack.
    package static var discussion: String {
        """
        EXAMPLES
          stage-attack --list               all attacks, a line each
          stage-attack --help fgsm          one of them: how it works, settings, paper
          stage-attack --node attack-fgsm --epsilons 8/255,0.1
          stage-attack --node attack-pgd --goal fixed --target 3

        SETTINGS of every attack, from the config, each also a flag:
        """ + "\n"
            + ((try? schema(.object([:])))?.parameters ?? []).map(line).joined(separator: "\n")
    }

    /// A setting on one line, `  --norm      linf | l2 | l1 | l0: how size is measured`; the attacks
    /// themselves are too many for one.
    private static func line(_ parameter: Parameter) -> String {
        let space = String(repeating: " ", count: max(1, 12 - parameter.flag.count))
        var words = ""
        if case .choice = parameter.kind, parameter.name != "attack" {
            words = parameter.domain + ": "
        }
        return "  \(parameter.flag)\(space)\(words)\(parameter.help)"
    }

    /// The settings common to all attacks and those of the one that the config names.
    package static func schema(_ json: JSON) throws -> Schema {
        let named = json["attack"]?.string.flatMap { try? AttackCatalogue.named($0) }
        let norm = json["norm"]?.string.flatMap(Norm.init) ?? named?.norms[0] ?? .linf
        let common = [
            Parameter(
                "attack", .choice(AttackCatalogue.all.map { $0.name }), help: "the attack"),
            Parameter("model", .text, help: "the model, as made by train-<model> or fetch-<model>"),
            Parameter(
                "sample", .text, help: "the sample, of sample-<sample> or a .safetensors file"),
            Parameter(
                "norm", .choice(Norm.allCases.map(\.rawValue)), default: .null,
                help: "how size is measured; default: its own"),
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
            Parameter(
                "mask", .text, default: .null,
                help: "PNG, white where pixels may change, black elsewhere; or 1 and 0"),
            Parameter(
                "channel_bounds", .structure, default: .null, unit: "pixels, 0…1",
                help: "[low, high] for each channel, in place of 0 and 1"),
        ]
        guard let attack = named else { return Schema("attack", common) }
        // What a setting chooses may bring names that are taken, such as an attack within itself: then the
        // schema says what is wrong with that choice, and lists no name twice.
        var taken = Set(common.map(\.name))
        let own = attack.settings { json[$0]?.string }.filter { taken.insert($0.name).inserted }
        return Schema("attack \(attack.name)", common + own.map(Parameter.init))
    }

    /// None: those of all attacks are among the examples, and `--help NAME` has an attack's own.
    package static var helpSchemas: [Schema] { [] }

    /// The model, the sample and the mask.
    package static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        [node.model(try config.text("model")) { _ in "model" }, try sample(config, node)]
            + (try mask(config))
    }

    /// A sample of the experiment, or one of the user's own, such as a page's "Try it" hands out.
    private static func sample(_ config: Config, _ node: Node) throws -> NodeInput {
        let name = try config.text("sample")
        guard name.hasSuffix(".safetensors") else { return node.sample(name) }
        return NodeInput(role: "sample", file: name, limit: sampleLimit)
    }

    /// The most bytes that a sample of the user's own may have.
    private static let sampleLimit = 4 << 30

    private static func mask(_ config: Config) throws -> [NodeInput] {
        guard config.isSet("mask") else { return [] }
        return [
            NodeInput(
                role: AttackLimits.role, file: try config.text("mask"), limit: PixelMask.fileLimit)
        ]
    }

    package static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        ["safetensors", "csv"].map { node.artifact("attack", "\(node.stem).\($0)") }
    }
}

extension Parameter {
    /// An attack's own setting as a key of its config.
    fileprivate init(_ setting: SettingDescription) {
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
