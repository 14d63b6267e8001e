// The end of the network: a row of logits, two classes at least.

import Networks

extension NetworkBuilder {
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
        guard layers.contains(where: { !($0 is Flatten || $0 is ChannelsLast) }) else {
            throw .graph("its output is its input, with nothing computed")
        }
        guard result.source == layers.last?.name else {
            throw node.unsupported("the last layer's output", result.words)
        }
    }
}
