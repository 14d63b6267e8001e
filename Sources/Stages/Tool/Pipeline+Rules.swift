// What Make gets to know of a pipeline: its nodes, who waits for whom, and which have work to do. And
// the last word on a run: whether every node that was asked for is what these settings ask for.

import Artifacts
import StageKit

extension Pipeline {
    /// One word a node, makers before readers: `attack-fgsm/run/train-mlp,sample-5k`, with `run` or
    /// `fresh` in the middle. A node that reads from one with work to do has some too: it must be
    /// called to know whether its inputs change.
    public var rules: [String] {
        nodes.map { node in
            let isSettled = node.isFresh && isDownstreamOfStale(node) == nil
            let makers = sources(of: node).map(\.node.name).joined(separator: ",")
            return "\(node.node.name)/\(isSettled ? "fresh" : "run")/\(makers)"
        }
    }

    /// What keeps a node, and all that it reads from, from being what these settings ask for.
    /// - Parameter name: the node; nil for all.
    /// - Returns: one line a node that is not, none when all is well.
    public func shortcomings(of name: String?) -> [String] {
        asked(name).compactMap { node in
            if let fault = node.fault { return "\(node.node.name): \(fault)" }
            guard !node.reasons.isEmpty else { return nil }
            return "\(node.node.name) is not what these settings ask for: "
                + node.reasons.joined(separator: ", ")
        }
    }

    /// Faults of the system that have kept configs from being read.
    public var unread: [StageFault] {
        nodes.filter(\.outputs.isEmpty).compactMap(\.fault).filter { $0.code == .inputOutput }
    }

    /// What keeps a node, or one that it reads from, from being looked at; nil when nothing does.
    public func fault(of name: String?) -> StageFault? {
        asked(name).lazy.compactMap(\.fault).first
    }

    private func asked(_ name: String?) -> [Inspection] {
        nodes.filter { name == nil || isBehind($0, name) }
    }

    /// Whether a node is the one of this name, or one that it reads from.
    private func isBehind(_ node: Inspection, _ name: String?) -> Bool {
        if node.node.name == name { return true }
        return nodes.contains { reader in
            reader.node.name != node.node.name
                && sources(of: reader).contains { $0.node.name == node.node.name }
                && isBehind(reader, name)
        }
    }
}
