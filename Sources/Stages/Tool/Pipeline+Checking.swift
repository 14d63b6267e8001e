// The last word on a run: whether every node that was asked for is what these settings ask for.

import Artifacts
import StageKit

extension Pipeline {
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

    /// What is wrong with the config of a node that is asked for, or of one that it reads from: known
    /// before any work. Of nothing that is named, all nodes are asked for.
    func misconfigured(among names: [String]) -> StageFault? {
        let wrong = nodes.first { node in
            node.outputs.isEmpty && node.fault != nil
                && (names.isEmpty || names.contains { isBehind(node, $0) })
        }
        return wrong.flatMap { node in
            node.fault.map {
                StageFault($0.code, "\(node.node.name): \($0.message)", remedy: $0.remedy)
            }
        }
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
                // A node whose config is wrong announces nothing; its readers name it all the same.
                && (sources(of: reader).contains { $0.node.name == node.node.name }
                    || reader.inputs.contains { $0.maker == node.node.name })
                && isBehind(reader, name)
        }
    }
}
