// The end of the network: a row of logits, two classes at least.

import Networks

extension NetworkBuilder {
    /// Whether a layer is sure to be more than another layout of the same numbers.
    private static func computes(_ layer: any Layer) -> Bool {
        switch layer {
        case is Flatten, is Unflatten, is ChannelsLast, is Branch, is Permute, is Select, is Pad:
            false
        default: true
        }
    }

    /// Makes the output a row of logits.
    ///
    /// - Throws: `ONNXProblem` for an output that is no row, unless `flattens`.
    mutating func finish(output: String, flattens: Bool) throws(ONNXProblem) {
        guard let node = graph.nodes.last else {
            throw .graph("it has no node")
        }
        guard case .signal(let signal) = operands[output] else {
            throw .graph(
                "its output \(ONNXProblem.quoted(output)) does not depend on the image")
        }
        guard flattens || signal.axes.filter({ $0 > 1 }).count < 2 else {
            throw .ends(
                what: "output", names: ["\(output) \(signal.axes), which is no row of logits"])
        }
        var result = try settled(signal, node)
        guard result.order == .channelsFirst else {
            throw node.unsupported("an output [N, C, H, W]", "one with channels last")
        }
        if result.features.count == 1, let last = layers.last as? Sigmoid,
            last.name == result.source
        {
            // Of one number, what Softmax is of several.
            dropLast()
            result.source = layers.last?.name
            note("the last operator, Sigmoid, is left out: a logit, not a probability")
        }
        if result.features.layout != .vector { result = try flattened(result, node) }
        guard result.features.count > 0 else { throw node.misfit("it gives no number at all") }
        if result.features.count == 1 {
            let name = name(node, kind: "two_classes")
            result = try add(
                Linear(name, inputs: 1, outputs: 2),
                [
                    "\(name).weight": Constant(shape: [2, 1], .floats([0, 1])),
                    "\(name).bias": Constant(shape: [2], .floats([0, 0])),
                ], to: result, axes: [2], node)
            note("its one logit z is taken as two classes with the logits 0 and z")
        }
        if result.source != layers.last?.name || !layers.contains(where: Self.computes) {
            let count = result.features.count
            let name = name(node, kind: "logits")
            _ = try add(
                Affine(name, channels: count),
                [
                    "\(name).scale": Constant(shape: [count], .same(1, .float)),
                    "\(name).shift": Constant(shape: [count], .same(0, .float)),
                ], to: result, node)
        }
    }
}
