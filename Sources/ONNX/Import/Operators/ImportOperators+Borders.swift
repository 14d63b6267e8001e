// Pad and Slice: maps with a border, or less of them.

import Networks
import Tensors

extension ImportOperators {
    /// A border of one number or of the image's own; negative sizes take away.
    static let pad: Function = { call, network in
        let node = call.node
        let mode = try node.text("mode") ?? "constant"
        guard ["constant", "reflect", "edge", "wrap"].contains(mode) else {
            throw node.unsupported(
                "the mode constant, reflect, edge or wrap", ONNXProblem.quoted(mode))
        }
        let signal = try call.signal()
        let rank = signal.axes.count + 1
        var value = try node.float("value") ?? 0
        if let constant = try call.constant(ifThere: 2) {
            guard constant.count == 1 else { throw node.misfit("its value is \(constant.shape)") }
            value = Float(constant.double(at: 0))
        }
        let stated = try node.ints("pads") ?? call.constant(1).sizes(call.name(1))
        var axes = Array(0..<rank)
        if let named = try call.constant(ifThere: 3)?.sizes(call.name(3)) {
            axes = try named.map { try call.axis($0, rank: rank) }
        }
        guard stated.count == 2 * axes.count, value.isFinite else {
            throw node.misfit("its pads are \(stated) around \(axes.count) axes, with \(value)")
        }
        var sides = Array(repeating: (before: 0, after: 0), count: rank)
        for (index, axis) in axes.enumerated() {
            sides[axis] = (stated[index], stated[axes.count + index])
        }
        return try mode == "constant"
            ? network.addBorder(signal, sides, value: value, node)
            : network.addBorder(signal, sides, mode: mode, node)
    }

    /// A part of maps, with or without steps.
    static let slice: Function = { call, network in
        let node = call.node
        let signal = try call.signal()
        let rank = signal.axes.count + 1
        func list(_ name: String, _ index: Int) throws -> [Int]? {
            if let stated = try node.ints(name) { return stated }
            return try call.constant(ifThere: index)?.sizes(call.name(index))
        }
        guard let starts = try list("starts", 1), let ends = try list("ends", 2) else {
            throw node.misfit("it states no starts or no ends")
        }
        let axes = try list("axes", 3) ?? Array(starts.indices)
        let steps = try list("steps", 4) ?? starts.map { _ in 1 }
        guard ends.count == starts.count, axes.count == starts.count, steps.count == starts.count,
            steps.allSatisfy({ $0 != 0 })
        else {
            throw node.misfit("its starts, ends and steps are \(starts), \(ends) and \(steps)")
        }
        if steps.contains(where: { $0 != 1 }) {
            var places = [[Int]?](repeating: nil, count: rank - 1)
            for index in axes.indices {
                let axis = try call.axis(axes[index], rank: rank)
                guard axis > 0, places[axis - 1] == nil else {
                    throw node.unsupported("each axis of the image once", "axis \(axis)")
                }
                places[axis - 1] = stepped(
                    signal.axes[axis - 1], from: starts[index], to: ends[index], by: steps[index])
            }
            return try network.selected(signal, places, node)
        }
        var sides = Array(repeating: (before: 0, after: 0), count: rank)
        for index in axes.indices {
            let axis = try call.axis(axes[index], rank: rank)
            let size = ([network.batch] + signal.axes)[axis]
            func place(_ stated: Int) -> Int {
                min(max(stated < 0 ? max(stated, -size) + size : stated, 0), size)
            }
            sides[axis] = (-place(starts[index]), place(ends[index]) - size)
        }
        return try network.addBorder(signal, sides, value: 0, node)
    }
}

extension ImportOperators {
    /// The places of a slice, as NumPy counts them.
    private static func stepped(_ size: Int, from start: Int, to end: Int, by step: Int) -> [Int] {
        func place(_ stated: Int, _ limits: ClosedRange<Int>) -> Int {
            let counted = stated < 0 ? max(stated, -size - 1) + size : stated
            return min(max(counted, limits.lowerBound), limits.upperBound)
        }
        // Beyond the axis a larger step says the same.
        let step = min(max(step, -size - 1), size + 1)
        return step > 0
            ? Array(stride(from: place(start, 0...size), to: place(end, 0...size), by: step))
            : Array(
                stride(from: place(start, -1...size - 1), to: place(end, -1...size - 1), by: step))
    }

    /// Parts along an axis, one after another.
    static let split: @Sendable (NodeCall, inout NetworkBuilder) throws -> [Signal] = {
        call, network in
        let node = call.node
        let signal = try call.signal()
        let axis = try call.axis(node.int("axis") ?? 0, rank: signal.axes.count + 1)
        let size = ([network.batch] + signal.axes)[axis]
        var parts = try node.ints("split")
        if parts == nil { parts = try call.constant(ifThere: 1)?.sizes(call.name(1)) }
        let count = node.outputs.count
        let equal = (size + count - 1) / max(1, count)
        let sizes = parts ?? (0..<count).map { min(equal, max(0, size - $0 * equal)) }
        guard sizes.count == count, count <= 4096,
            sizes.allSatisfy({ $0 > 0 && $0 <= size }), sizes.reduce(0, +) == size
        else { throw node.misfit("it makes \(sizes.prefix(8)) of \(size), for \(count) outputs") }
        var start = 0
        return try sizes.map { part in
            var sides = Array(repeating: (before: 0, after: 0), count: signal.axes.count + 1)
            sides[axis] = (-start, start + part - size)
            start += part
            return try network.addBorder(signal, sides, value: 0, node)
        }
    }
}

extension NetworkBuilder {
    /// Maps with so many more numbers before and after on each axis, the batch first.
    fileprivate mutating func addBorder(
        _ signal: Signal, _ sides: [(before: Int, after: Int)], value: Float, _ node: ModelNode
    ) throws -> Signal {
        if sides.allSatisfy({ $0 == (0, 0) }) { return signal }
        if sides.count == 2, sides[0] == (0, 0) {
            // A row: the channels of maps of one pixel.
            let row = withAxes(signal.axes + [1, 1], signal)
            let result = try addBorder(row, sides + [(0, 0), (0, 0)], value: value, node)
            return withAxes([result.axes[0]], result)
        }
        guard sides[0] == (0, 0), (3...4).contains(sides.count),
            sides.allSatisfy({ $0.before.magnitude < 1 << 20 && $0.after.magnitude < 1 << 20 })
        else {
            throw node.unsupported(
                "a border around maps [N, C, H, W]", "\(sides.map { [$0.before, $0.after] })")
        }
        let input = try maps(signal, node)
        let rows = sides.count == 4 ? sides[2] : (before: 0, after: 0)
        let columns = sides[sides.count - 1]
        let layer = Pad(
            name(node, kind: "pad"),
            padding: Padding(
                top: rows.before, left: columns.before, bottom: rows.after, right: columns.after),
            channelsBefore: sides[1].before, channelsAfter: sides[1].after, value: value)
        guard let output = layer.output(of: input.features) else {
            throw node.misfit("it takes \(layer.takes), found \(input.features)")
        }
        return try add(
            layer, to: input, axes: WindowSettings.axes(output.shape, like: signal), node)
    }
}
