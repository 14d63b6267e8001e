// Functions of each number by itself, beyond the activations of most networks.

import Networks

extension ImportOperators {
    /// |x|.
    static let absolute: Function = { call, network in
        try network.addElementwise(call, Absolute(network.name(call.node, kind: "abs")))
    }

    /// e^x.
    static let exponential: Function = { call, network in
        try network.addElementwise(call, Exponential(network.name(call.node, kind: "exp")))
    }

    /// ln x.
    static let logarithm: Function = { call, network in
        try network.addElementwise(call, Logarithm(network.name(call.node, kind: "log")))
    }

    /// √x.
    static let squareRoot: Function = { call, network in
        try network.addElementwise(
            call, Power(network.name(call.node, kind: "sqrt"), exponent: 0.5))
    }

    /// 1 / x.
    static let reciprocal: Function = { call, network in
        try network.addElementwise(
            call, Power(network.name(call.node, kind: "reciprocal"), exponent: -1))
    }

    /// x^c with one exponent for all.
    static let power: Function = { call, network in
        let exponent = try call.constant(1)
        guard let single = exponent.single, Float(single).isFinite else {
            throw call.node.unsupported(
                "one exponent for all numbers", "exponents of the shape \(exponent.shape)")
        }
        if single == 1 { return try call.signal() }
        return try network.addElementwise(
            call, Power(network.name(call.node, kind: "power"), exponent: Float(single)))
    }

    /// ln(1 + e^x).
    static let softplus: Function = { call, network in
        try network.addElementwise(call, Softplus(network.name(call.node, kind: "softplus")))
    }

    /// x / (1 + |x|).
    static let softsign: Function = { call, network in
        try network.addElementwise(call, Softsign(network.name(call.node, kind: "softsign")))
    }

    /// x·tanh(ln(1 + e^x)).
    static let mish: Function = { call, network in
        let node = call.node
        let input = try network.laidOut(call.signal(), always: true, node)
        let smooth = try network.add(
            Softplus(network.name(node, kind: "softplus")), to: input, node)
        let gate = try network.add(Tanh(network.name(node, kind: "tanh")), to: smooth, node)
        return try network.product(input, gate, node)
    }
}
