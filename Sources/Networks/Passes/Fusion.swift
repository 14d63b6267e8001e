// A peephole pass over neighbouring operations: a product takes in the normalisation and the
// activation that follow it, where nobody else reads what is between.

extension Graph {
    /// The same computation, bit by bit but for the rounding of folded normalisations, in fewer
    /// operations.
    func fused() -> Graph {
        var readers: [Int: Int] = [logits.number: 1]
        for value in nodes.flatMap({ [$0.input] + $0.others }) {
            readers[value.number, default: 0] += 1
        }
        var result = self
        result.nodes = []
        for node in nodes {
            if let last = result.nodes.last, last.output.number == node.input.number,
                readers[node.input.number] == 1, let both = last.fused(with: node)
            {
                result.nodes[result.nodes.count - 1] = both
            } else {
                result.nodes.append(node)
            }
        }
        return result
    }
}

extension Node {
    /// This node and the next in one; nil where its operation cannot take the next one's in.
    fileprivate func fused(with next: Node) -> Node? {
        guard let epilogue = next.step.operation.epilogue, next.others.isEmpty,
            let operation = step.operation.fusing(epilogue)
        else { return nil }
        var node = self
        node.step = Step(operation: operation, layers: step.layers + next.step.layers)
        node.output = next.output
        if case .activation = epilogue { node.activation = next.step.operation }
        return node
    }
}
