// What a report of an experiment reads: everything that the experiment's nodes made, except the weights.

import Artifacts
import Formats
import StageKit
import VisualizeWork

/// The inputs of one report, in the order in which the page shows them.
struct ReportInputs {
    private let node: Node
    /// Data set, networks, samples, predictions, attacks, transfers, published tables.
    private(set) var all: [NodeInput] = []

    init(_ config: Config, _ node: Node) throws {
        self.node = node
        let fetched = node.siblings(ofKind: "fetch").first.map(NodeName.stem)
        if let dataset = config.isSet("dataset") ? try config.text("dataset") : fetched {
            for split in try config.texts("splits") {
                read(
                    ReportRole.split(split), "dataset", "\(dataset)-\(split).safetensors",
                    from: "fetch-\(dataset)")
            }
        }
        // Networks are trained here, or fetched by nodes that the config names.
        let shown = config.isSet("network") ? [try config.text("network")] : []
        let networks =
            node.siblings(ofKind: "train").map(NodeName.stem)
            + (try config.texts("fetched_networks"))
        for name in shown.filter(networks.contains) + networks.filter({ !shown.contains($0) }) {
            let (file, maker) = node.model(name, "curve.json")
            all.append(
                NodeInput(
                    role: ReportRole.curve.of(maker), name: file, madeBy: node.command(maker)))
        }
        for sample in node.siblings(ofKind: "sample") {
            read(.sample, "sample", "safetensors", of: sample)
        }
        for prediction in node.siblings(ofKind: "predict") {
            read(.prediction, "prediction", "json", of: prediction)
        }
        let first = try config.texts("order").map { "attack-\($0)" }
        let attacks = node.siblings(ofKind: "attack")
        // A node by itself knows of no others.
        if let odd = first.first(where: { !attacks.contains($0) }), !node.siblings.isEmpty {
            throw StageFault(
                .badData,
                "\(config.file): order: \(node.experiment) has no node \(Shown.text(odd))",
                remedy: Spelling.nearest(to: odd, among: attacks).map {
                    "did you mean \(NodeName.stem($0))?"
                } ?? "its attacks are \(attacks.map(NodeName.stem).joined(separator: ", "))")
        }
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

    private mutating func read(
        _ role: String, _ folder: String, _ file: String, from maker: String
    ) {
        all.append(
            NodeInput(role: role, name: node.artifact(folder, file), madeBy: node.command(maker)))
    }

    /// The artifact of a node that is called as the node's stem.
    private mutating func read(
        _ role: ReportRole, _ folder: String, _ suffix: String, of maker: String
    ) {
        read(role.of(maker), folder, "\(NodeName.stem(maker)).\(suffix)", from: maker)
    }
}
