// Convolutions and pools over three spatial axes, by layers of two: the planes of a volume are channels,
// or its rows.

import Networks
import Tensors

extension WindowSettings {
    /// The settings of a node over [D, H, W]: a window over the depth, [D, 1], and one over [H, W].
    static func volume(
        _ node: ModelNode, kernel given: [Int]?
    ) throws(ONNXProblem) -> (depth: WindowSettings, plane: WindowSettings) {
        func list(_ name: String, _ least: Int, count: Int) throws(ONNXProblem) -> [Int] {
            let list = try node.ints(name) ?? Array(repeating: least, count: count)
            guard list.count == count, list.allSatisfy({ (least...1 << 20).contains($0) }) else {
                throw node.unsupported("\(name) of \(count) numbers from \(least) on", "\(list)")
            }
            return list
        }
        let stated = try node.ints("kernel_shape")
        guard let kernel = given ?? stated, stated == nil || stated == kernel, kernel.count == 3,
            kernel.allSatisfy({ (1...1 << 20).contains($0) })
        else { throw node.misfit("its kernel_shape is \(stated ?? []), \(given ?? [])") }
        let mode = try node.text("auto_pad") ?? "NOTSET"
        guard ["NOTSET", "", "VALID"].contains(mode) else {
            throw node.unsupported("pads that are stated", ONNXProblem.quoted(mode))
        }
        let (strides, gaps) = (
            try list("strides", 1, count: 3), try list("dilations", 1, count: 3)
        )
        let pads = mode == "VALID" ? [0, 0, 0, 0, 0, 0] : try list("pads", 0, count: 6)
        let roundsUp = try node.int("ceil_mode") ?? 0 != 0
        return (
            WindowSettings(
                kernel: [kernel[0], 1], stride: [strides[0], 1], dilation: [gaps[0], 1],
                padding: Padding(top: pads[0], left: 0, bottom: pads[3], right: 0),
                roundsUp: roundsUp),
            WindowSettings(
                kernel: Array(kernel[1...]), stride: Array(strides[1...]),
                dilation: Array(gaps[1...]),
                padding: Padding(top: pads[1], left: pads[2], bottom: pads[4], right: pads[5]),
                roundsUp: roundsUp)
        )
    }

    private init(
        kernel: [Int], stride: [Int], dilation: [Int], padding: Padding, roundsUp: Bool
    ) {
        (self.kernel, self.stride, self.dilation) = (kernel, stride, dilation)
        (self.padding, self.roundsUp) = (padding, roundsUp)
    }
}

extension NetworkBuilder {
    /// A convolution of volumes [C, D, H, W]: one of maps whose channels are the planes [C·D], with zeros
    /// for planes that a window does not reach. An exact 0 moves no sum.
    mutating func addVolumeConvolution(
        _ call: NodeCall, weight: Constant, bias: Constant?
    ) throws -> Signal {
        let node = call.node
        let signal = try call.signal()
        let (over, plane) = try WindowSettings.volume(node, kernel: Array(weight.shape.suffix(3)))
        let groups = try node.int("group") ?? 1
        let (channels, depth) = (signal.axes[0], signal.axes[1])
        guard weight.shape.count == 5, weight.count > 0, groups > 0,
            weight.shape[0] % groups == 0, channels % groups == 0,
            weight.shape[1] == channels / groups,
            bias.map({ $0.shape == [weight.shape[0]] }) ?? true
        else {
            throw node.misfit(
                "its weight \(weight.shape) in \(groups) groups does not fit \(signal.words)")
        }
        let reach = over.dilation[0] * (over.kernel[0] - 1) + 1
        let room = depth + over.padding.top + over.padding.bottom - reach
        guard room >= 0 else { throw node.misfit("its kernel is larger than \(signal.words)") }
        let (outputs, planes) = (weight.shape[0], room / over.stride[0] + 1)
        let wide = [outputs * planes, weight.shape[1] * depth] + plane.kernel
        var values = [Float](repeating: 0, count: try ShapeLimits.count(of: wide, node.name))
        let (given, taps) = (weight.floats, plane.kernel[0] * plane.kernel[1])
        for o in 0..<outputs {
            for place in 0..<planes {
                for c in 0..<weight.shape[1] {
                    for k in 0..<over.kernel[0] {
                        let d = place * over.stride[0] + k * over.dilation[0] - over.padding.top
                        guard (0..<depth).contains(d) else { continue }
                        let from = ((o * weight.shape[1] + c) * over.kernel[0] + k) * taps
                        let to = ((o * planes + place) * wide[1] + c * depth + d) * taps
                        for tap in 0..<taps { values[to + tap] = given[from + tap] }
                    }
                }
            }
        }
        let input = try maps(asPlanes(signal, node), node)
        let name = name(node, weight: call.name(1), kind: "conv")
        let layer = Convolution(
            name, inputs: channels * depth, outputs: outputs * planes, kernel: plane.kernel,
            stride: plane.stride, padding: plane.padding, dilation: plane.dilation, groups: groups,
            bias: bias != nil)
        var parameters = ["\(name).weight": Constant(shape: wide, .floats(values))]
        if let bias {
            let row = bias.floats.flatMap { Array(repeating: $0, count: planes) }
            parameters["\(name).bias"] = Constant(shape: [row.count], .floats(row))
        }
        guard let maps = layer.output(of: input.features) else {
            throw node.misfit("it takes \(layer.takes), found \(input.features)")
        }
        note(
            "\(name), a convolution over three axes, is one over two with a channel for each plane")
        return try add(
            layer, parameters, to: input, axes: [outputs, planes] + maps.shape.dropFirst(), node)
    }

    /// A pool of volumes [C, D, H, W]: over the pixels of each plane, then over the planes.
    mutating func addVolumePool(
        _ call: NodeCall, _ make: (String, WindowSettings) -> some Layer
    ) throws -> Signal {
        let node = call.node
        let signal = try call.signal()
        let (depth, plane) = try WindowSettings.volume(node, kernel: nil)
        let pooled = try addWindows(asPlanes(signal, node), plane, node, make)
        let (rows, columns) = (pooled.axes[1], pooled.axes[2])
        let standing = withAxes([signal.axes[0], signal.axes[1], rows * columns], pooled)
        let result = try addWindows(standing, depth, node, make)
        return withAxes([result.axes[0], result.axes[1], rows, columns], result)
    }

    /// Volumes as maps [C·D, H, W].
    private mutating func asPlanes(_ signal: Signal, _ node: ModelNode) throws -> Signal {
        let signal = try inGraphOrder(signal, node)
        return withAxes([signal.axes[0] * signal.axes[1], signal.axes[2], signal.axes[3]], signal)
    }
}
