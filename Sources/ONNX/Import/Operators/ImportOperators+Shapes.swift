// Operators that only change how the graph sees the numbers. They add no layer.

import Networks

extension ImportOperators {
    /// As it is.
    static let identity: Function = { call, _ in try call.signal(afterEnd: true) }

    /// As it is, in evaluation.
    static let dropout: Function = { call, _ in
        if let training = try call.constant(ifThere: 2), training.single != 0 {
            throw call.node.unsupported("training_mode = 0", "1")
        }
        return try call.signal(afterEnd: true)
    }

    /// From one type of float to another: all is computed in floats here.
    static let cast: Function = { call, network in
        let type = try call.node.int("to") ?? 1
        guard [1, 10, 11, 16].contains(type) else {
            throw call.node.unsupported("floats", "type number \(type)")
        }
        if type != 1 { network.note("all is computed in floats of 32 bits, whatever a Cast says") }
        return try call.signal(afterEnd: true)
    }

    /// Another shape for the same numbers; 0 keeps a size, −1 is what is left.
    static let reshape: Function = { call, network in
        let node = call.node
        let signal = try call.signal(afterEnd: true)
        let before = [network.batch] + signal.axes
        var sizes: [Int]
        if let stated = try node.ints("shape") {
            sizes = stated
        } else {
            sizes = try call.constant(1).sizes(call.name(1))
        }
        if try node.int("allowzero") ?? 0 == 0 {
            for (index, size) in sizes.enumerated() where size == 0 && index < before.count {
                sizes[index] = before[index]
            }
        }
        let known = sizes.filter { $0 != -1 }
        let (count, total) = (
            try ShapeLimits.count(of: known, node.name), before.reduce(1, *)
        )
        guard known.count >= sizes.count - 1, count > 0, total % count == 0,
            known.count < sizes.count || total == count
        else { throw node.misfit("it makes \(sizes) of \(before)") }
        return try network.viewed(
            signal, as: sizes.map { $0 == -1 ? total / count : $0 }, node)
    }

    /// Two axes: those before `axis` as one, and the others.
    static let flatten: Function = { call, network in
        let signal = try call.signal(afterEnd: true)
        let before = [network.batch] + signal.axes
        let stated = try call.node.int("axis") ?? 1
        let axis = stated == before.count ? stated : try call.axis(stated, rank: before.count)
        return try network.viewed(
            signal, as: [before[..<axis].reduce(1, *), before[axis...].reduce(1, *)], call.node)
    }

    /// Without axes of size 1.
    static let squeeze: Function = { call, network in
        let node = call.node
        let signal = try call.signal(afterEnd: true)
        let before = [network.batch] + signal.axes
        let named = try call.axes(rank: before.count)
        let gone = Set(named ?? before.indices.filter { $0 > 0 && before[$0] == 1 })
        guard gone.allSatisfy({ before[$0] == 1 }) else {
            throw node.misfit("it takes the axes \(gone.sorted()) from \(before)")
        }
        return try network.viewed(
            signal, as: before.indices.filter { !gone.contains($0) }.map { before[$0] }, node)
    }

    /// With axes of size 1 at these places.
    static let unsqueeze: Function = { call, network in
        let node = call.node
        let signal = try call.signal(afterEnd: true)
        let before = [network.batch] + signal.axes
        let count = try node.ints("axes")?.count ?? call.constant(1).count
        guard (1...ShapeLimits.rank).contains(count) else {
            throw node.misfit("it adds \(count) axes")
        }
        let new = Set(try call.axes(rank: before.count + count) ?? [])
        guard new.count == count else { throw node.misfit("it adds an axis twice") }
        var left = before[...]
        let after = (0..<(before.count + count)).map { new.contains($0) ? 1 : left.popFirst() ?? 1 }
        return try network.viewed(signal, as: after, node)
    }

    /// Axes in another order, the batch first. Channels to the end or back to the front, and axes of size
    /// 1 among the others, move no number.
    static let transpose: Function = { call, network in
        let node = call.node
        let signal = try call.signal(afterEnd: true)
        let rank = signal.axes.count + 1
        let order = try node.ints("perm") ?? (0..<rank).reversed()
        let before = [network.batch] + signal.axes
        guard order.sorted() == Array(0..<rank) else {
            throw node.misfit("its perm is \(order), of \(rank) axes")
        }
        let after = order.map { before[$0] }
        let large = order.filter { before[$0] > 1 }
        if large == large.sorted() { return try network.viewed(signal, as: after, node) }
        if let shuffled = try network.shuffled(signal, order, node) { return shuffled }
        guard order[0] == 0 else {
            throw node.unsupported("the batch as the first axis", "perm \(order)")
        }
        if signal.maps == signal.mapShape {
            // Where only the channels move, no number does.
            var result = signal
            result.axes = Array(after.dropFirst())
            switch (signal.order, order) {
            case (.channelsFirst, [0, 2, 3, 1]), (.channelsFirst, [0, 2, 1]):
                result.order = .channelsLast
                return result
            case (.channelsLast, [0, 3, 1, 2]), (.channelsLast, [0, 2, 1]):
                result.order = .channelsFirst
                return result
            default: break
            }
        }
        return try network.permuted(
            signal, axes: signal.axes, order: order.dropFirst().map { $0 - 1 },
            as: Array(after.dropFirst()), node)
    }
}

extension NetworkBuilder {
    /// The same numbers in the same order, under another shape.
    ///
    /// - Throws: `ONNXProblem.misfit` where the batch is not its first axis any more.
    func viewed(
        _ signal: Signal, as shape: [Int], _ node: ModelNode
    ) throws(ONNXProblem) -> Signal {
        guard shape.first == batch else {
            throw node.misfit(
                "it makes \(shape) of \([batch] + signal.axes), expected the batch to stay the first axis"
            )
        }
        _ = try ShapeLimits.count(of: shape, node.name)
        var result = signal
        result.axes = Array(shape.dropFirst())
        // Where there is one channel or one pixel, both orders are the same.
        let maps = signal.mapShape
        if maps[0] == 1 || maps[1] * maps[2] == 1 { result.order = .channelsFirst }
        return result
    }
}
