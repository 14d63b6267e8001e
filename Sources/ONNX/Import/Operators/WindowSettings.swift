// Kernel, strides, padding and dilation of an operator that moves a window over maps.

import Tensors

/// The settings of a window over [H, W]; with one spatial axis, those of a row [1, L].
struct WindowSettings {
    let kernel: [Int], stride: [Int], dilation: [Int]
    let padding: Padding
    /// Whether a last window that is not full counts too (ceil_mode).
    let roundsUp: Bool

    /// The largest kernel, stride, dilation or padding.
    private static let limit = 1 << 20

    /// The settings of a node, over what `input` holds; the kernel as the weight has it, or (nil) the
    /// node's `kernel_shape`.
    ///
    /// - Throws: `ONNXProblem.unsupported` for more spatial axes than two or settings beyond all sense.
    init(_ node: ModelNode, kernel given: [Int]?, on input: Signal) throws(ONNXProblem) {
        let rank = input.axes.count - 1
        guard rank == 1 || rank == 2, let maps = input.maps else {
            throw node.unsupported("one or two spatial axes", "\(rank), in \(input.words)")
        }
        func list(_ name: String, _ value: [Int]?, _ least: Int, count: Int) throws(ONNXProblem)
            -> [Int]
        {
            let list = value ?? Array(repeating: least, count: count)
            guard list.count == count, list.allSatisfy({ (least...Self.limit).contains($0) }) else {
                throw node.unsupported("\(name) of \(count) numbers from \(least) on", "\(list)")
            }
            return list
        }
        /// Rows first: one row where there is one axis.
        func both(_ list: [Int], _ row: Int) -> [Int] { rank == 2 ? list : [row] + list }
        let stated = try node.ints("kernel_shape")
        guard let named = given ?? stated else { throw node.misfit("it states no kernel_shape") }
        guard stated == nil || stated == named else {
            throw node.misfit(
                "its kernel_shape is \(stated ?? []), and that of its weight \(named)")
        }
        kernel = both(try list("kernel_shape", named, 1, count: rank), 1)
        stride = both(try list("strides", node.ints("strides"), 1, count: rank), 1)
        dilation = both(try list("dilations", node.ints("dilations"), 1, count: rank), 1)
        roundsUp = try node.int("ceil_mode") ?? 0 != 0
        let pads = try list("pads", node.ints("pads"), 0, count: 2 * rank)
        let mode = try node.text("auto_pad") ?? "NOTSET"
        switch mode {
        case "NOTSET", "":
            padding =
                rank == 2
                ? Padding(top: pads[0], left: pads[1], bottom: pads[2], right: pads[3])
                : Padding(top: 0, left: pads[0], bottom: 0, right: pads[1])
        case "VALID": padding = Padding()
        case "SAME_UPPER", "SAME_LOWER":
            var sides: [(before: Int, after: Int)] = []
            for axis in 0..<2 {
                let windows = (maps[1 + axis] + stride[axis] - 1) / stride[axis]
                let reach = (kernel[axis] - 1) * dilation[axis] + 1
                let total = max(0, (windows - 1) * stride[axis] + reach - maps[1 + axis])
                let less = total / 2
                sides.append(
                    mode == "SAME_UPPER" ? (less, total - less) : (total - less, less))
            }
            padding = Padding(
                top: sides[0].before, left: sides[1].before, bottom: sides[0].after,
                right: sides[1].after)
        default: throw node.unsupported("auto_pad as ONNX has it", ONNXProblem.quoted(mode))
        }
        try Self.check(padding, node)
    }

    /// Refuses padding, made of other settings, that is more than a network may have in writing.
    static func check(_ padding: Padding, _ node: ModelNode) throws(ONNXProblem) {
        let most = max(padding.top, padding.left, padding.bottom, padding.right)
        guard most <= ShapeLimits.count else {
            throw node.unsupported("padding of at most \(ShapeLimits.count) pixels", "\(most)")
        }
    }

    /// Whether the window is a single pixel, without padding.
    var isOnePixel: Bool { kernel == [1, 1] && padding == Padding() }

    /// Whether a window lies in the padding alone.
    var hasEmptyWindows: Bool {
        let reach = (0..<2).map { (kernel[$0] - 1) * dilation[$0] + 1 }
        return max(padding.top, padding.bottom) >= reach[0]
            || max(padding.left, padding.right) >= reach[1]
    }

    /// What the graph sees of maps.
    static func axes(_ maps: [Int], like input: Signal) -> [Int] {
        input.axes.count == 3 ? maps : [maps[0], maps[2]]
    }
}
