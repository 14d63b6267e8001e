// Softmax and LogSoftmax: left out where they are the last, a layer elsewhere.

import Networks

extension ImportOperators {
    /// Softmax over the axis that the node names; before version 13 over all axes from it on.
    ///
    /// The last one of a classifier is left out, since the order of its numbers is that of the logits
    /// before it.
    static let softmax: Function = { call, network in
        let node = call.node
        let signal = try call.signal()
        let rank = signal.axes.count + 1
        let isOld = call.opset < 13
        let axis = try call.axis(node.int("axis") ?? (isOld ? 1 : -1), rank: rank)
        guard axis > 0 else {
            throw node.unsupported("a \(node.kind) within an image", "one over the batch")
        }
        let before = signal.axes[..<(axis - 1)].reduce(1, *)
        let after = isOld ? 1 : signal.axes[axis...].reduce(1, *)
        if before == 1, after == 1, network.isLast(node) { return network.ended(signal, node) }
        return try network.addSoftmax(signal, before: before, after: after, node)
    }
}

extension NetworkBuilder {
    /// Whether nothing computes with what a node gives before it is the output.
    fileprivate func isLast(_ node: ModelNode) -> Bool {
        let movers: Set<String> = [
            "Identity", "Dropout", "Cast", "Reshape", "Flatten", "Squeeze", "Unsqueeze",
            "Transpose",
        ]
        var names = Set(node.outputs)
        for reader in graph.nodes where reader.inputs.contains(where: names.contains) {
            if reader.kind == "Shape" || reader.kind == "Size" { continue }
            guard movers.contains(reader.kind) else { return false }
            names.formUnion(reader.outputs)
        }
        return names.contains(graph.output)
    }

    /// Softmax over the axis in the middle of [before, count, after].
    fileprivate mutating func addSoftmax(
        _ signal: Signal, before: Int, after: Int, _ node: ModelNode
    ) throws -> Signal {
        let input = try laidOut(inGraphOrder(signal, node), always: true, node)
        let count = input.features.count / max(1, before * after)
        guard count > 0 else { throw node.misfit("it reads \(signal.words)") }
        let isLogarithm = node.kind == "LogSoftmax"
        func layer(_ name: String) -> any Layer {
            isLogarithm ? LogSoftmax(name) : Softmax(name)
        }
        let name = name(node, kind: isLogarithm ? "log-softmax" : "softmax")
        if input.features.shape[0] == count, before == 1 {
            return try add(layer(name), to: input, node)
        }
        let channels = try permuted(
            input, axes: [before, count, after], order: [1, 0, 2], as: [count, before, after], node)
        let result = try add(layer(name), to: channels, node)
        let back = try permuted(
            result, axes: [count, before, after], order: [1, 0, 2], as: [before, count, after],
            node)
        return withAxes(signal.axes, back)
    }

    /// The signal, after an operator that is left out at the end.
    fileprivate mutating func ended(_ signal: Signal, _ node: ModelNode) -> Signal {
        note("the last operator, \(node.kind), is left out: logits, not probabilities")
        var result = signal
        result.end = node.kind
        return result
    }
}
