// Channels in another order, as ShuffleNet has them between its groups.

import Networks

extension NetworkBuilder {
    /// Channels seen as [a, b] and transposed to [b, a]. Nil where a Transpose is none of these.
    mutating func shuffled(
        _ signal: Signal, _ order: [Int], _ node: ModelNode
    ) throws -> Signal? {
        let shape = signal.mapShape
        guard order == [0, 2, 1, 3, 4], signal.order == .channelsFirst,
            signal.features.shape.count == 3, Array(signal.axes[2...]) == Array(shape[1...]),
            signal.axes[0] * signal.axes[1] == shape[0]
        else { return nil }
        let (outer, inner) = (signal.axes[0], signal.axes[1])
        let input = try maps(withAxes(shape, signal), node)
        let channels = (0..<inner).flatMap { b in (0..<outer).map { $0 * inner + b } }
        return try add(
            Select(name(node, kind: "shuffle"), channels: channels), to: input,
            axes: [inner, outer] + shape.dropFirst(), node)
    }
}
