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
            let signal = try call.signal(0)
            let shift = try network.channelValues(constant, signal, call.node).map { -$0 }
            return try network.scaled(signal, by: [1], plus: shift, named: call.name(0), call.node)
        }
        let constant = try call.constant(0)
        let signal = try call.signal(1)
        let shift = try network.channelValues(constant, signal, call.node)
        return try network.scaled(signal, by: [-1], plus: shift, named: call.name(1), call.node)
    }

    /// x·c.
    static let multiply: Function = { call, network in
        try network.checkOldBroadcast(call)
        let index = call.constantOnly(1) == nil ? 0 : 1
        let constant = try call.constant(index)
        let signal = try call.signal(1 - index)
        let scale = try network.channelValues(constant, signal, call.node)
        return try network.scaled(
            signal, by: scale, plus: [0], named: call.name(1 - index), call.node)
    }

    /// x / c.
    static let divide: Function = { call, network in
        try network.checkOldBroadcast(call)
        let constant = try call.constant(1)
        let signal = try call.signal(0)
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
        throw node.unsupported(
            "constants in the normalisation of pixels or as the bias of the layer before",
            "one after layer \(signal.source ?? "")")
    }
}
