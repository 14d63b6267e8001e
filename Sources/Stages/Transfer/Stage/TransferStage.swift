// `stage-transfer`: its settings, what it reads and makes, and what it says.

import Artifacts
import Formats
import StageKit
import StageWork
import TransferWork

/// `stage-transfer`: attacks, models and a sample in, the answer of every model to every image out.
package enum TransferStage: Stage {
    package typealias Computation = TransferComputation

    package static let kind = "transfer"
    package static let summary = "Show the adversarial images of attacks to other networks."
    package static let discussion = """
        EXAMPLES
          stage-transfer --experiment papers --node transfer-szegedy
          stage-transfer --experiment papers --node transfer-szegedy --models fc100,fc200

        The images are those that the attacks stored: at each of their epsilons, and for an image that
        an attack could not turn, the untouched original.
        """

    package static func schema(_ json: JSON) throws -> Schema {
        Schema(
            "transfer",
            [
                Parameter("sample", .text, help: "the sample that all the attacks started from"),
                Parameter("attacks", .texts, help: "the attacks, as run by attack-<name>"),
                Parameter(
                    "models", .texts,
                    help: "the models that answer, as made by train-<name> or fetch-<name>"),
            ])
    }

    /// The sample, and what the attacks and the trainings made.
    package static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        let (attacks, models) = (try config.texts("attacks"), try config.texts("models"))
        for (key, names) in [("attacks", attacks), ("models", models)] {
            try requireSound(names, key, config)
        }
        return [node.sample(try config.text("sample"))]
            + attacks.map { node.attack($0, role: "attack \($0)") }
            + models.map { model in node.model(model) { _ in "model \(model)" } }
    }

    private static func requireSound(_ names: [String], _ key: String, _ config: Config) throws {
        guard !names.isEmpty else {
            throw StageFault(
                .usage, "\(config.file): \(key) is an empty list", remedy: "name at least one")
        }
        var seen: Set<String> = []
        if let twice = names.first(where: { !seen.insert($0).inserted }) {
            throw StageFault(
                .usage, "\(config.file): \(key) names \(twice) twice", remedy: "name each once")
        }
    }

    package static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        [node.artifact("transfer", "\(node.stem).safetensors")]
    }

    /// The share of the successes that each model misreads, attack by attack.
    package static func present(_ summary: JSON, _ config: Config) -> [String] {
        let models = (summary["models"]?.array ?? []).compactMap(\.string)
        var table = TextTable(["attack", "epsilon", "images"] + models)
        for row in summary["rows"]?.array ?? [] {
            let images = row["images"]?.int ?? 0
            let wrong = (row["wrong"]?.array ?? []).map { $0.int ?? 0 }
            table.add(
                [
                    row["attack"]?.string ?? "",
                    row["epsilon"]?.double.map { $0.description } ?? "least", "\(images)",
                ]
                    + wrong.map {
                        TextTable.percent(images > 0 ? Double($0) / Double(images) : nil)
                    })
        }
        let unlabelled = summary["unlabelled"]?.int ?? 0
        let note =
            unlabelled == 0
            ? []
            : [
                "\(unlabelled) of \(summary["sample"]?.int ?? 0) images have no label: misread there "
                    + "means another answer than that of the network which was attacked, on the "
                    + "untouched image"
            ]
        return ["adversarial images that each network misreads"] + table.lines + note
    }
}
