// Add, Sub, Mul and Div: skip connections, biases, and the normalisation of pixels.

import Networks

extension ImportOperators {
    /// The sum of signals and constants.
    static let add: Function = { call, network in
        let call = try call.withOldBroadcast()
        var sum: Signal?
        for index in call.inputs.indices where call.constantOnly(index) == nil {
            let signal = try call.signal(index)
            sum = try sum.map { try network.sum($0, signal, call.node) } ?? signal
        }
        guard var sum else { throw call.node.misfit("it reads nothing that depends on the image") }
        for index in call.inputs.indices {
            guard let constant = call.constantOnly(index) else { continue }
            sum = try network.aligned(sum, to: constant, call.node)
            if let shift = try network.channelValues(ifAny: constant, sum, call.node) {
                let name = call.name(index == 0 ? min(1, call.inputs.count - 1) : 0)
                sum = try network.scaled(sum, by: [1], plus: shift, named: name, call.node)
            } else {
                let (a, b) = try network.both(sum, constant, call.node)
                sum = try network.sum(a, b, call.node)
            }
        }
        return sum
    }

    /// x − c, or c − x.
    static let subtract: Function = { call, network in
        let call = try call.withOldBroadcast()
        let node = call.node
        guard let index = [1, 0].first(where: { call.constantOnly($0) != nil }) else {
            return try network.difference(call.signal(0), call.signal(1), node)
        }
        let constant = try call.constant(index)
        let signal = try network.aligned(call.signal(1 - index), to: constant, node)
        guard let shift = try network.channelValues(ifAny: constant, signal, node) else {
            let (a, b) = try network.both(signal, constant, node)
            return try index == 1
                ? network.difference(a, b, node) : network.difference(b, a, node)
        }
        return try index == 1
            ? network.scaled(signal, by: [1], plus: shift.map { -$0 }, named: call.name(0), node)
            : network.scaled(signal, by: [-1], plus: shift, named: call.name(1), node)
    }

    /// −x.
    static let negate: Function = { call, network in
        try network.scaled(call.signal(), by: [-1], plus: [0], named: call.name(0), call.node)
    }

    /// x·c, or the product of two signals.
    static let multiply: Function = { call, network in
        let call = try call.withOldBroadcast()
        let node = call.node
        guard let index = [1, 0].first(where: { call.constantOnly($0) != nil }) else {
            return try network.product(call.signal(0), call.signal(1), node)
        }
        let constant = try call.constant(index)
        let signal = try network.aligned(call.signal(1 - index), to: constant, node)
        guard let scale = try network.channelValues(ifAny: constant, signal, node) else {
            let (a, b) = try network.both(signal, constant, node)
            return try network.product(a, b, node)
        }
        return try network.scaled(
            signal, by: scale, plus: [0], named: call.name(1 - index), node)
    }

    /// x / c, c / x, or the quotient of two signals.
    static let divide: Function = { call, network in
        let call = try call.withOldBroadcast()
        let node = call.node
        if let constant = call.constantOnly(0) {
            let (a, b) = try network.both(call.signal(1), constant, node)
            return try network.quotient(b, a, node)
        }
        guard let constant = call.constantOnly(1) else {
            return try network.quotient(call.signal(0), call.signal(1), node)
        }
        guard (0..<constant.count).allSatisfy({ constant.double(at: $0) != 0 }) else {
            throw node.misfit("it divides by zero")
        }
        let signal = try network.aligned(call.signal(0), to: constant, node)
        guard let values = try network.channelValues(ifAny: constant, signal, node) else {
            let (a, b) = try network.both(signal, constant, node)
            return try network.quotient(a, b, node)
        }
        return try network.scaled(
            signal, by: values.map { 1 / $0 }, plus: [0], named: call.name(0), node)
    }
}

extension NodeCall {
    /// An input that is known now, or nil.
    func constantOnly(_ index: Int) -> Constant? {
        guard has(index), case .constant(let constant) = inputs[index] else { return nil }
        return constant
    }

    /// Version 6 broadcast the second input from an axis on that the node names: the call with axes of
    /// size 1 after it, which is the same in later versions.
    fileprivate func withOldBroadcast() throws(ONNXProblem) -> NodeCall {
        guard opset < 7, let stated = try node.int("axis"), inputs.count == 2 else { return self }
        let (rank, small) = (try shape(0).count, try shape(1))
        let axis = try axis(stated, rank: rank)
        let after = rank - axis - small.count
        guard after >= 0 else {
            throw node.misfit("it broadcasts \(small) from axis \(axis) of \(rank)")
        }
        if after == 0 { return self }
        guard let constant = constantOnly(1) else {
            throw node.unsupported("broadcasting from the last axis on", "axis \(axis)")
        }
        let wide = constant.reshaped(small + Array(repeating: 1, count: after))
        return NodeCall(
            node: node, opset: opset, batch: batch, inputs: [inputs[0], .constant(wide)])
    }
}

extension NetworkBuilder {
    /// The signal as a row of its own where a constant has a number for each place of a flattened one.
    fileprivate mutating func aligned(
        _ signal: Signal, to constant: Constant, _ node: ModelNode
    ) throws -> Signal {
        guard signal.source != nil, signal.axes.count == 1, signal.channelAxis == nil,
            constant.count == signal.axes[0]
        else { return signal }
        return try channels(signal, node)
    }

    /// A constant that meets a signal: one number for each channel, or one for all.
    ///
    /// - Throws: `ONNXProblem.unsupported` where it varies along another axis.
    func channelValues(
        _ constant: Constant, _ signal: Signal, _ node: ModelNode
    ) throws(ONNXProblem) -> [Double] {
        guard let values = try channelValues(ifAny: constant, signal, node) else {
            throw node.unsupported(
                "a constant with a number for each channel of \(signal.words)",
                "one of the shape \(constant.shape)")
        }
        return values
    }

    /// The same; nil where it varies along another axis.
    ///
    /// - Throws: `ONNXProblem.unsupported` where it does not fit at all.
    func channelValues(
        ifAny constant: Constant, _ signal: Signal, _ node: ModelNode
    ) throws(ONNXProblem) -> [Double]? {
        let padded = try padded(constant, signal, node)
        if let single = constant.single { return [single] }
        guard let axis = signal.channelAxis,
            padded.enumerated().allSatisfy({ $0 == axis + 1 || $1 == 1 })
        else { return nil }
        return (0..<constant.count).map { constant.double(at: $0) }
    }

    /// The shape of a constant that fits a signal, with leading ones.
    func padded(
        _ constant: Constant, _ signal: Signal, _ node: ModelNode
    ) throws(ONNXProblem) -> [Int] {
        let shape = [batch] + signal.axes
        let padded =
            Array(repeating: 1, count: max(0, shape.count - constant.shape.count)) + constant.shape
        guard padded.count == shape.count, constant.count > 0,
            zip(padded, shape).allSatisfy({ $0 == 1 || $0 == $1 })
        else {
            throw node.unsupported(
                "a constant that fits \(shape)", "one of the shape \(constant.shape)")
        }
        return padded
    }

    /// A number for each channel.
    private func scaledValues(_ values: [Double], _ channels: Int) -> [Double] {
        values.count == channels ? values : Array(repeating: values[0], count: channels)
    }

    /// y = x·scale + shift, each with a number for every channel or one for all: into the normalisation
    /// of pixels, a bias, or a layer. The graph calls x by the name `input`.
    mutating func scaled(
        _ signal: Signal, by scale: [Double], plus shift: [Double], named input: String,
        _ node: ModelNode
    ) throws(ONNXProblem) -> Signal {
        if scale.allSatisfy({ $0 == 1 }), shift.allSatisfy({ $0 == 0 }) { return signal }
        if signal.source == nil {
            let channels = imageShape[0]
            var scaling =
                signal.scaling
                ?? PixelScaling(
                    scale: Array(repeating: 1, count: channels),
                    shift: Array(repeating: 0, count: channels))
            let (scale, shift) = (scaledValues(scale, channels), scaledValues(shift, channels))
            for channel in 0..<channels {
                scaling.scale[channel] *= scale[channel]
                scaling.shift[channel] =
                    scaling.shift[channel] * scale[channel] + shift[channel]
            }
            var result = signal
            result.scaling = scaling
            return result
        }
        if scale.allSatisfy({ $0 == 1 }),
            try takeBias(shift, of: signal, named: input, node)
        {
            return signal
        }
        return try addAffine(signal, scale: scale, shift: shift, node)
    }

    /// A layer of a scale and a shift for each channel.
    mutating func addAffine(
        _ signal: Signal, scale: [Double], shift: [Double], _ node: ModelNode
    ) throws(ONNXProblem) -> Signal {
        guard (scale + shift).allSatisfy({ Float($0).isFinite }) else {
            throw node.unsupported("finite constants", "\((scale + shift).prefix(4))")
        }
        let input = try laidOut(signal, always: true, node)
        let channels = input.features.shape[0]
        let name = name(node, kind: "affine")
        func constant(_ values: [Double]) -> Constant {
            Constant(
                shape: [channels], .floats(scaledValues(values, channels).map { Float($0) }))
        }
        return try add(
            Affine(name, channels: channels),
            ["\(name).scale": constant(scale), "\(name).shift": constant(shift)], to: input, node)
    }
}
