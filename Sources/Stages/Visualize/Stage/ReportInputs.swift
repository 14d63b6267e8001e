// What a report of an experiment is made of, from the config and from the experiment's nodes.

import Artifacts
import Formats
import Report
import StageKit

/// The inputs and the settings of one report.
struct ReportPlan {
    /// What is read.
    let inputs: [NodeInput]
    /// The same as the reader wants it.
    let contents: StudyReader.Contents
    /// How much is shown.
    let layout: ReportLayout
    private let config: Config

    init(_ config: Config, _ node: Node) throws {
        self.config = config
        var contents = StudyReader.Contents(experiment: node.experiment)
        var inputs: [NodeInput] = []
        func read(_ role: String, _ folder: String, _ file: String, from maker: String) {
            inputs.append(
                NodeInput(
                    role: role, name: node.artifact(folder, file), madeBy: node.command(maker)))
        }
        let fetched = node.siblings(ofKind: "fetch").first.map(Self.stem)
        if let dataset = config.isSet("dataset") ? try config.text("dataset") : fetched {
            contents.splits = try config.texts("splits")
            for split in contents.splits {
                read(
                    StudyReader.Role.split(split), "dataset", "\(dataset)-\(split).safetensors",
                    from: "fetch-\(dataset)")
            }
        }
        // Networks are trained here, or fetched by nodes that the config names.
        let shown = config.isSet("network") ? [try config.text("network")] : []
        let networks =
            node.siblings(ofKind: "train").map(Self.stem) + (try config.texts("fetched_networks"))
        let ordered = shown.filter(networks.contains) + networks.filter { !shown.contains($0) }
        for name in ordered {
            let (file, maker) = node.model(name, "curve.json")
            contents.networks.append(maker)
            inputs.append(
                NodeInput(
                    role: StudyReader.Role.curve(maker), name: file, madeBy: node.command(maker)))
        }
        for sample in node.siblings(ofKind: "sample") {
            let file = "\(Self.stem(sample)).safetensors"
            read(StudyReader.Role.sample(sample), "sample", file, from: sample)
            contents.samples.append((sample, node.artifact("sample", file)))
        }
        contents.predictions = node.siblings(ofKind: "predict")
        for prediction in contents.predictions {
            read(
                StudyReader.Role.prediction(prediction), "prediction",
                "\(Self.stem(prediction)).json", from: prediction)
        }
        let first = try config.texts("order").map { "attack-\($0)" }
        let attacks = node.siblings(ofKind: "attack")
        contents.attacks = first.filter(attacks.contains) + attacks.filter { !first.contains($0) }
        for attack in contents.attacks {
            read(
                StudyReader.Role.attack(attack), "attack", "\(Self.stem(attack)).safetensors",
                from: attack)
        }
        contents.transfers = node.siblings(ofKind: "transfer")
        for transfer in contents.transfers {
            read(
                StudyReader.Role.transfer(transfer), "transfer",
                "\(Self.stem(transfer)).safetensors", from: transfer)
        }
        for file in try config.texts("papers") {
            inputs.append(NodeInput(role: StudyReader.Role.paper(file), file: file))
            contents.papers.append(file)
        }
        var layout = ReportLayout()
        layout.gallery = try config.integer("gallery")
        layout.examples = try config.integer("examples")
        layout.failures = try config.integer("failures")
        self.inputs = inputs
        self.contents = contents
        self.layout = layout
    }

    /// The published table of the config; nil if it has none.
    func published() throws -> PublishedNoise? {
        let names = try config.texts("published_attacks")
        let columns = try ["published_mean", "published_max", "published_min"].map(config.numbers)
        let lengths = [names.count] + columns.map(\.count)
        guard Set(lengths).count == 1 else {
            throw VisualizeFault.raggedTable(file: config.file, lengths: lengths)
        }
        guard !names.isEmpty else { return nil }
        let rows = names.enumerated().map { row, name in
            let parts = name.split(separator: "@", maxSplits: 1).map(String.init)
            return PublishedNoise.Row(
                attack: parts.first ?? name, epsilon: parts.count > 1 ? Double(parts[1]) : nil,
                noise: Noise(mean: columns[0][row], max: columns[1][row], min: columns[2][row]))
        }
        let source = try config.text("published_source")
        return PublishedNoise(source: source.isEmpty ? "others" : source, rows: rows)
    }

    static func stem(_ node: String) -> String {
        String(node.drop { $0 != "-" }.dropFirst())
    }
}
