// InstanceNormalization and LRN: normalisations by the image's own numbers.

import Networks

extension ImportOperators {
    /// (x − mean) / √(variance + ε)·scale + bias with each image's own mean and variance.
    static let instanceNormalization: Function = { call, network in
        let node = call.node
        let signal = try call.signal()
        let epsilon = try node.float("epsilon") ?? 1e-5
        let input = try network.maps(signal, node)
        let channels = input.features.shape[0]
        guard epsilon >= 0, epsilon.isFinite else {
            throw node.unsupported("an epsilon from 0 on", "\(epsilon)")
        }
        let name = network.name(node, weight: call.name(1), kind: "norm")
        var parameters: [String: Constant] = [:]
        for (index, part) in ["weight", "bias"].enumerated() {
            let constant = try call.constant(1 + index)
            guard constant.shape == [channels] else {
                throw node.misfit("its \(part) is \(constant.shape), expected [\(channels)]")
            }
            parameters["\(name).\(part)"] = constant
        }
        return try network.add(
            InstanceNorm(name, channels: channels, epsilon: epsilon), parameters, to: input,
            axes: signal.axes, node)
    }

    /// x / (bias + α / size·Σ x²)^β over the channels around each.
    static let responseNormalization: Function = { call, network in
        let node = call.node
        let signal = try call.signal()
        let size = try node.int("size") ?? 0
        let (alpha, beta) = (try node.float("alpha") ?? 1e-4, try node.float("beta") ?? 0.75)
        let bias = try node.float("bias") ?? 1
        guard size > 0, size <= 1 << 20, alpha >= 0, beta >= 0, bias > 0,
            (alpha + beta + bias).isFinite
        else {
            throw node.unsupported(
                "size and bias above 0, alpha and beta from 0 on",
                "size \(size), bias \(bias), alpha \(alpha), beta \(beta)")
        }
        let input = try network.maps(signal, node)
        return try network.add(
            ResponseNorm(
                network.name(node, kind: "norm"), size: size, alpha: alpha, beta: beta,
                offset: bias), to: input, axes: signal.axes, node)
    }
}
