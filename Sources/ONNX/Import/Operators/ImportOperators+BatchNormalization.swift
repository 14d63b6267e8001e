// BatchNormalization with fixed statistics: our BatchNorm, its four buffers as the file has them.

import Networks

extension ImportOperators {
    /// y = (x − mean) / √(variance + ε)·weight + bias.
    static let batchNormalization: Function = { call, network in
        let node = call.node
        guard try node.int("training_mode") ?? 0 == 0 else {
            throw node.unsupported("training_mode = 0", "1")
        }
        let signal = try call.signal()
        let epsilon = try node.float("epsilon") ?? 1e-5
        let momentum = try node.float("momentum") ?? 0.9
        let input = try network.channels(signal, node)
        let channels = input.features.shape[0]
        let name = network.name(node, weight: call.name(1), kind: "norm")
        var parameters: [String: Constant] = [:]
        for (index, part) in ["weight", "bias", "running_mean", "running_var"].enumerated() {
            let constant = try call.constant(1 + index)
            guard constant.shape == [channels] else {
                throw node.misfit("its \(part) is \(constant.shape), expected [\(channels)]")
            }
            parameters["\(name).\(part)"] = constant
        }
        // ONNX states how much of the running average is kept, PyTorch what the batch adds to it.
        return try network.add(
            BatchNorm(name, channels: channels, epsilon: epsilon, momentum: 1 - momentum),
            parameters, to: input, axes: signal.axes, node)
    }
}
