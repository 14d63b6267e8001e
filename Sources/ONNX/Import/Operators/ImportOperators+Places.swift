// Operators that only bring numbers to other places.

import Networks

extension ImportOperators {
    /// Channels [r, r, C] (or [C, r, r], mode CRD) become pixels.
    static let depthToSpace: Function = { call, network in
        let (signal, block) = try blocks(call)
        let axes = signal.axes
        let area = block * block
        guard axes[0] % area == 0 else {
            throw call.node.misfit("its blocks of \(block) × \(block) do not fit \(signal.words)")
        }
        let channels = axes[0] / area
        let mode = try call.node.text("mode") ?? "DCR"
        guard ["DCR", "CRD"].contains(mode) else {
            throw call.node.unsupported("the mode DCR or CRD", ONNXProblem.quoted(mode))
        }
        let isFirst = mode == "CRD"
        return try network.permuted(
            signal,
            axes: (isFirst ? [channels, block, block] : [block, block, channels])
                + [axes[1], axes[2]],
            order: isFirst ? [0, 3, 1, 4, 2] : [2, 3, 0, 4, 1],
            as: [channels, axes[1] * block, axes[2] * block], call.node)
    }

    /// Blocks of pixels become channels.
    static let spaceToDepth: Function = { call, network in
        let (signal, block) = try blocks(call)
        let axes = signal.axes
        guard axes[1] % block == 0, axes[2] % block == 0 else {
            throw call.node.misfit("its blocks of \(block) × \(block) do not fit \(signal.words)")
        }
        let (rows, columns) = (axes[1] / block, axes[2] / block)
        return try network.permuted(
            signal, axes: [axes[0], rows, block, columns, block], order: [2, 4, 0, 1, 3],
            as: [axes[0] * block * block, rows, columns], call.node)
    }

    private static func blocks(_ call: NodeCall) throws(ONNXProblem) -> (Signal, Int) {
        let signal = try call.signal()
        let block = try call.node.int("blocksize") ?? 0
        guard signal.axes.count == 3, (1...4096).contains(block) else {
            throw call.node.unsupported(
                "maps [N, C, H, W] and a blocksize", "\(signal.words), blocksize \(block)")
        }
        return (signal, block)
    }

    /// Copies side by side; the batch stays.
    static let tile: Function = { call, network in
        let signal = try call.signal()
        let repeats = try call.constant(1).sizes(call.name(1))
        guard repeats.count == signal.axes.count + 1, repeats[0] == 1,
            repeats.allSatisfy({ (1...ShapeLimits.count).contains($0) })
        else {
            throw call.node.unsupported(
                "a number of copies from 1 on for each axis, and 1 for the batch", "\(repeats)")
        }
        _ = try ShapeLimits.count(of: repeats, call.node.name)
        _ = try ShapeLimits.count(
            of: zip(repeats.dropFirst(), signal.axes).map {
                $0.multipliedReportingOverflow(by: $1).partialValue
            },
            call.node.name)
        return try network.selected(
            signal,
            zip(repeats.dropFirst(), signal.axes).map { count, size in
                count == 1 ? nil : (0..<count * size).map { $0 % size }
            }, call.node)
    }

    /// Copies along axes of size 1; the batch stays.
    static let expand: Function = { call, network in
        let signal = try call.signal()
        let before = [network.batch] + signal.axes
        var shape = try call.constant(1).sizes(call.name(1))
        shape = Array(repeating: 1, count: max(0, before.count - shape.count)) + shape
        guard shape.count == before.count, shape[0] == 1 || shape[0] == before[0],
            zip(shape, before).allSatisfy({ $0 == 1 || $0 == $1 || $1 == 1 && $0 > 0 })
        else {
            throw call.node.unsupported("a shape that \(before) can be spread over", "\(shape)")
        }
        _ = try ShapeLimits.count(of: shape, call.node.name)
        return try network.spread(
            signal, over: zip(shape, before).map { max($0, $1) }.dropFirst().map { $0 }, call.node)
    }

    /// Places of an axis by number; a single number takes the axis away.
    static let gather: Function = { call, network in
        let node = call.node
        let signal = try call.signal()
        let indices = try call.constant(1)
        let rank = signal.axes.count + 1
        let axis = try call.axis(node.int("axis") ?? 0, rank: rank)
        guard axis > 0, indices.shape.count < 2, (1...ShapeLimits.count).contains(indices.count)
        else {
            throw node.unsupported(
                "a row of numbers along an axis that is not the batch's",
                "\(indices.shape) along axis \(axis)")
        }
        let size = signal.axes[axis - 1]
        let list = try indices.sizes(call.name(1)).map { (index) throws(ONNXProblem) in
            guard (-size..<size).contains(index) else {
                throw node.misfit("it takes an index that is not in 0…\(size - 1)")
            }
            return index < 0 ? index + size : index
        }
        var places = [[Int]?](repeating: nil, count: rank - 1)
        places[axis - 1] = list == Array(0..<size) ? nil : list
        var result = try network.selected(signal, places, node)
        if indices.shape.isEmpty {
            result = try network.inGraphOrder(result, node)
            result.axes.remove(at: axis - 1)
        }
        return result
    }
}

extension NetworkBuilder {
    /// A border of the image's own numbers: mirrored without the edge (reflect), the edge itself (edge), or
    /// from the other side (wrap). Negative sizes take away.
    mutating func addBorder(
        _ signal: Signal, _ sides: [(before: Int, after: Int)], mode: String, _ node: ModelNode
    ) throws -> Signal {
        guard sides[0] == (0, 0) else {
            throw node.unsupported("a border around the image", "one around the batch")
        }
        let places = try zip(sides.dropFirst(), signal.axes).map { side, size -> [Int]? in
            if side == (0, 0) { return nil }
            let most = mode == "edge" ? 1 << 20 : mode == "reflect" ? size - 1 : size
            guard max(side.before, side.after) <= most, min(side.before, side.after) > -size,
                size + side.before + side.after > 0
            else {
                throw node.misfit("it borders \(size) places with \(side) of them (\(mode))")
            }
            return (-side.before..<size + side.after).map { place in
                switch mode {
                case "edge": min(max(place, 0), size - 1)
                case "reflect":
                    place < 0 ? -place : place >= size ? 2 * (size - 1) - place : place
                default: (place + size) % size
                }
            }
        }
        return try selected(signal, places, node)
    }
}
