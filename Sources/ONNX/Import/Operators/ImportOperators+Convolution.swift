// Conv: a convolution with the weight as the file has it.

import Networks
import Tensors

extension ImportOperators {
    /// y = x * W + b; W [O, C / groups, KH, KW], or [O, C / groups, K] over rows.
    static let convolution: Function = { call, network in
        let node = call.node
        let weight = try call.constant(1)
        let bias = try call.constant(ifThere: 2)
        let signal = try call.signal()
        if signal.axes.count == 4 {
            return try network.addVolumeConvolution(call, weight: weight, bias: bias)
        }
        let settings = try WindowSettings(
            node, kernel: Array(weight.shape.dropFirst(2)), on: signal)
        let groups = try node.int("group") ?? 1
        if settings.isOnePixel, groups == 1, signal.features.layout == .vector,
            signal.channelAxis == 0, weight.shape.count == signal.axes.count + 1
        {
            // On one pixel a convolution is a fully connected layer of the same weights.
            let result = try network.addLinear(
                call, signal.axes[0], weight: weight.reshaped(Array(weight.shape.prefix(2))),
                isOutputFirst: true, scale: 1, bias: bias.map { ($0, 1) })
            return network.withAxes([weight.shape[0]] + signal.axes.dropFirst(), result)
        }
        let input = try network.maps(signal, node)
        let channels = input.features.shape[0]
        guard weight.shape.count == signal.axes.count + 1, weight.count > 0, groups > 0,
            weight.shape[0] % groups == 0, channels % groups == 0,
            weight.shape[1] == channels / groups
        else {
            throw node.misfit(
                "its weight \(weight.shape) in \(groups) groups does not fit \(signal.words)")
        }
        let outputs = weight.shape[0]
        if let bias, bias.shape != [outputs] {
            throw node.misfit("its bias is \(bias.shape), expected [\(outputs)]")
        }
        let name = network.name(node, weight: call.name(1), kind: "conv")
        let layer = Convolution(
            name, inputs: channels, outputs: outputs, kernel: settings.kernel,
            stride: settings.stride, padding: settings.padding, dilation: settings.dilation,
            groups: groups, bias: bias != nil)
        var parameters = [
            "\(name).weight": weight.reshaped(
                [outputs, channels / groups] + settings.kernel)
        ]
        parameters["\(name).bias"] = bias
        guard let maps = layer.output(of: input.features) else {
            throw node.misfit("it takes \(layer.takes), found \(input.features)")
        }
        let result = try network.add(
            layer, parameters, to: input, axes: WindowSettings.axes(maps.shape, like: signal), node)
        if bias == nil { network.leaveBiasOpen(name, channels: outputs, node) }
        return result
    }
}
