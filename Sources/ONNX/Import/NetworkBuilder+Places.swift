// Numbers brought to other places: what a Transpose, a Tile or a border of copies does.

import Networks

extension NetworkBuilder {
    /// The signal with its numbers in the order in which the graph sees them, (C, H, W) of what our layer
    /// gives being the graph's axes one after the other.
    mutating func inGraphOrder(_ signal: Signal, _ node: ModelNode) throws -> Signal {
        guard signal.order == .channelsLast else { return signal }
        let shape = signal.mapShape
        let input = try laidOut(signal, always: true, node)
        return try add(
            Permute(
                name(node, kind: "permute"), axes: [shape[0], shape[1] * shape[2]], order: [1, 0],
                shape: Self.shape(of: signal.axes)), to: input, axes: signal.axes, node)
    }

    /// The shape that our layers give numbers which the graph sees under these axes.
    static func shape(of axes: [Int]) -> [Int] {
        switch axes.count {
        case 0, 1: [axes.reduce(1, *)]
        case 2: [axes[0], 1, axes[1]]
        default: [axes[0], axes[1..<(axes.count - 1)].reduce(1, *), axes[axes.count - 1]]
        }
    }

    /// The signal seen under `axes`, transposed, and seen by the graph as `result`.
    mutating func permuted(
        _ signal: Signal, axes: [Int], order: [Int], as result: [Int], _ node: ModelNode
    ) throws -> Signal {
        let input = try laidOut(inGraphOrder(signal, node), always: true, node)
        guard (axes + result).allSatisfy({ $0 > 0 }) else { throw node.misfit("it moves nothing") }
        // Four axes and more are mostly seen as others next; a row suits them all.
        let shape =
            result.count > 3 ? [result.reduce(1, *)] : Self.shape(of: result)
        return try add(
            Permute(name(node, kind: "permute"), axes: axes, order: order, shape: shape),
            to: input, axes: result, node)
    }

    /// Places along some of the graph's axes, by number; nil for all as they are.
    mutating func selected(
        _ signal: Signal, _ places: [[Int]?], _ node: ModelNode
    ) throws -> Signal {
        if places.allSatisfy({ $0 == nil }) { return signal }
        let sizes = signal.axes
        let after = zip(places, sizes).map { $0?.count ?? $1 }
        guard after.allSatisfy({ $0 > 0 }) else { throw node.misfit("it leaves nothing") }
        _ = try ShapeLimits.count(of: after, node.name)
        let name = name(node, kind: "select")
        if sizes.count == 1 {
            let ordered = try inGraphOrder(signal, node)
            let (row, _) = try row(ordered, node)
            let input = row.features.layout == .vector ? row : try flattened(row, node)
            return try add(
                Select(name, channels: places[0]), to: input, axes: after, node)
        }
        let input = try maps(signal, node)
        let middle = 1..<(sizes.count - 1)
        var rows: [Int]?
        if places[middle].contains(where: { $0 != nil }) {
            rows = middle.reduce([0]) { before, axis in
                let next = places[axis] ?? Array(0..<sizes[axis])
                return before.flatMap { outer in next.map { outer * sizes[axis] + $0 } }
            }
        }
        return try add(
            Select(name, channels: places[0], rows: rows, columns: places[sizes.count - 1]),
            to: input, axes: after, node)
    }

    /// The signal with copies along the axes of which it has a single place.
    ///
    /// - Precondition: There are as many axes.
    mutating func spread(
        _ signal: Signal, over axes: [Int], _ node: ModelNode
    ) throws -> Signal {
        try selected(
            signal,
            zip(signal.axes, axes).map { $0 == $1 ? nil : Array(repeating: 0, count: $1) }, node)
    }
}
