// Constants that no bias, scale or bound takes in: a branch of the network that is the same for every image.

import Networks

extension NetworkBuilder {
    /// A signal, and a constant of its shape as a signal that is the same for every image.
    ///
    /// - Throws: `ONNXProblem.unsupported` where the constant differs from image to image, or is larger
    ///   than the signal.
    mutating func both(
        _ signal: Signal, _ constant: Constant, _ node: ModelNode
    ) throws -> (Signal, Signal) {
        let signal = try laidOut(inGraphOrder(signal, node), always: true, node)
        let padded = try padded(constant, signal, node)
        guard padded[0] == 1 else {
            throw node.unsupported(
                "a constant that is the same for every image of the batch",
                "one of the shape \(constant.shape)")
        }
        let features = signal.features
        let places = FoldedOperators.places(Array(padded.dropFirst()), in: signal.axes)
        let name = name(node, kind: "constants")
        let values = Constant(
            shape: features.shape, .floats(places.map { Float(constant.double(at: $0)) }))
        let result = try add(
            Constants(name, shape: features.shape), ["\(name).value": values], to: signal,
            axes: signal.axes, node)
        return (signal, result)
    }
}
