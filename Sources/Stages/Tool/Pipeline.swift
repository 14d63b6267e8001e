// An experiment as a whole: its nodes in the order in which they are made, and who reads what from
// whom. Read from the stages themselves, so that the picture is what really happens.

import Artifacts
import Formats
import StageKit

/// The nodes of one experiment.
public struct Pipeline {
    /// The experiment's name.
    public let experiment: String
    /// The nodes as they stand, makers before readers.
    public private(set) var nodes: [Inspection]

    /// Looks at all nodes of an experiment.
    /// - Throws: `StageFault` when there is no such experiment, a config of no known stage, or
    ///   a value for a node that does not exist.
    public init(
        _ experiment: String, stages: [any Stage.Type], store: Store, overrides: Overrides
    ) throws {
        self.experiment = experiment
        let described = try Experiment(experiment)
        let names = described.nodes
        guard !names.isEmpty else { throw Pipeline.nothing(in: experiment) }
        try Pipeline.check(overrides, of: described)
        var found: [Inspection] = []
        for stage in stages {
            for (name, config) in described.configs.sorted(by: { $0.key < $1.key }) {
                let node = Node(
                    experiment: experiment, name: name, siblings: names, artifacts: store.root)
                if node.kind == stage.kind {
                    found.append(stage.inspect(node, config, in: store, overrides: overrides))
                }
            }
        }
        let known = Set(found.map(\.node.name))
        if let odd = names.first(where: { !known.contains($0) }) {
            throw Pipeline.noStage(described.configs[odd]?.name ?? odd, stages)
        }
        nodes = found
        try refuseSharedOutputs()
        nodes = nodes.map(withoutOthersInputs)
    }

    /// Refuses values for nodes that an experiment does not have.
    /// - Throws: `StageFault` with exit code 64.
    static func check(_ overrides: Overrides, of described: Experiment) throws {
        let (experiment, names) = (described.name, described.nodes)
        guard let odd = overrides.nodes.subtracting(names).min() else {
            return try overrides.checkGroups(described.configs)
        }
        throw StageFault(
            .usage, "SET: \(Shown.text(odd)) is no node of \(experiment)",
            remedy: Spelling.nearest(to: odd, among: names).map { "did you mean \($0)?" }
                ?? "its nodes are \(names.joined(separator: ", "))")
    }

    static func nothing(in experiment: String) -> StageFault {
        let all = (try? Experiment.all()) ?? []
        guard !all.contains(experiment) else {
            return StageFault(
                .badData, "\(NodeFinder.folder)/\(experiment)/ has no nodes",
                remedy: "add one, or correct what its \(ExperimentFile.name) keeps and drops")
        }
        return StageFault(
            .missingInput, "There is no experiment \(NodeFinder.folder)/\(experiment)/",
            remedy: Spelling.nearest(to: experiment, among: all).map { "did you mean \($0)?" }
                ?? "there are: \(all.joined(separator: " "))")
    }

    static func noNode(_ node: String, of experiment: String, _ names: [String]) -> StageFault {
        StageFault(
            .usage, "\(experiment) has no node \(Shown.text(node))",
            remedy: Spelling.nearest(to: node, among: names).map { "did you mean \($0)?" }
                ?? "there are: \(names.joined(separator: ", "))")
    }

    static func noStage(_ config: String, _ stages: [any Stage.Type]) -> StageFault {
        StageFault(
            .badData, "\(config) belongs to no stage",
            remedy: "a node's name must begin with one of "
                + stages.map { $0.kind }.joined(separator: ", "))
    }

    /// Two nodes that announce one artifact would take it from each other for ever.
    private func refuseSharedOutputs() throws {
        var makers: [String: String] = [:]
        for node in nodes {
            for output in node.outputs where !output.hasSuffix("/") {
                if let other = makers.updateValue(node.node.name, forKey: output) {
                    throw StageFault(
                        .badData,
                        "\(other) and \(node.node.name) of \(experiment) both make \(output)",
                        remedy: "rename or change one of the configs in "
                            + "\(NodeFinder.folder)/\(experiment)/")
                }
            }
        }
    }

    /// A node reads what the nodes of this experiment make, and not what one of another that has the
    /// same name makes there, such as a fetch of other data: it cannot be made then.
    private func withoutOthersInputs(_ reader: Inspection) -> Inspection {
        for input in reader.inputs {
            guard let name = input.maker,
                let maker = nodes.first(where: { $0.node.name == name }), maker.fault == nil,
                !nodes.contains(where: { $0.makes(input.name) })
            else { continue }
            return reader.failing(
                StageFault(
                    .badData,
                    "\(reader.node.name) reads \(Shown.text(input.name)), and \(name) of "
                        + "\(experiment) makes \(maker.outputs.joined(separator: ", "))",
                    remedy: "name another node in \(reader.node.name), or give \(name) back its "
                        + "config: `\(maker.node.command("config NODE=\(name)"))` shows it"))
        }
        return reader
    }

    /// The nodes whose artifacts a node reads, in order.
    public func sources(of reader: Inspection) -> [Inspection] {
        nodes.filter { maker in
            reader.inputs.contains { maker.makes($0.name) }
        }
    }

    /// Nodes that something before them keeps from being settled: they read, directly or not,
    /// from a node that is not fresh.
    public func isDownstreamOfStale(_ reader: Inspection) -> Inspection? {
        for maker in sources(of: reader) {
            if !maker.isFresh { return maker }
            if let further = isDownstreamOfStale(maker) { return further }
        }
        return nil
    }
}
