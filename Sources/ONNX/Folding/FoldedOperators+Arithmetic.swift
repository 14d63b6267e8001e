// Arithmetic of constants, with NumPy's broadcasting. Floats are computed in double and rounded once,
// which for these operators is the same as computing in floats (Figueroa 1995).

extension FoldedOperators {
    enum Pair: Sendable { case add, subtract, multiply, divide, minimum, maximum, equal }

    /// One operator on pairs of numbers; with more than two inputs, from the left.
    static func arithmetic(_ pair: Pair) -> Function {
        { call, budget in
            var result = try call.constant(0)
            for index in call.inputs.indices.dropFirst() {
                result = try combine(pair, result, call.constant(index), call.node, &budget)
            }
            return result
        }
    }

    private static func combine(
        _ pair: Pair, _ a: Constant, _ b: Constant, _ node: ModelNode, _ budget: inout FoldBudget
    ) throws -> Constant {
        let shape = try broadcast([a.shape, b.shape], node)
        let count = try ShapeLimits.count(of: shape, node.name)
        if case .same(let x, let element) = a.storage, case .same(let y, _) = b.storage,
            element != .integer, count > 0
        {
            let one = apply(pair, x, y)
            return Constant(
                shape: shape,
                .same(
                    element == .float ? Double(Float(one)) : one,
                    pair == .equal ? .integer : element))
        }
        try budget.take(count)
        let (left, right) = (places(a.shape, in: shape), places(b.shape, in: shape))
        if a.element == .integer && b.element == .integer {
            return Constant(
                shape: shape,
                .integers(
                    try zip(left, right).map { i, j in
                        guard let x = a.integer(at: i), let y = b.integer(at: j),
                            let value = apply(pair, x, y)
                        else {
                            throw node.misfit("its whole numbers overflow or are divided by zero")
                        }
                        return value
                    }))
        }
        let isDouble = a.element == .double || b.element == .double
        let values = zip(left, right).map { apply(pair, a.double(at: $0), b.double(at: $1)) }
        return .rounded(
            values, shape: shape, pair == .equal ? .integer : isDouble ? .double : .float)
    }

    private static func apply(_ pair: Pair, _ x: Double, _ y: Double) -> Double {
        switch pair {
        case .add: x + y
        case .subtract: x - y
        case .multiply: x * y
        case .divide: x / y
        case .minimum: min(x, y)
        case .maximum: max(x, y)
        case .equal: x == y ? 1 : 0
        }
    }

    /// Nil for an overflow or a division by zero.
    private static func apply(_ pair: Pair, _ x: Int64, _ y: Int64) -> Int64? {
        let (value, overflows): (Int64, Bool) =
            switch pair {
            case .add: x.addingReportingOverflow(y)
            case .subtract: x.subtractingReportingOverflow(y)
            case .multiply: x.multipliedReportingOverflow(by: y)
            case .divide: x.dividedReportingOverflow(by: y)
            case .minimum: (min(x, y), false)
            case .maximum: (max(x, y), false)
            case .equal: (x == y ? 1 : 0, false)
            }
        return overflows ? nil : value
    }

    /// Each number by itself.
    private static func each(
        _ call: NodeCall, _ budget: inout FoldBudget, _ body: (Double) -> Double
    ) throws -> Constant {
        let input = try call.constant(0)
        if case .same(let value, let element) = input.storage, element == .float {
            return Constant(shape: input.shape, .same(Double(Float(body(value))), element))
        }
        try budget.take(input.count)
        return .rounded(
            (0..<input.count).map { body(input.double(at: $0)) }, shape: input.shape, input.element)
    }

    /// −x.
    static let negate: Function = { call, budget in try each(call, &budget) { -$0 } }
    /// √x.
    static let squareRoot: Function = { call, budget in
        try each(call, &budget) { $0.squareRoot() }
    }
    /// 1 / x.
    static let reciprocal: Function = { call, budget in try each(call, &budget) { 1 / $0 } }
    /// The next whole number up or down.
    static func rounding(_ rule: FloatingPointRoundingRule) -> Function {
        { call, budget in try each(call, &budget) { $0.rounded(rule) } }
    }

    /// As another type.
    static let cast: Function = { call, budget in
        let input = try call.constant(0)
        let type = try call.node.int("to") ?? 1
        let element: Constant.Element =
            switch type {
            case 1, 10, 16: .float
            case 11: .double
            case 2...7, 9, 12, 13: .integer
            default: throw call.node.unsupported("numbers", "type number \(type)")
            }
        if element == input.element, [1, 7, 11].contains(type) { return input }
        if case .same(let value, _) = input.storage, element == .float, type == 1 {
            return Constant(shape: input.shape, .same(Double(Float(value)), element))
        }
        try budget.take(input.count)
        let values = (0..<input.count).map { input.double(at: $0) }
        return .rounded(
            type == 9 ? values.map { $0 != 0 ? 1 : 0 } : values, shape: input.shape, element)
    }

    /// Of two constants, the first where a third is not zero.
    static let choose: Function = { call, budget in
        let parts = try (0..<3).map { try call.constant($0) }
        let shape = try broadcast(parts.map(\.shape), call.node)
        let count = try ShapeLimits.count(of: shape, call.node.name)
        try budget.take(count)
        let (which, first, second) = (
            places(parts[0].shape, in: shape), places(parts[1].shape, in: shape),
            places(parts[2].shape, in: shape)
        )
        let values = (0..<count).map {
            parts[0].double(at: which[$0]) != 0
                ? parts[1].double(at: first[$0]) : parts[2].double(at: second[$0])
        }
        return .rounded(values, shape: shape, parts[1].element)
    }

    // MARK: Broadcasting

    /// The shape that all fit, aligned at their last axes.
    static func broadcast(_ shapes: [[Int]], _ node: ModelNode) throws(ONNXProblem) -> [Int] {
        let rank = shapes.map(\.count).max() ?? 0
        var result = Array(repeating: 1, count: rank)
        for shape in shapes {
            for (axis, size) in zip((rank - shape.count)..<rank, shape) where size != 1 {
                guard result[axis] == 1 || result[axis] == size else {
                    throw node.misfit("it reads shapes that do not fit: \(shapes)")
                }
                result[axis] = size
            }
        }
        return result
    }

    /// For each place of `shape` in row-major order, that of the smaller shape which is spread over it.
    static func places(_ small: [Int], in shape: [Int]) -> [Int] {
        var steps = Array(repeating: 0, count: shape.count)
        var step = 1
        for (axis, size) in zip(shape.indices.suffix(small.count), small).reversed() {
            if size != 1 { steps[axis] = step }
            step *= size
        }
        return places(shape, steps: steps)
    }

    /// For each place of `shape` in row-major order, the sum of its indices times `steps`.
    static func places(_ shape: [Int], steps: [Int], start: Int = 0) -> [Int] {
        var result = [start]
        for (size, step) in zip(shape, steps) {
            var next: [Int] = []
            next.reserveCapacity(result.count * size)
            for place in result {
                for index in 0..<size { next.append(place + index * step) }
            }
            result = next
        }
        return result
    }
}
