// Constants out of attributes and shapes.

extension FoldedOperators {
    /// The node's own value.
    static let constant: Function = { call, _ in
        let node = call.node
        if let value = try node.tensor("value") { return value }
        if let value = try node.float("value_float") {
            return Constant(shape: [], .floats([value]))
        }
        if let value = try node.int("value_int") {
            return Constant(shape: [], .integers([Int64(value)]))
        }
        if let values = try node.floats("value_floats") {
            return Constant(shape: [values.count], .floats(values))
        }
        if let values = try node.ints("value_ints") { return Constant(values) }
        throw node.unsupported("a value of numbers", "none")
    }

    /// A shape filled with one number, which is held once.
    static let constantOfShape: Function = { call, _ in
        let sizes = try call.constant(0).sizes(call.name(0))
        _ = try ShapeLimits.count(of: sizes, call.node.name)
        guard let value = try call.node.tensor("value") else {
            return Constant(shape: sizes, .same(0, .float))
        }
        guard value.count == 1 else {
            throw call.node.misfit("its value is \(value.shape), expected one number")
        }
        return Constant(shape: sizes, .same(value.double(at: 0), value.element))
    }

    /// The sizes of the input's axes, the batch first.
    static let shape: Function = { call, _ in
        let sizes = try call.shape(0)
        func place(_ index: Int) -> Int {
            min(max(index < 0 ? index + sizes.count : index, 0), sizes.count)
        }
        let start = place(try call.node.int("start") ?? 0)
        let end = place(try call.node.int("end") ?? sizes.count)
        return Constant(Array(sizes[start..<max(start, end)]))
    }

    /// How many numbers the input has.
    static let size: Function = { call, _ in
        Constant(shape: [], .integers([Int64(try call.shape(0).reduce(1, *))]))
    }

    /// From start to before limit by delta.
    static let range: Function = { call, budget in
        let parts = try (0..<3).map { index in
            let part = try call.constant(index)
            guard part.count == 1 else { throw call.node.misfit("it reads \(part.shape)") }
            return part
        }
        let numbers = parts.map { $0.double(at: 0) }
        let count = ((numbers[1] - numbers[0]) / numbers[2]).rounded(.up)
        guard count.isFinite, count < 1e6 else {
            throw call.node.misfit("its range is \(numbers[0]), \(numbers[1]) by \(numbers[2])")
        }
        let length = max(0, Int(count))
        try budget.take(length)
        let values = (0..<length).map { numbers[0] + Double($0) * numbers[2] }
        return .rounded(values, shape: [length], parts[0].element)
    }
}

extension NodeCall {
    /// The shape of an input, the batch first.
    func shape(_ index: Int) throws(ONNXProblem) -> [Int] {
        guard has(index), let input = inputs[index] else {
            throw node.misfit("it has no input \(index)")
        }
        switch input {
        case .constant(let constant): return constant.shape
        case .signal(let signal): return [batch] + signal.axes
        }
    }
}

extension Constant {
    /// Numbers of a type, each rounded to it.
    static func rounded(_ values: [Double], shape: [Int], _ element: Element) -> Constant {
        switch element {
        case .float: Constant(shape: shape, .floats(values.map { Float($0) }))
        case .double: Constant(shape: shape, .doubles(values))
        case .integer:
            Constant(
                shape: shape,
                .integers(values.map { Int64(exactly: $0.rounded(.towardZero)) ?? 0 }))
        }
    }
}
