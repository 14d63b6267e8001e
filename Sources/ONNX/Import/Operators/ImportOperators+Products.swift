// Gemm and MatMul: the fully connected layer. Weights stay as they are, or are transposed.

import Networks

extension ImportOperators {
    /// y = α·x·B (or x·Bᵀ) + β·C.
    static let gemm: Function = { call, network in
        let node = call.node
        guard try node.int("transA") ?? 0 == 0 else {
            throw node.unsupported("transA = 0", "transA = 1")
        }
        let isTransposed = try node.int("transB") ?? 0 != 0
        let weight = try call.constant(1)
        let (alpha, beta) = (try node.float("alpha") ?? 1, try node.float("beta") ?? 1)
        var bias: Constant?
        if beta != 0, call.has(2) { bias = call.constantOnly(2) }
        let product = try network.addLinear(
            call, call.signal().axes.last ?? 0, weight: weight, isOutputFirst: isTransposed,
            scale: alpha,
            bias: bias.map { ($0, beta) })
        guard beta != 0, call.has(2), bias == nil else { return product }
        let other = try network.scaled(
            call.signal(2), by: [Double(beta)], plus: [0], named: call.name(2), node)
        return try network.sum(product, other, node)
    }

    /// y = x·B.
    static let matMul: Function = { call, network in
        try network.addLinear(
            call, call.signal().axes.last ?? 0, weight: call.constant(1), isOutputFirst: false,
            scale: 1, bias: nil)
    }
}

extension NetworkBuilder {
    /// A fully connected layer that reads a row of `count` numbers.
    mutating func addLinear(
        _ call: NodeCall, _ count: Int, weight: Constant, isOutputFirst: Bool, scale: Float,
        bias: (values: Constant, scale: Float)?
    ) throws -> Signal {
        let node = call.node
        let input = try call.signal()
        guard weight.shape.count == 2, weight.count > 0 else {
            throw node.unsupported("a weight of two axes", "\(weight.shape)")
        }
        let (outputs, inputs) =
            isOutputFirst ? (weight.shape[0], weight.shape[1]) : (weight.shape[1], weight.shape[0])
        guard count == inputs, input.axes.reduce(1, *) == inputs else {
            throw node.unsupported("a row of \(inputs) numbers", input.words)
        }
        let (row, places) = try row(input, node)
        guard row.features.count == inputs else { throw node.misfit("it reads \(input.words)") }
        let name = name(node, weight: call.name(1), kind: "linear")
        var values = weight.floats
        if scale != 1 {
            for index in values.indices { values[index] *= scale }
            note("the weight of \(name) is multiplied by Gemm's alpha, \(scale)")
        }
        if !isOutputFirst, places == nil {
            values = FoldedOperators.transposed(values, rows: inputs, columns: outputs)
        } else if places != nil {
            values = Self.rearranged(
                values, outputs: outputs, inputs: inputs, isOutputFirst: isOutputFirst,
                places: places)
        }
        if places != nil {
            note("the columns of the weight of \(name) are brought from [H, W, C] to [C, H, W]")
        }
        var shift = [Float](repeating: 0, count: outputs)
        if let bias {
            guard bias.values.count == outputs || bias.values.count == 1,
                bias.values.shape.dropLast().allSatisfy({ $0 == 1 })
            else {
                throw node.unsupported("a bias of \(outputs) numbers", "\(bias.values.shape)")
            }
            let given = bias.values.floats
            for index in shift.indices {
                shift[index] = given[given.count == 1 ? 0 : index] * bias.scale
            }
            if bias.scale != 1 {
                note("the bias of \(name) is multiplied by Gemm's beta, \(bias.scale)")
            }
        } else {
            leaveBiasOpen(name, channels: outputs, node)
        }
        return try add(
            Linear(name, inputs: inputs, outputs: outputs),
            [
                "\(name).weight": Constant(shape: [outputs, inputs], .floats(values)),
                "\(name).bias": Constant(shape: [outputs], .floats(shift)),
            ], to: row, axes: input.axes.dropLast() + [outputs], node)
    }

    /// A weight [outputs, inputs], its columns in our order.
    private static func rearranged(
        _ values: [Float], outputs: Int, inputs: Int, isOutputFirst: Bool, places: [Int]?
    ) -> [Float] {
        var result = [Float](repeating: 0, count: values.count)
        for input in 0..<inputs {
            let place = places?[input] ?? input
            for output in 0..<outputs {
                let source = isOutputFirst ? output * inputs + input : input * outputs + output
                result[output * inputs + place] = values[source]
            }
        }
        return result
    }
}
