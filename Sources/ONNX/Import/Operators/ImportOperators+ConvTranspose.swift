// ConvTranspose: a transposed convolution with the weight as the file has it.

import Networks
import Tensors

extension ImportOperators {
    /// Each pixel spread over a window; W [C, O / groups, KH, KW], or [C, O / groups, K] over rows.
    static let transposedConvolution: Function = { call, network in
        let node = call.node
        let weight = try call.constant(1)
        let bias = try call.constant(ifThere: 2)
        let signal = try call.signal()
        let settings = try WindowSettings(
            node, kernel: Array(weight.shape.dropFirst(2)), on: signal)
        let groups = try node.int("group") ?? 1
        let input = try network.maps(signal, node)
        let maps = input.features.shape
        guard weight.shape.count == signal.axes.count + 1, weight.count > 0, groups > 0,
            weight.shape[0] == maps[0], maps[0] % groups == 0,
            ShapeLimits.count / groups >= weight.shape[1]
        else {
            throw node.misfit(
                "its weight \(weight.shape) in \(groups) groups does not fit \(signal.words)")
        }
        let outputs = weight.shape[1] * groups
        if let bias, bias.shape != [outputs] {
            throw node.misfit("its bias is \(bias.shape), expected [\(outputs)]")
        }
        let (padding, more) = try settings.transposed(node, over: Array(maps.dropFirst()))
        let name = network.name(node, weight: call.name(1), kind: "up")
        let layer = ConvolutionTranspose(
            name, inputs: maps[0], outputs: outputs, kernel: settings.kernel,
            stride: settings.stride, padding: padding, outputPadding: more,
            dilation: settings.dilation, groups: groups, bias: bias != nil)
        var parameters = [
            "\(name).weight": weight.reshaped([maps[0], outputs / groups] + settings.kernel)
        ]
        parameters["\(name).bias"] = bias
        guard let output = layer.output(of: input.features) else {
            throw node.misfit("it takes \(layer.takes), found \(input.features)")
        }
        return try network.add(
            layer, parameters, to: input, axes: WindowSettings.axes(output.shape, like: signal),
            node)
    }
}

extension WindowSettings {
    /// What is cut off around the result of a transposed convolution of maps of this size, and what it
    /// has more below and on the right: as the node states it, or so that the result has the size that
    /// it states (`output_shape`, or with SAME the input's times the stride).
    fileprivate func transposed(
        _ node: ModelNode, over size: [Int]
    ) throws(ONNXProblem) -> (padding: Padding, outputPadding: [Int]) {
        let isRow = try node.ints("output_padding")?.count == 1
        let stated = try node.ints("output_padding") ?? [0, 0]
        let more = isRow ? [0] + stated : stated
        guard more.count == 2, zip(more, stride).allSatisfy({ $0 >= 0 && $0 < $1 }) else {
            throw node.unsupported("output_padding of less than the stride", "\(stated)")
        }
        let mode = try node.text("auto_pad") ?? "NOTSET"
        var wanted: [Int]?
        if let shape = try node.ints("output_shape") {
            wanted = shape.count == 1 ? [1] + shape : Array(shape.suffix(2))
        } else if mode.hasPrefix("SAME") {
            wanted = zip(size, stride).map { $0 * $1 }
        }
        guard let wanted else { return (padding, more) }
        let whole = (0..<2).map { axis -> Int in
            let reach = (kernel[axis] - 1) * dilation[axis] + 1
            return stride[axis] * (size[axis] - 1) + more[axis] + reach
        }
        guard wanted.count == 2, zip(whole, wanted).allSatisfy({ $1 > 0 && $0 >= $1 }) else {
            throw node.unsupported("an output of at most \(whole)", "\(wanted)")
        }
        let sides = zip(whole, wanted).map { whole, wanted -> (Int, Int) in
            let (less, total) = ((whole - wanted) / 2, whole - wanted)
            return mode == "SAME_UPPER" ? (less, total - less) : (total - less, less)
        }
        let cut = Padding(
            top: sides[0].0, left: sides[1].0, bottom: sides[0].1, right: sides[1].1)
        try Self.check(cut, node)
        return (cut, more)
    }
}
