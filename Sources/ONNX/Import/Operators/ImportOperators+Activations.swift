// Functions of each number by itself.

import Networks

extension ImportOperators {
    /// max(x, 0).
    static let relu: Function = { call, network in
        try network.addElementwise(call, ReLU(network.name(call.node, kind: "relu")))
    }

    /// 1 / (1 + e^−x); as the last operator on a single number it is left out, as Softmax is.
    static let sigmoid: Function = { call, network in
        let signal = try call.signal()
        if signal.features.count == 1, call.node.outputs.first == network.graph.output {
            return network.ended(signal, call.node)
        }
        return try network.addElementwise(
            call, Sigmoid(network.name(call.node, kind: "sigmoid")))
    }

    /// min(max(x, least), most): of 0 and 6, or of 0 alone.
    static let clip: Function = { call, network in
        let node = call.node
        var bounds: [Double?] = [nil, nil]
        for (index, name) in ["min", "max"].enumerated() {
            if let value = try node.float(name) {
                bounds[index] = Double(value)
            } else if let constant = try call.constant(ifThere: 1 + index) {
                guard constant.count == 1 else {
                    throw node.misfit("its \(name) is \(constant.shape), expected one number")
                }
                bounds[index] = constant.double(at: 0)
            }
        }
        let name = network.name(node, kind: "clip")
        switch (bounds[0], bounds[1]) {
        case (0?, 6?): return try network.addElementwise(call, ReLU6(name))
        case (0?, nil), (0?, .infinity?): return try network.addElementwise(call, ReLU(name))
        case (let least, let most):
            throw node.unsupported(
                "the bounds 0 and 6, or 0 and none",
                "\(least.map { "\($0)" } ?? "none") and \(most.map { "\($0)" } ?? "none")")
        }
    }

    /// The last operator of a classifier: left out, since the order of its numbers is that of the
    /// logits before it.
    static let softmax: Function = { call, network in
        let node = call.node
        let signal = try call.signal()
        let rank = signal.axes.count + 1
        let axis = try call.axis(
            node.int("axis") ?? (call.opset < 13 ? 1 : -1), rank: rank)
        // Before version 13 all axes from this one on are taken as one.
        let isWhole =
            axis > 0 && signal.axes[..<(axis - 1)].allSatisfy { $0 == 1 }
            && (call.opset < 13 || signal.axes[axis...].allSatisfy { $0 == 1 })
        guard isWhole else {
            throw node.unsupported(
                "a \(node.kind) over all logits", "axis \(axis) of \(signal.words)")
        }
        return network.ended(signal, node)
    }
}

extension NetworkBuilder {
    /// A layer of a function of each number.
    mutating func addElementwise(_ call: NodeCall, _ layer: some Layer) throws -> Signal {
        try add(layer, to: laidOut(call.signal(), call.node), call.node)
    }

    /// The signal, after an operator that is left out at the end.
    mutating func ended(_ signal: Signal, _ node: ModelNode) -> Signal {
        note("the last operator, \(node.kind), is left out: logits, not probabilities")
        var result = signal
        result.end = node.kind
        return result
    }
}
