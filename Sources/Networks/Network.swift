// An architecture with weights, ready to classify.

import Tensors

/// A network: an architecture, its parameters by name, and the engine that runs it.
public struct Network: Classifier {
    /// The architecture.
    public let architecture: Architecture
    /// The weights, named as in a PyTorch `state_dict`.
    public let parameters: [String: Tensor]
    /// What computes.
    public let engine: Engine
    let layers: [any PreparedLayer]

    /// Checks the weights against the architecture and packs them.
    ///
    /// - Throws: `NetworkFault.wrongParameters`, which names everything that is missing,
    ///   unexpected or misshaped, or `.notFinite`.
    public init(
        _ architecture: Architecture, parameters: [String: Tensor], engine: Engine
    ) throws {
        try Self.check(parameters, against: architecture)
        self.architecture = architecture
        self.parameters = parameters
        self.engine = engine
        layers = architecture.layers.map { $0.prepared(with: parameters, on: engine) }
    }

    private static func check(
        _ parameters: [String: Tensor], against architecture: Architecture
    ) throws {
        let expected = architecture.parameters
        let names = Set(expected.map(\.name))
        let missing = expected.map(\.name).filter { parameters[$0] == nil }
        let unexpected = parameters.keys.filter { !names.contains($0) }.sorted()
        let misshaped = expected.compactMap { parameter -> NetworkFault.Misshaped? in
            guard let found = parameters[parameter.name], found.shape != parameter.shape else {
                return nil
            }
            return .init(name: parameter.name, expected: parameter.shape, found: found.shape)
        }
        guard missing.isEmpty && unexpected.isEmpty && misshaped.isEmpty else {
            throw NetworkFault.wrongParameters(
                architecture: architecture.name, missing: missing, unexpected: unexpected,
                misshaped: misshaped)
        }
        for parameter in expected {
            if let tensor = parameters[parameter.name], let index = tensor.firstNotFinite {
                throw NetworkFault.notFinite(
                    place: "Parameter \(parameter.name)", value: tensor.values[index],
                    sample: index)
            }
        }
    }

    /// The number of classes.
    public var classes: Int { architecture.classes }
    /// The shape of one image.
    public var imageShape: [Int] { architecture.imageShape }
    /// Floating-point operations of a forward pass over one image.
    public var forwardOperations: Int { architecture.forwardOperations }
    /// A whole number of row panels for tiles of 6, 8 and 14 rows.
    public var batch: Int { 168 }
    /// A pass with memory of its own.
    public func makePass() -> NetworkPass { NetworkPass(self) }
}

/// A forward and backward pass through a network, with the activations in between.
public struct NetworkPass: ClassifierPass {
    private let network: Network
    /// activations[0] is the batch, activations[i + 1] the output of layer i.
    private var activations: [Tensor]
    /// gradients[i] is the gradient at the input of layer i; the last that of the logits.
    private var gradients: [Tensor]
    private var scratch = Tensor(shape: [0])

    init(_ network: Network) {
        self.network = network
        let empty = Tensor(shape: [0])
        activations = Array(repeating: empty, count: network.layers.count + 1)
        gradients = activations
    }

    /// The logits [N, classes] of a batch of images.
    public mutating func logits(of images: Tensor) throws -> Tensor {
        guard images.rowLength == Tensor.count(of: network.imageShape) else {
            throw NetworkFault.wrongImages(
                architecture: network.architecture.name, expected: network.imageShape,
                found: Array(images.shape.dropFirst()))
        }
        activations[0] = images
        for (index, layer) in network.layers.enumerated() {
            let input = activations[index]
            layer.forward(input, into: &activations[index + 1], scratch: &scratch)
        }
        let logits = activations[network.layers.count]
        if logits.firstNotFinite != nil { throw forwardFault() }
        // The caller may want to write into its images without a copy being made.
        if network.layers.first?.gradientReadsInput == false { activations[0] = Tensor(shape: [0]) }
        return logits
    }

    /// The vector–Jacobian product back to the pixels.
    public mutating func pixelGradient(_ logitGradient: Tensor) throws -> Tensor {
        let last = network.layers.count
        precondition(
            logitGradient.shape == activations[last].shape,
            "pixelGradient: \(logitGradient.shape) for logits \(activations[last].shape)")
        gradients[last] = logitGradient
        for index in (0..<last).reversed() {
            let (x, y, dy) = (activations[index], activations[index + 1], gradients[index + 1])
            network.layers[index].inputGradient(
                dy, x: x, y: y, into: &gradients[index], scratch: &scratch)
        }
        if gradients[0].firstNotFinite != nil { throw backwardFault() }
        return gradients[0]
    }

    /// Names the first layer whose output is not finite.
    private func forwardFault() -> NetworkFault {
        let names = ["The input"] + network.architecture.layers.map { "Layer \($0.name)" }
        return Self.fault(in: Array(zip(names, activations)))
    }

    /// Names the first layer, from the logits back, whose input gradient is not finite.
    private func backwardFault() -> NetworkFault {
        let names = network.architecture.layers.map { "The input gradient of layer \($0.name)" }
        return Self.fault(in: zip(names + ["The logit gradient"], gradients).reversed())
    }

    private static func fault(in values: [(name: String, tensor: Tensor)]) -> NetworkFault {
        for (name, tensor) in values {
            if let index = tensor.firstNotFinite {
                return .notFinite(
                    place: name, value: tensor.values[index],
                    sample: index / max(1, tensor.rowLength))
            }
        }
        return .notFinite(place: "The network", value: .nan, sample: 0)
    }
}
