// Constants under other shapes, and parts of constants.

extension FoldedOperators {
    /// As it is.
    static let same: Function = { call, _ in try call.constant(0) }

    /// Another shape; 0 keeps a size, −1 is what is left.
    static let reshape: Function = { call, _ in
        let node = call.node
        let input = try call.constant(0)
        var sizes: [Int]
        if let stated = try node.ints("shape") {
            sizes = stated
        } else {
            sizes = try call.constant(1).sizes(call.name(1))
        }
        if try node.int("allowzero") ?? 0 == 0 {
            for (index, size) in sizes.enumerated() where size == 0 && index < input.shape.count {
                sizes[index] = input.shape[index]
            }
        }
        let known = sizes.filter { $0 != -1 }
        let count = try ShapeLimits.count(of: known, node.name)
        if known.count == sizes.count - 1, count > 0, input.count % count == 0 {
            sizes = sizes.map { $0 == -1 ? input.count / count : $0 }
        }
        guard !sizes.contains(-1), try ShapeLimits.count(of: sizes, node.name) == input.count
        else { throw node.misfit("it makes \(sizes) of \(input.shape)") }
        return input.reshaped(sizes)
    }

    /// Two axes: those before `axis` as one, and the others.
    static let flatten: Function = { call, _ in
        let input = try call.constant(0)
        let stated = try call.node.int("axis") ?? 1
        let rank = input.shape.count
        let axis = stated == rank ? rank : try call.axis(stated, rank: rank)
        return input.reshaped([
            input.shape[..<axis].reduce(1, *), input.shape[axis...].reduce(1, *),
        ])
    }

    /// Without axes of size 1.
    static let squeeze: Function = { call, _ in
        let input = try call.constant(0)
        let named = try call.axes(rank: input.shape.count)
        let gone = Set(named ?? input.shape.indices.filter { input.shape[$0] == 1 })
        guard gone.allSatisfy({ input.shape[$0] == 1 }) else {
            throw call.node.misfit("it takes the axes \(gone.sorted()) from \(input.shape)")
        }
        return input.reshaped(
            input.shape.indices.filter { !gone.contains($0) }.map { input.shape[$0] })
    }

    /// With axes of size 1 at these places.
    static let unsqueeze: Function = { call, _ in
        let input = try call.constant(0)
        let count = try call.node.ints("axes")?.count ?? call.constant(1).count
        guard (0...ShapeLimits.rank).contains(count) else {
            throw call.node.misfit("it adds \(count) axes")
        }
        let rank = input.shape.count + count
        let new = Set(try call.axes(rank: rank) ?? [])
        guard new.count == count else { throw call.node.misfit("it adds an axis twice") }
        var left = input.shape[...]
        let shape = (0..<rank).map { new.contains($0) ? 1 : left.popFirst() ?? 1 }
        _ = try ShapeLimits.count(of: shape, call.node.name)
        return input.reshaped(shape)
    }

    /// Axes in another order.
    static let transpose: Function = { call, budget in
        let input = try call.constant(0)
        let rank = input.shape.count
        let order = try call.node.ints("perm") ?? (0..<rank).reversed()
        guard order.sorted() == Array(0..<rank) else {
            throw call.node.misfit("its perm is \(order), of \(rank) axes")
        }
        if order == [1, 0], case .floats(let values) = input.storage {
            try budget.move(values.count)
            return Constant(
                shape: [input.shape[1], input.shape[0]],
                .floats(transposed(values, rows: input.shape[0], columns: input.shape[1])))
        }
        let steps = steps(input.shape)
        return try picked(
            input, shape: order.map { input.shape[$0] }, steps: order.map { steps[$0] }, start: 0,
            &budget)
    }

    /// A matrix with rows and columns exchanged.
    static func transposed(_ values: [Float], rows: Int, columns: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: values.count) { buffer, filled in
            for row in 0..<rows {
                for column in 0..<columns {
                    buffer[column * rows + row] = values[row * columns + column]
                }
            }
            filled = values.count
        }
    }

    /// One after another along an axis.
    static let concat: Function = { call, budget in
        let node = call.node
        let parts = try call.inputs.indices.map { try call.constant($0) }
        guard let first = parts.first, !first.shape.isEmpty else {
            throw node.misfit("it joins numbers without axes")
        }
        let axis = try call.axis(node.int("axis") ?? 0, rank: first.shape.count)
        for part in parts {
            guard part.shape.count == first.shape.count,
                part.shape.indices.allSatisfy({ $0 == axis || part.shape[$0] == first.shape[$0] })
            else { throw node.misfit("it joins \(parts.map(\.shape)) along axis \(axis)") }
        }
        var shape = first.shape
        shape[axis] = parts.map { $0.shape[axis] }.reduce(0, +)
        let count = try ShapeLimits.count(of: shape, node.name)
        try budget.take(count)
        var values: [Double] = []
        values.reserveCapacity(count)
        for outer in 0..<shape[..<axis].reduce(1, *) {
            for part in parts {
                let length = part.shape[axis...].reduce(1, *)
                for index in 0..<length { values.append(part.double(at: outer * length + index)) }
            }
        }
        return .rounded(values, shape: shape, first.element)
    }

    /// Numbers at indices along an axis.
    static let gather: Function = { call, budget in
        let node = call.node
        let (input, indices) = (try call.constant(0), try call.constant(1))
        let axis = try call.axis(node.int("axis") ?? 0, rank: input.shape.count)
        let size = input.shape[axis]
        let places = try (0..<indices.count).map { index in
            guard let place = indices.integer(at: index),
                (-size..<size).contains(Int(clamping: place))
            else { throw node.misfit("it takes an index that is not in 0…\(size - 1)") }
            return Int(place) < 0 ? Int(place) + size : Int(place)
        }
        let shape = input.shape[..<axis] + indices.shape + input.shape[(axis + 1)...]
        let count = try ShapeLimits.count(of: Array(shape), node.name)
        try budget.take(count)
        let inner = input.shape[(axis + 1)...].reduce(1, *)
        var values: [Double] = []
        values.reserveCapacity(count)
        for outer in 0..<input.shape[..<axis].reduce(1, *) {
            for place in places {
                let start = (outer * size + place) * inner
                for index in start..<(start + inner) { values.append(input.double(at: index)) }
            }
        }
        return .rounded(values, shape: Array(shape), input.element)
    }

    /// From starts to before ends, by steps; as attributes before version 10, then as inputs.
    static let slice: Function = { call, budget in
        let node = call.node
        let input = try call.constant(0)
        let rank = input.shape.count
        func list(_ name: String, _ index: Int) throws -> [Int]? {
            if let stated = try node.ints(name) { return stated }
            return try call.constant(ifThere: index)?.sizes(call.name(index))
        }
        guard let starts = try list("starts", 1), let ends = try list("ends", 2) else {
            throw node.misfit("it states no starts or no ends")
        }
        let axes = try list("axes", 3) ?? Array(starts.indices)
        let by = try list("steps", 4) ?? starts.map { _ in 1 }
        guard ends.count == starts.count, axes.count == starts.count, by.count == starts.count,
            by.allSatisfy({ $0 != 0 && abs(max($0, -Int.max)) < 1 << 40 })
        else { throw node.misfit("its starts, ends, axes and steps do not fit each other") }
        var (shape, steps, start) = (input.shape, steps(input.shape), 0)
        for index in starts.indices {
            let axis = try call.axis(axes[index], rank: rank)
            let (size, step) = (input.shape[axis], by[index])
            func clamped(_ place: Int, _ range: ClosedRange<Int>) -> Int {
                let fromStart = place < 0 ? max(place, -size - 1) + size : place
                return min(max(fromStart, range.lowerBound), range.upperBound)
            }
            let range = step > 0 ? 0...size : -1...max(size - 1, -1)
            let first = clamped(starts[index], range)
            let last = ends[index] < -size && step < 0 ? -1 : clamped(ends[index], range)
            let length = (last - first) / step + ((last - first) % step != 0 ? 1 : 0)
            shape[axis] = max(0, (last - first).signum() == step.signum() ? length : 0)
            start += first * steps[axis]
            steps[axis] *= shape[axis] > 1 ? step : 1
        }
        return try picked(
            input, shape: shape, steps: steps, start: shape.contains(0) ? 0 : start, &budget)
    }

    /// Spread over a larger shape.
    static let expand: Function = { call, budget in
        let input = try call.constant(0)
        let wanted = try call.constant(1).sizes(call.name(1))
        _ = try ShapeLimits.count(of: wanted, call.node.name)
        let shape = try broadcast([input.shape, wanted], call.node)
        if case .same = input.storage { return input.reshaped(shape) }
        let count = try ShapeLimits.count(of: shape, call.node.name)
        try budget.take(count)
        let values = places(input.shape, in: shape).map { input.double(at: $0) }
        return .rounded(values, shape: shape, input.element)
    }

    /// Numbers at regular steps.
    private static func picked(
        _ input: Constant, shape: [Int], steps: [Int], start: Int, _ budget: inout FoldBudget
    ) throws -> Constant {
        if case .same = input.storage { return input.reshaped(shape) }
        try budget.take(shape.reduce(1, *))
        let places = places(shape, steps: steps, start: start)
        switch input.storage {
        case .floats(let values): return Constant(shape: shape, .floats(places.map { values[$0] }))
        case .integers(let values):
            return Constant(shape: shape, .integers(places.map { values[$0] }))
        default:
            return .rounded(
                places.map { input.double(at: $0) }, shape: shape, input.element)
        }
    }

    /// How far apart neighbours along each axis lie.
    static func steps(_ shape: [Int]) -> [Int] {
        var result = Array(repeating: 1, count: shape.count)
        for axis in shape.indices.dropLast().reversed() {
            result[axis] = result[axis + 1] * max(shape[axis + 1], 1)
        }
        return result
    }
}
