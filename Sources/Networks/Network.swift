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
    /// How many images one pass handles best at a time; see `batch(floatsOfImage:)`. Changes no
    /// result.
    public let batch: Int
    let plan: Plan
    let operations: [any Operation]

    /// Checks the weights against the architecture and packs them.
    ///
    /// - Throws: `NetworkFault.wrongParameters`, which names everything that is missing,
    ///   unexpected or misshaped, `.notFinite`, or `.misfit` where no layer computes anything.
    public init(
        _ architecture: Architecture, parameters: [String: Tensor], engine: Engine
    ) throws {
        try Self.check(parameters, against: architecture)
        self.architecture = architecture
        self.parameters = parameters
        self.engine = engine
        plan = Plan(architecture, in: RunSetting(engine: engine, trainingSeed: nil))
        try architecture.check(plan)
        operations = plan.operations(loading: parameters)
        batch = Self.batch(floatsOfImage: plan.lengths.reduce(0, +))
    }

    /// As many images as 16 MB of buffers hold, at most 168, in multiples of 42 where there are that
    /// many: whole panels for micro-kernels of 6 and of 14 rows. One image where it needs more.
    static func batch(floatsOfImage floats: Int) -> Int {
        let fitting = min(168, max(1, 4_000_000 / max(1, floats)))
        return fitting < 42 ? fitting : fitting / 42 * 42
    }

    static func check(
        _ parameters: [String: Tensor], against architecture: Architecture
    ) throws {
        try architecture.check(parameters.mapValues(\.shape))
        for parameter in architecture.parameters {
            if let tensor = parameters[parameter.name] {
                try architecture.checkFinite(tensor, parameter.name)
            }
        }
    }

    /// The number of classes.
    public var classes: Int { architecture.classes }
    /// The shape of one image.
    public var imageShape: [Int] { architecture.imageShape }
    /// Floating-point operations of a forward pass over one image.
    public var forwardFLOPs: Int { architecture.forwardFLOPs }
    /// A pass with memory of its own.
    public func makePass() -> NetworkPass { NetworkPass(self) }
}

/// A forward and backward pass through a network, with the buffers in between.
public struct NetworkPass: ClassifierPass {
    private let architecture: Architecture
    private(set) var pass: Pass
    /// What one unit of the normalised image is in pixels, channel by channel.
    public var deviations: [Double] { architecture.deviations }
    /// Rows of the last batch.
    private var rows = 0

    init(_ network: Network) {
        architecture = network.architecture
        pass = Pass(network.plan, network.operations)
    }

    /// The logits [N, classes] of a batch of images.
    public mutating func logits(of images: Tensor) throws -> Tensor {
        try check(images)
        forward(images)
        let logits = pass.logits
        if logits.firstNotFinite != nil {
            throw pass.forwardFault() ?? .notFinite(place: "The network", value: .nan, sample: 0)
        }
        pass.releaseImages()
        return logits
    }

    /// The logits, finite or not.
    public mutating func uncheckedLogits(of images: Tensor) throws -> Tensor {
        try check(images)
        forward(images)
        pass.releaseImages()
        return pass.logits
    }

    private func check(_ images: Tensor) throws {
        guard images.rowLength == Tensor.count(of: architecture.imageShape) else {
            throw NetworkFault.wrongImages(
                architecture: architecture.name, expected: architecture.imageShape,
                found: Array(images.shape.dropFirst()))
        }
    }

    private mutating func forward(_ images: Tensor) {
        rows = images.rowCount
        pass.forward(images)
    }

    /// The vector–Jacobian product back to the pixels.
    public mutating func pixelGradient(_ logitGradient: Tensor) throws -> Tensor {
        let gradient = try uncheckedPixelGradient(logitGradient)
        if gradient.firstNotFinite != nil {
            throw pass.backwardFault(logitGradient)
                ?? .notFinite(place: "The network", value: .nan, sample: 0)
        }
        return gradient
    }

    /// The vector–Jacobian product, finite or not.
    public mutating func uncheckedPixelGradient(_ logitGradient: Tensor) throws -> Tensor {
        precondition(
            logitGradient.shape == [rows, architecture.classes],
            "pixelGradient: \(logitGradient.shape) for logits [\(rows), \(architecture.classes)]")
        pass.backward(logitGradient)
        return pass.pixelGradient
    }
}
