// The graph of an experiment as rules of Make, which the Makefile includes: the exact edges, so that a node
// starts when those are done that it reads from, and waits for no other. All names in it are letters,
// digits, `.`, `_` and `-`, so that nothing in it is a sign of Make or of a shell.

import Artifacts
import StageKit

/// The text that `pipeline-tool rules` writes.
struct RulesFragment {
    let text: String

    /// The names alone, for goals that run no node.
    /// - Throws: what `Experiment` throws; `StageFault` when there is no such experiment.
    init(_ experiment: String) throws {
        let nodes = try Experiment(experiment).nodes
        guard !nodes.isEmpty else { throw Pipeline.nothing(in: experiment) }
        text = try RulesFragment.names(experiment, nodes, busy: []).joined(separator: "\n")
    }

    /// The rules. A node has a recipe if there is work to do for it, or for one that it reads from: it must
    /// then be called to know whether its inputs change.
    /// - Throws: `StoreFault.system`.
    init(_ pipeline: Pipeline) throws {
        let busy = pipeline.nodes.filter {
            !$0.isFresh || pipeline.isDownstreamOfStale($0) != nil
        }.map(\.node)
        let rules = pipeline.nodes.map { node -> String in
            let name = node.node.name
            let makers = pipeline.sources(of: node).map(\.node.name)
            let edge = (["run.\(name):"] + makers.map { "run.\($0)" }).joined(separator: " ")
            guard busy.contains(where: { $0.name == name }) else { return edge }
            // Those that may run beside it and share the cores.
            let beside = busy.count { $0.kind == node.node.kind }
            let words = [name, "stage-\(node.node.kind)", String(beside)] + makers
            return "\(edge) ; pipeline/make/run \(words.joined(separator: " "))"
        }
        let names = try RulesFragment.names(
            pipeline.experiment, pipeline.nodes.map(\.node.name), busy: busy.map(\.name))
        text = (names + [".PHONY: $(NODES:%=run.%)"] + rules).joined(separator: "\n")
    }

    private static func names(_ experiment: String, _ nodes: [String], busy: [String]) throws
        -> [String]
    {
        let experiments = try Experiment.all()
        // Each becomes a goal.
        if let odd = experiments.first(where: nodes.contains) {
            throw StageFault(
                .badData,
                "\(NodeFinder.folder)/\(odd)/ has the name of a node of \(experiment)",
                remedy: "give the folder another")
        }
        return [
            "# The graph of \(experiment), from its configs; written by `pipeline-tool rules`.",
            "override EXPERIMENT := \(experiment)",
            "EXPERIMENTS := \(experiments.joined(separator: " "))",
            "REPORT := \(Node(experiment: experiment, name: "visualize").report)",
            "NODES := \(nodes.joined(separator: " "))",
            "BUSY := \(busy.joined(separator: " "))",
        ]
    }
}
