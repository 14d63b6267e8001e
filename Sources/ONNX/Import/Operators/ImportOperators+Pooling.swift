// MaxPool, AveragePool, GlobalAveragePool and ReduceMean over space.

import Networks
import Tensors

extension ImportOperators {
    /// The largest of each window; padding counts as −∞.
    static let maxPool: Function = { call, network in
        try network.addPool(call) { MaxPool($0, kernel: $1, stride: $2, padding: $3) }
    }

    /// The mean of each window.
    static let averagePool: Function = { call, network in
        let node = call.node
        let signal = try call.signal()
        let settings = try WindowSettings(node, kernel: nil, on: signal)
        let isPadded = settings.padding != Padding()
        if isPadded, try node.int("count_include_pad") ?? 0 == 0 {
            throw node.unsupported("count_include_pad = 1 where there is padding", "0")
        }
        if let maps = signal.maps, !isPadded, settings.kernel == Array(maps.dropFirst()) {
            return try network.addGlobalMean(
                signal, axes: [maps[0]] + signal.axes.dropFirst().map { _ in 1 }, node)
        }
        return try network.addPool(call) { AveragePool($0, kernel: $1, stride: $2, padding: $3) }
    }

    /// The mean over all pixels, [C, 1, 1].
    static let globalAveragePool: Function = { call, network in
        let signal = try call.signal()
        return try network.addGlobalMean(
            signal, axes: signal.axes.prefix(1) + signal.axes.dropFirst().map { _ in 1 }, call.node)
    }

    /// The mean over both spatial axes; of other axes it is refused.
    static let reduceMean: Function = { call, network in
        let node = call.node
        var signal = try call.signal()
        let rank = signal.axes.count + 1
        let named = Set(try call.axes(rank: rank) ?? Array(0..<rank))
        let keeps = try node.int("keepdims") ?? 1 != 0
        let channels = signal.order == .channelsFirst ? 1 : rank - 1
        guard rank == 3 || rank == 4, named == Set(1..<rank).subtracting([channels]) else {
            throw node.unsupported(
                "a mean over all pixels", "one over the axes \(named.sorted()) of \(signal.words)")
        }
        let count = signal.axes[channels - 1]
        let kept = signal.axes.indices.map { $0 == channels - 1 ? count : 1 }
        if signal.order == .channelsLast, let maps = signal.maps {
            (signal.axes, signal.order) = (rank == 4 ? maps : [maps[0], maps[2]], .channelsFirst)
        }
        return try network.addGlobalMean(signal, axes: keeps ? kept : [count], node)
    }
}

extension NetworkBuilder {
    /// A mean over all pixels, seen by the graph as `axes`.
    fileprivate mutating func addGlobalMean(
        _ signal: Signal, axes: [Int], _ node: ModelNode
    ) throws -> Signal {
        let input = try maps(signal, node)
        return try add(
            GlobalAveragePool(name(node, kind: "mean")), to: input, axes: axes, node)
    }

    /// Square windows, equal padding on all sides.
    fileprivate mutating func addPool<Pool: Layer>(
        _ call: NodeCall, _ make: (String, Int, Int, Int) -> Pool
    ) throws -> Signal {
        let node = call.node
        let signal = try call.signal()
        let settings = try WindowSettings(node, kernel: nil, on: signal)
        let input = try maps(signal, node)
        let padding = settings.padding
        guard settings.kernel[0] == settings.kernel[1], settings.stride[0] == settings.stride[1],
            padding == Padding(padding.top, padding.top)
        else {
            throw node.unsupported(
                "square windows with equal strides and padding",
                "kernel \(settings.kernel), strides \(settings.stride), padding \(padding.words)")
        }
        guard settings.dilation == [1, 1] else {
            throw node.unsupported("dilations of 1", "\(settings.dilation)")
        }
        guard !settings.hasPartialWindows(over: input.features.shape) else {
            throw node.unsupported("ceil_mode = 0", "1, with windows that are not full")
        }
        guard 2 * padding.top <= settings.kernel[0] else {
            throw node.unsupported("padding of half a window at most", padding.words)
        }
        let layer = make(
            name(node, kind: "pool"), settings.kernel[0], settings.stride[0], padding.top)
        guard let maps = layer.output(of: input.features) else {
            throw node.misfit("it takes \(layer.takes), found \(input.features)")
        }
        return try add(
            layer, to: input, axes: WindowSettings.axes(maps.shape, like: signal), node)
    }
}

extension Padding {
    /// "[top, left, bottom, right]".
    var words: String { "\([top, left, bottom, right])" }
}
