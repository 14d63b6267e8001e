// Whether weights from outside fit an architecture: all that is wrong is said at once.

import Tensors

extension Architecture {
    /// Compares the shapes of weights with the parameters.
    ///
    /// - Throws: `NetworkFault.wrongParameters`, which names everything that is missing, unexpected
    ///   or misshaped.
    public func check(_ shapes: [String: [Int]]) throws {
        let expected = parameters
        let names = Set(expected.map(\.name))
        let missing = expected.map(\.name).filter { shapes[$0] == nil }
        let unexpected = shapes.keys.filter { !names.contains($0) && !isIgnored($0) }.sorted()
        let misshaped = expected.compactMap { parameter -> NetworkFault.Misshaped? in
            guard let found = shapes[parameter.name], found != parameter.shape else { return nil }
            return .init(name: parameter.name, expected: parameter.shape, found: found)
        }
        guard missing.isEmpty && unexpected.isEmpty && misshaped.isEmpty else {
            throw NetworkFault.wrongParameters(
                architecture: name, missing: missing, unexpected: unexpected, misshaped: misshaped)
        }
    }

    /// Refuses a plan in which the logits are the images themselves, since no layer computes with them: a
    /// Flatten alone, say.
    ///
    /// - Throws: `NetworkFault.misfit`.
    func check(_ plan: Plan) throws {
        guard plan.logits.buffer == 0 else { return }
        throw NetworkFault.misfit(
            architecture: name, layer: layers.last?.name ?? "(none)",
            expected: "what a layer has computed", found: "the images as they are")
    }

    /// Whether what the network says depends on the image: some way from it to the logits leads past all
    /// `Constants`.
    var readsPixels: Bool {
        var (readers, isReader): ([String: Bool], Bool) = ([:], true)
        for layer in layers {
            isReader = layer.input.flatMap { readers[$0] } ?? isReader
            isReader = !(layer is Constants) && isReader
            isReader = isReader || layer.otherInputs.contains { readers[$0] ?? true }
            readers[layer.name] = isReader
        }
        return isReader
    }

    /// Refuses a parameter with a NaN or an infinity in it.
    ///
    /// - Throws: `NetworkFault.notFinite`.
    public func checkFinite(_ tensor: Tensor, _ name: String) throws {
        if let index = tensor.firstNotFinite {
            throw NetworkFault.notFinite(
                place: "Parameter \(name)", value: tensor.withFloats { $0[index] }, sample: index)
        }
    }

    /// What one unit of the normalised image is in pixels, by the image's channels: the deviations of a
    /// normalisation that comes first, or behind a `Reorder`; 1 for a network without one.
    public var deviations: [Double] {
        let (order, count) = channelOrder
        var deviations = Array(repeating: 1.0, count: order.count)
        if let own = layers.dropFirst(count).first?.pixelDeviations {
            for (source, deviation) in zip(order, own) { deviations[source] = deviation }
        }
        return deviations
    }
}
