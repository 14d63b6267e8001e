// MaxPool, AveragePool, GlobalAveragePool and ReduceMean over space.

import Networks
import Tensors

extension ImportOperators {
    /// The largest of each window; padding counts as −∞.
    static let maxPool: Function = { call, network in
        try network.addPool(call) { name, windows in
            MaxPool(
                name, kernel: windows.kernel, stride: windows.stride, padding: windows.padding,
                dilation: windows.dilation, ceil: windows.roundsUp)
        }
    }

    /// The mean of each window.
    static let averagePool: Function = { call, network in
        let node = call.node
        let signal = try call.signal()
        let countsPadding = try node.int("count_include_pad") ?? 0 != 0
        func make(_ name: String, _ windows: WindowSettings) -> AveragePool {
            AveragePool(
                name, kernel: windows.kernel, stride: windows.stride, padding: windows.padding,
                dilation: windows.dilation, ceil: windows.roundsUp, countsPadding: countsPadding)
        }
        if signal.axes.count == 4 { return try network.addVolumePool(call, make) }
        let settings = try WindowSettings(node, kernel: nil, on: signal)
        if let maps = signal.maps, settings.padding == Padding(),
            settings.kernel == Array(maps.dropFirst()), settings.dilation == [1, 1]
        {
            return try network.addGlobalMean(
                signal, axes: [maps[0]] + signal.axes.dropFirst().map { _ in 1 }, node)
        }
        return try network.addPool(call, make)
    }

    /// The largest of all pixels, [C, 1, 1].
    static let globalMaxPool: Function = { call, network in
        let signal = try call.signal()
        let input = try network.maps(signal, call.node)
        let size = Array(input.features.shape.dropFirst())
        return try network.add(
            MaxPool(network.name(call.node, kind: "pool"), kernel: size, stride: size), to: input,
            axes: signal.axes.prefix(1) + signal.axes.dropFirst().map { _ in 1 }, call.node)
    }

    /// The mean over all pixels, [C, 1, 1].
    static let globalAveragePool: Function = { call, network in
        let signal = try call.signal()
        return try network.addGlobalMean(
            signal, axes: signal.axes.prefix(1) + signal.axes.dropFirst().map { _ in 1 }, call.node)
    }

    /// The mean over both spatial axes or one of them; of other axes it is refused.
    static let reduceMean: Function = { call, network in try network.addMean(call) }

    /// The same, times how many numbers there are.
    static let reduceSum: Function = { call, network in
        let before = try call.signal().features.count
        let mean = try network.addMean(call)
        let count = before / max(1, mean.features.count)
        return try network.addAffine(mean, scale: [Double(count)], shift: [0], call.node)
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

    /// A mean over one or both spatial axes.
    fileprivate mutating func addMean(_ call: NodeCall) throws -> Signal {
        let node = call.node
        var signal = try call.signal()
        let rank = signal.axes.count + 1
        let named = Set(try call.axes(rank: rank) ?? Array(0..<rank))
        let keeps = try node.int("keepdims") ?? 1 != 0
        let channels = signal.order == .channelsFirst ? 1 : rank - 1
        guard rank == 3 || rank == 4, !named.isEmpty,
            named.isSubset(of: Set(1..<rank).subtracting([channels]))
        else {
            throw node.unsupported(
                "a mean over pixels", "one over the axes \(named.sorted()) of \(signal.words)")
        }
        let left = (1..<rank).filter { keeps || !named.contains($0) }
            .map { named.contains($0) ? 1 : signal.axes[$0 - 1] }
        if named.count == rank - 2 {
            if signal.order == .channelsLast, let maps = signal.maps {
                (signal.axes, signal.order) = (
                    rank == 4 ? maps : [maps[0], maps[2]], .channelsFirst
                )
            }
            return try addGlobalMean(signal, axes: left, node)
        }
        let input = try maps(signal, node)
        let size = (0..<2).map { named.contains(2 + $0) ? input.features.shape[1 + $0] : 1 }
        return try add(
            AveragePool(name(node, kind: "mean"), kernel: size, stride: size), to: input,
            axes: left, node)
    }

    /// Windows over maps, or over volumes.
    fileprivate mutating func addPool(
        _ call: NodeCall, _ make: (String, WindowSettings) -> some Layer
    ) throws -> Signal {
        let signal = try call.signal()
        if signal.axes.count == 4 { return try addVolumePool(call, make) }
        let settings = try WindowSettings(call.node, kernel: nil, on: signal)
        return try addWindows(signal, settings, call.node, make)
    }

    /// Windows over maps.
    mutating func addWindows(
        _ signal: Signal, _ settings: WindowSettings, _ node: ModelNode,
        _ make: (String, WindowSettings) -> some Layer
    ) throws -> Signal {
        guard !settings.hasEmptyWindows else {
            throw node.unsupported("padding of less than a window", settings.padding.words)
        }
        let input = try maps(signal, node)
        let layer = make(name(node, kind: "pool"), settings)
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
