// An experiment as a whole: its nodes in the order in which they are made, and who reads what from
// whom. Read from the stages themselves, so that the picture is what really happens.

import Artifacts
import StageKit

/// The nodes of one experiment.
public struct Pipeline {
    /// The experiment's name.
    public let experiment: String
    /// The nodes as they stand, makers before readers.
    public let nodes: [Inspection]

    /// Looks at all nodes of an experiment.
    /// - Throws: `StageFault` when there is no such experiment, a config of no known stage, or
    ///   a value for a node that does not exist.
    public init(
        _ experiment: String, stages: [any Stage.Type], store: Store, overrides: Overrides
    ) throws {
        self.experiment = experiment
        try NodeFinder.check(experiment: experiment)
        let names = try NodeFinder.nodes(of: experiment)
        guard !names.isEmpty else {
            throw StageFault(
                .missingInput, "\(NodeFinder.folder)/\(experiment)/ has no configs",
                remedy: "an experiment is a folder of JSON configs below \(NodeFinder.folder)/")
        }
        if let odd = overrides.nodes.subtracting(names).min() {
            throw StageFault(
                .usage, "a value is given for \(odd), which is no node of \(experiment)",
                remedy: "its nodes are \(names.joined(separator: ", "))")
        }
        var found: [Inspection] = []
        for stage in stages {
            for name in names {
                let node = Node(
                    experiment: experiment, name: name, siblings: names, artifacts: store.root)
                if node.kind == stage.kind {
                    found.append(stage.inspect(node, in: store, overrides: overrides))
                }
            }
        }
        let known = Set(found.map(\.node.name))
        if let odd = names.first(where: { !known.contains($0) }) {
            throw StageFault(
                .badData, "\(NodeFinder.folder)/\(experiment)/\(odd).json belongs to no stage",
                remedy:
                    "its name must begin with one of \(stages.map { $0.kind }.joined(separator: ", "))"
            )
        }
        nodes = found
        try refuseSharedOutputs()
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

    /// The nodes whose artifacts a node reads, in order.
    public func sources(of reader: Inspection) -> [Inspection] {
        nodes.filter { maker in
            reader.inputs.contains { input in
                maker.outputs.contains {
                    input.name == $0 || ($0.hasSuffix("/") && input.name.hasPrefix($0))
                }
            }
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
