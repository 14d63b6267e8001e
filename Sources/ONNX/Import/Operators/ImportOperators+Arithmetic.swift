// Add, Sub, Mul and Div: skip connections, biases, and the normalisation of pixels.

import Networks

extension ImportOperators {
    /// The sum of signals and constants.
    static let add: Function = { call, network in
        try network.checkOldBroadcast(call)
        var sum: Signal?
        for index in call.inputs.indices {
            guard case .signal = call.inputs[index] else { continue }
            let signal = try call.signal(index)
            sum = try sum.map { try network.sum($0, signal, call.node) } ?? signal
        }
        guard var sum else { throw call.node.misfit("it reads nothing that depends on the image") }
        for index in call.inputs.indices {
            guard let constant = call.constantOnly(index) else { continue }
            sum = try network.aligned(sum, to: constant, call.node)
            let shift = try network.channelValues(constant, sum, call.node)
            let name = call.name(index == 0 ? min(1, call.inputs.count - 1) : 0)
            sum = try network.scaled(sum, by: [1], plus: shift, named: name, call.node)
        }
        return sum
    }

    /// x − c, or c − x.
    static let subtract: Function = { call, network in
        try network.checkOldBroadcast(call)
        if let constant = call.constantOnly(1) {
            let signal = try network.aligned(call.signal(0), to: constant, call.node)
            let shift = try network.channelValues(constant, signal, call.node).map { -$0 }
            return try network.scaled(signal, by: [1], plus: shift, named: call.name(0), call.node)
        }
        guard let constant = call.constantOnly(0) else {
            return try network.difference(call.signal(0), call.signal(1), call.node)
        }
        let signal = try network.aligned(call.signal(1), to: constant, call.node)
        let shift = try network.channelValues(constant, signal, call.node)
        return try network.scaled(signal, by: [-1], plus: shift, named: call.name(1), call.node)
    }

    /// −x.
    static let negate: Function = { call, network in
        try network.scaled(call.signal(), by: [-1], plus: [0], named: call.name(0), call.node)
    }

    /// x·c, or the product of two signals.
    static let multiply: Function = { call, network in
        try network.checkOldBroadcast(call)
        if call.constantOnly(0) == nil, call.constantOnly(1) == nil {
            return try network.product(call.signal(0), call.signal(1), call.node)
        }
        let index = call.constantOnly(1) == nil ? 0 : 1
        let constant = try call.constant(index)
        let signal = try network.aligned(call.signal(1 - index), to: constant, call.node)
        let scale = try network.channelValues(constant, signal, call.node)
        return try network.scaled(
            signal, by: scale, plus: [0], named: call.name(1 - index), call.node)
    }

    /// x / c.
    static let divide: Function = { call, network in
        try network.checkOldBroadcast(call)
        let constant = try call.constant(1)
        let signal = try network.aligned(call.signal(0), to: constant, call.node)
        let scale = try network.channelValues(constant, signal, call.node).map { 1 / $0 }
        guard scale.allSatisfy(\.isFinite) else { throw call.node.misfit("it divides by zero") }
        return try network.scaled(signal, by: scale, plus: [0], named: call.name(0), call.node)
    }
}

extension NodeCall {
    /// An input that is known now, or nil.
    fileprivate func constantOnly(_ index: Int) -> Constant? {
        guard has(index), case .constant(let constant) = inputs[index] else { return nil }
        return constant
    }
}

extension NetworkBuilder {
    /// Version 6 broadcast along an axis that the node names; only what is the same since 7 is known.
    fileprivate func checkOldBroadcast(_ call: NodeCall) throws(ONNXProblem) {
        guard call.opset < 7, let axis = try call.node.int("axis") else { return }
        throw call.node.unsupported("broadcasting from the last axis on", "axis \(axis)")
    }

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
        let shape = [batch] + signal.axes
        guard constant.shape.count <= shape.count, constant.count > 0 else {
            throw node.unsupported(
                "a constant that fits \(shape)", "one of the shape \(constant.shape)")
        }
        let padded =
            Array(repeating: 1, count: shape.count - constant.shape.count) + constant.shape
        guard zip(padded, shape).allSatisfy({ $0 == 1 || $0 == $1 }) else {
            throw node.unsupported(
                "a constant that fits \(shape)", "one of the shape \(constant.shape)")
        }
        if let single = constant.single { return [single] }
        guard let axis = signal.channelAxis,
            padded.enumerated().allSatisfy({ $0 == axis + 1 || $1 == 1 })
        else {
            throw node.unsupported(
                "a constant with a number for each channel of \(signal.words)",
                "one of the shape \(constant.shape)")
        }
        return (0..<constant.count).map { constant.double(at: $0) }
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
