// Functions of each number by itself.

import Networks

extension ImportOperators {
    /// max(x, 0).
    static let relu: Function = { call, network in
        try network.addElementwise(call, ReLU(network.name(call.node, kind: "relu")))
    }

    /// 1 / (1 + e^−x).
    static let sigmoid: Function = { call, network in
        try network.addElementwise(
            call, Sigmoid(network.name(call.node, kind: "sigmoid")))
    }

    /// min(max(x, lower), upper); a ReLU6 or a ReLU where the bounds are theirs.
    static let clip: Function = { call, network in
        let node = call.node
        var bounds: [Float] = [-.infinity, .infinity]
        for (index, name) in ["min", "max"].enumerated() {
            if let value = try node.float(name) {
                bounds[index] = value
            } else if let constant = try call.constant(ifThere: 1 + index) {
                guard constant.count == 1 else {
                    throw node.misfit("its \(name) is \(constant.shape), expected one number")
                }
                bounds[index] = Float(constant.double(at: 0))
            }
        }
        guard bounds[0] <= bounds[1] else {
            throw node.misfit("its bounds are \(bounds[0]) and \(bounds[1])")
        }
        if bounds == [-.infinity, .infinity] { return try call.signal() }
        let name = network.name(node, kind: "clip")
        switch (bounds[0], bounds[1]) {
        case (0, 6): return try network.addElementwise(call, ReLU6(name))
        case (0, .infinity): return try network.addElementwise(call, ReLU(name))
        case (let lower, let upper):
            return try network.addElementwise(call, Clip(name, lower: lower, upper: upper))
        }
    }

    /// tanh x.
    static let tanh: Function = { call, network in
        try network.addElementwise(call, Tanh(network.name(call.node, kind: "tanh")))
    }

    /// x > 0 ? x : α·x.
    static let leakyRelu: Function = { call, network in
        let slope = try finite("alpha", 0.01, call.node)
        return try network.addElementwise(
            call, LeakyReLU(network.name(call.node, kind: "leaky"), slope: slope))
    }

    /// x > 0 ? x : α·(e^x − 1).
    static let elu: Function = { call, network in
        let scale = try finite("alpha", 1, call.node)
        return try network.addElementwise(
            call, ELU(network.name(call.node, kind: "elu"), scale: scale))
    }

    /// γ times an Elu.
    static let selu: Function = { call, network in
        let node = call.node
        let alpha = try finite("alpha", 1.673_263_2, node)
        let gamma = try finite("gamma", 1.050_701, node)
        let signal = try network.addElementwise(
            call, ELU(network.name(node, kind: "elu"), scale: alpha))
        return try network.scaled(
            signal, by: [Double(gamma)], plus: [0], named: call.name(0), node)
    }

    /// min(max(α·x + β, 0), 1).
    static let hardSigmoid: Function = { call, network in
        let (slope, offset) = (
            try finite("alpha", 0.2, call.node), try finite("beta", 0.5, call.node)
        )
        return try network.addElementwise(
            call,
            HardSigmoid(network.name(call.node, kind: "gate"), slope: slope, offset: offset))
    }

    /// x·min(max(x / 6 + ½, 0), 1).
    static let hardSwish: Function = { call, network in
        try network.addElementwise(call, HardSwish(network.name(call.node, kind: "swish")))
    }

    /// x > 0 ? x : w[c]·x.
    static let pRelu: Function = { call, network in
        let node = call.node
        var slopes = try call.constant(1)
        let signal = try call.signal()
        // Before version 7 a row of slopes belonged to the channels, and not to the last axis.
        if call.opset < 7, slopes.shape == [signal.axes[0]] {
            slopes = slopes.reshaped(slopes.shape + signal.axes.dropFirst().map { _ in 1 })
        }
        let values = try network.channelValues(slopes, signal, node)
        let input = try network.channels(signal, node)
        let name = network.name(node, weight: call.name(1), kind: "prelu")
        return try network.add(
            PReLU(name, slopes: values.count),
            ["\(name).weight": Constant(shape: [values.count], .floats(values.map { Float($0) }))],
            to: input, axes: signal.axes, node)
    }

    /// A setting that must be a finite number.
    private static func finite(
        _ name: String, _ value: Float, _ node: ModelNode
    ) throws(ONNXProblem) -> Float {
        let value = try node.float(name) ?? value
        guard value.isFinite else { throw node.unsupported("\(name) that is finite", "\(value)") }
        return value
    }
}

extension NetworkBuilder {
    /// A layer of a function of each number.
    mutating func addElementwise(_ call: NodeCall, _ layer: some Layer) throws -> Signal {
        try add(layer, to: laidOut(call.signal(), call.node), call.node)
    }
}
