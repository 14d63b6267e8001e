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

    /// The sum of two signals.
    mutating func sum(_ a: Signal, _ b: Signal, _ node: ModelNode) throws -> Signal {
        let (a, b) = try alike(a, b, node)
        let (last, other) = a.source == layers.last?.name ? (a, b) : (b, a)
        let name = name(node, kind: "add")
        return try join(last, other, node) { Residual(name, of: $0) }
    }

    /// The difference of two signals.
    mutating func difference(_ a: Signal, _ b: Signal, _ node: ModelNode) throws -> Signal {
        let (a, b) = try alike(a, b, node)
        let name = name(node, kind: "sub")
        return try join(a, b, node) { Subtract(name, by: $0) }
    }

    /// The quotient of two signals.
    mutating func quotient(_ a: Signal, _ b: Signal, _ node: ModelNode) throws -> Signal {
        let (a, b) = try alike(a, b, node)
        let name = name(node, kind: "div")
        return try join(a, b, node) { Divide(name, by: $0) }
    }

    /// The product of two signals; maps and a factor for each channel need no copies of it.
    mutating func product(_ a: Signal, _ b: Signal, _ node: ModelNode) throws -> Signal {
        let isFirst = a.axes.reduce(1, *) >= b.axes.reduce(1, *)
        let (maps, factors) = (
            try laidOut(isFirst ? a : b, node), try laidOut(isFirst ? b : a, node)
        )
        let name = name(node, kind: "mul")
        if a.axes != b.axes, let axis = maps.channelAxis, factors.axes.count == maps.axes.count,
            maps.features.layout == .channelsLast, factors.features.layout != .channelsFirst,
            factors.axes.indices.allSatisfy({
                factors.axes[$0] == ($0 == axis ? maps.axes[$0] : 1)
            })
        {
            return try join(maps, factors, node) { Multiply(name, by: $0) }
        }
        let (a, b) = try alike(a, b, node)
        return try join(a, b, node) { Multiply(name, by: $0) }
    }

    /// Two signals in one layout, each spread over the axes of which it has a single place.
    mutating func alike(_ a: Signal, _ b: Signal, _ node: ModelNode) throws -> (Signal, Signal) {
        let misfit = node.unsupported(
            "two sides of one shape", "\(a.words) and \(b.words)")
        var (a, b) = (try laidOut(a, node), try laidOut(b, node))
        if a.axes != b.axes {
            guard a.axes.count == b.axes.count,
                zip(a.axes, b.axes).allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 })
            else { throw misfit }
            let target = zip(a.axes, b.axes).map { max($0, $1) }
            (a, b) = (try spread(a, over: target, node), try spread(b, over: target, node))
        }
        if a.order != b.order {
            (a, b) = (try inGraphOrder(a, node), try inGraphOrder(b, node))
        }
        if a.features != b.features {
            let axes = a.axes
            (a, b) = (try row(a, node).signal, try row(b, node).signal)
            if a.features != b.features {
                (a, b) = (try flattened(a, node), try flattened(b, node))
            }
            (a, b) = (withAxes(axes, a), withAxes(axes, b))
        }
        guard a.features == b.features else { throw misfit }
        return (a, b)
    }
}
