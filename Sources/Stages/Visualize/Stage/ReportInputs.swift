// What a report of an experiment reads: everything that the experiment's nodes made.

import Artifacts
import StageKit
import StudyReading
import VisualizeWork

/// The inputs of one report, in the order in which the page shows them.
struct ReportInputs {
    private let node: Node
    /// Data set, networks with their weights, samples, predictions, attacks, transfers, published tables.
    private(set) var all: [NodeInput] = []

    init(_ config: Config, _ node: Node) throws {
        self.node = node
        let fetched = node.siblings(ofKind: "fetch").first.map(NodeName.stem)
        if let dataset = config.isSet("dataset") ? try config.text("dataset") : fetched {
            for split in try config.texts("splits") {
                all.append(node.dataset(dataset, split, role: ReportRole.split(split)))
            }
        }
        // Networks are trained or fitted here, or fetched by nodes that the config names.
        let shown = config.isSet("network") ? [try config.text("network")] : []
        let networks =
            (node.siblings(ofKind: "train") + node.siblings(ofKind: "fit")).map(NodeName.stem)
            + (try config.texts("fetched_networks"))
        for name in shown.filter(networks.contains) + networks.filter({ !shown.contains($0) }) {
            all.append(node.model(name, "curve.json") { ReportRole.curve.of($0) })
            all.append(node.model(name) { ReportRole.weights.of($0) })
        }
        for sample in node.siblings(ofKind: "sample") {
            read(.sample, "sample", "safetensors", of: sample)
        }
        for prediction in node.siblings(ofKind: "predict") {
            read(.prediction, "prediction", "json", of: prediction)
        }
        let first = try config.texts("order").map { "attack-\($0)" }
        let attacks = node.siblings(ofKind: "attack")
        for attack in first.filter(attacks.contains) + attacks.filter({ !first.contains($0) }) {
            read(.attack, "attack", "safetensors", of: attack)
        }
        for transfer in node.siblings(ofKind: "transfer") {
            read(.transfer, "transfer", "safetensors", of: transfer)
        }
        for file in try config.texts("papers") {
            all.append(NodeInput(role: ReportRole.paper.of(file), file: file))
        }
    }

    /// The artifact of a node that is called as the node's stem.
    private mutating func read(
        _ role: ReportRole, _ folder: String, _ suffix: String, of maker: String
    ) {
        let file = "\(NodeName.stem(maker)).\(suffix)"
        all.append(node.input(role.of(maker), folder, file, madeBy: maker))
    }
}
