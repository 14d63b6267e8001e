// Channels in another order, as ShuffleNet has them between its groups.

import Networks

extension NetworkBuilder {
    /// Channels seen as [a, b] and transposed to [b, a]: a convolution of one pixel with a single 1 in
    /// each row, which is exact. Nil where a Transpose is none of these.
    mutating func shuffled(
        _ signal: Signal, _ order: [Int], _ node: ModelNode
    ) throws -> Signal? {
        let shape = signal.mapShape
        guard order == [0, 2, 1, 3, 4], signal.order == .channelsFirst,
            signal.features.shape.count == 3, Array(signal.axes[2...]) == Array(shape[1...]),
            signal.axes[0] * signal.axes[1] == shape[0], shape[0] <= 4096
        else { return nil }
        let (outer, inner) = (signal.axes[0], signal.axes[1])
        let input = try maps(withAxes(shape, signal), node)
        var weight = [Float](repeating: 0, count: shape[0] * shape[0])
        for (a, b) in (0..<outer).flatMap({ a in (0..<inner).map { (a, $0) } }) {
            weight[(b * outer + a) * shape[0] + a * inner + b] = 1
        }
        let name = name(node, kind: "shuffle")
        note("\(name) brings channels into another order by a convolution of one pixel, exactly")
        return try add(
            Convolution(name, inputs: shape[0], outputs: shape[0], kernel: 1, bias: false),
            ["\(name).weight": Constant(shape: [shape[0], shape[0], 1, 1], .floats(weight))],
            to: input, axes: [inner, outer] + shape.dropFirst(), node)
    }
}
