// Operators on several signals: skip connections, gates, and branches side by side.

import Networks

extension ImportOperators {
    /// The channels of all inputs, one after another.
    static let concat: Function = { call, network in
        let node = call.node
        var signals: [Signal] = []
        for index in call.inputs.indices {
            signals.append(try network.laidOut(call.signal(index), always: true, node))
        }
        guard let first = signals.first else { throw node.misfit("it joins nothing") }
        let rank = first.axes.count + 1
        let axis = try call.axis(node.int("axis") ?? 1, rank: rank)
        if first.axes.count == 1, signals.count > 1 {
            for index in signals.indices {
                signals[index] = try network.channels(signals[index], node)
            }
        }
        guard axis > 0,
            signals.allSatisfy({ $0.order == first.order && $0.channelAxis == axis - 1 })
        else {
            throw node.unsupported(
                "channels joined", "axis \(axis) of " + signals.map(\.words).joined(separator: ", ")
            )
        }
        guard signals.count > 1 else { return signals[0] }
        var axes = first.axes
        axes[axis - 1] = signals.map { $0.axes[axis - 1] }.reduce(0, +)
        let others = try signals.dropFirst().map { try network.source(of: $0, node) }
        let result = try network.add(
            Concat(network.name(node, kind: "concat"), with: others), to: signals[0],
            with: Array(signals.dropFirst()), node)
        return network.withAxes(axes, result)
    }
}

extension NetworkBuilder {
    /// The same numbers under other axes, in the order that they are in.
    func withAxes(_ axes: [Int], _ signal: Signal) -> Signal {
        var result = signal
        result.axes = axes
        return result
    }

    /// The sum of two signals of one shape.
    mutating func sum(_ a: Signal, _ b: Signal, _ node: ModelNode) throws(ONNXProblem) -> Signal {
        let (a, b) = try alike(a, b, node)
        let (last, other) = a.source == layers.last?.name ? (a, b) : (b, a)
        let source = try source(of: other, node)
        return try add(
            Residual(name(node, kind: "add"), of: source), to: last, with: [other], node)
    }

    /// The difference of two signals of one shape.
    mutating func difference(
        _ a: Signal, _ b: Signal, _ node: ModelNode
    ) throws(ONNXProblem) -> Signal {
        let (a, b) = try alike(a, b, node)
        let source = try source(of: b, node)
        return try add(Subtract(name(node, kind: "sub"), by: source), to: a, with: [b], node)
    }

    /// The product of two signals: of one shape, or maps and a factor for each channel.
    mutating func product(
        _ a: Signal, _ b: Signal, _ node: ModelNode
    ) throws(ONNXProblem) -> Signal {
        let (maps, factors): (Signal, Signal)
        if a.axes == b.axes {
            (maps, factors) = try alike(a, b, node)
        } else {
            (maps, factors) = (
                try laidOut(a.axes.reduce(1, *) < b.axes.reduce(1, *) ? b : a, node),
                try laidOut(a.axes.reduce(1, *) < b.axes.reduce(1, *) ? a : b, node)
            )
            guard let axis = maps.channelAxis, factors.axes.count == maps.axes.count,
                factors.axes.indices.allSatisfy({
                    factors.axes[$0] == ($0 == axis ? maps.axes[$0] : 1)
                })
            else {
                throw node.unsupported(
                    "two sides of one shape, or a factor for each channel",
                    "\(a.words) and \(b.words)")
            }
        }
        let source = try source(of: factors, node)
        return try add(
            Multiply(name(node, kind: "mul"), by: source), to: maps, with: [factors], node)
    }

    /// Two signals of one shape in one layout.
    private mutating func alike(
        _ a: Signal, _ b: Signal, _ node: ModelNode
    ) throws(ONNXProblem) -> (Signal, Signal) {
        let (a, b) = (try laidOut(a, node), try laidOut(b, node))
        guard a.axes == b.axes, a.features == b.features, a.order == b.order else {
            throw node.unsupported("two sides of one shape", "\(a.words) and \(b.words)")
        }
        return (a, b)
    }
}
