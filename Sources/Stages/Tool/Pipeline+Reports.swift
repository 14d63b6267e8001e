// The pipeline in words: why a node is stale, what would run, and who reads from whom.

import Artifacts
import StageKit

extension Pipeline {
    /// For each node, fresh or stale, and which part of its key differs.
    public var why: [String] {
        nodes.map { node in
            let name = node.node.name
            if let fault = node.fault { return "\(name): cannot be made: \(fault)" }
            if !node.reasons.isEmpty {
                return "\(name): stale, \(node.reasons.joined(separator: ", "))"
            }
            guard let maker = isDownstreamOfStale(node) else { return "\(name): fresh" }
            return "\(name): fresh so far; it reads from \(maker.node.name), which is not"
        }
    }

    /// For each node, what `make all` would do.
    public var plan: [String] {
        nodes.map { node in
            let name = node.node.name
            if let fault = node.fault { return "\(name): would fail: \(fault)" }
            if let maker = isDownstreamOfStale(node) {
                return "\(name): depends on what \(maker.node.name) gives"
            }
            if node.reasons.isEmpty { return "\(name): nothing to do" }
            return "\(name): would be \(node.isKnown ? "restored from the store" : "run")"
        }
    }

    /// The nodes from first to last with what they read and make.
    public var drawing: [String] {
        let width = nodes.map(\.node.name.count).max() ?? 0
        return nodes.flatMap { node -> [String] in
            let name = node.node.name
            let sources = sources(of: node).map(\.node.name)
            let files = node.inputs.filter { if case .file = $0.source { true } else { false } }
            // A folder of pictures is many files.
            let shown = files.count <= 6 ? files.map(\.name) : files.prefix(3).map(\.name)
            let left = files.count - shown.count
            let reads = sources + shown + (left > 0 ? ["and \(left) more files"] : [])
            let padded = name + String(repeating: " ", count: width - name.count)
            let indent = String(repeating: " ", count: width)
            return ["\(padded) ◀─ \(reads.isEmpty ? "(nothing)" : reads.joined(separator: ", "))"]
                + node.outputs.map { "\(indent)  ─▶ \($0)" }
        }
    }

    /// The graph for Graphviz.
    public var dot: [String] {
        let edges = nodes.flatMap { node in
            sources(of: node).map { "  \"\($0.node.name)\" -> \"\(node.node.name)\";" }
        }
        return ["digraph \"\(experiment)\" {", "  rankdir = LR; node [shape = box];"]
            + nodes.map { "  \"\($0.node.name)\";" } + edges + ["}"]
    }
}
