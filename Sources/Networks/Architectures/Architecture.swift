// Networks as data: a name, the shape of an image, and a list of layers.

import Randomness
import Tensors

/// A network without weights.
public struct Architecture: Sendable, CustomStringConvertible {
    /// The name by which configs and model files refer to it.
    public let name: String
    /// The shape of one image, [C, H, W].
    public let imageShape: [Int]
    /// The layers, first to last.
    public let layers: [any Layer]
    /// The images, and what each layer gives; the logits come last.
    public let features: [Features]
    /// What each layer takes: what the one before it gives, or the one that it names as its input.
    public let inputs: [Features]

    /// Checks that each layer can take what the ones that it reads give.
    ///
    /// - Parameters:
    ///   - name: What configs call it.
    ///   - imageShape: [C, H, W].
    ///   - layers: First to last; the last one gives a row of logits.
    /// - Throws: `NetworkFault.misfit` for the first layer that cannot, that has the name of
    ///   another, or that reads a layer which does not come before it.
    public init(_ name: String, imageShape: [Int], layers: [any Layer]) throws {
        var shapes = ShapeInference(name, imageShape)
        for layer in layers { try shapes.add(layer, of: layers) }
        try shapes.finish()
        (inputs, features) = (shapes.inputs, shapes.features)
        (self.name, self.imageShape, self.layers) = (name, imageShape, layers)
    }

    /// An architecture of this module, which a test has seen to fit.
    init(builtIn name: String, imageShape: [Int], layers: [any Layer]) {
        do {
            try self.init(name, imageShape: imageShape, layers: layers)
        } catch {
            preconditionFailure("\(error)")
        }
    }

    /// Fully connected layers with ReLU between them.
    ///
    /// - Parameters:
    ///   - name: What configs call it.
    ///   - imageShape: [C, H, W].
    ///   - widths: The length of every layer, the image's pixels first, the classes last.
    /// - Precondition: There are two widths or more, and the first is the image's.
    public init(multilayerPerceptron name: String, imageShape: [Int], widths: [Int]) {
        self.init(
            multilayerPerceptron: name, imageShape: imageShape, widths: widths,
            activation: { ReLU("relu\($0)") })
    }

    init(
        multilayerPerceptron name: String, imageShape: [Int], widths: [Int],
        activation: (Int) -> any Layer
    ) {
        var layers: [any Layer] = []
        for depth in 1..<widths.count {
            layers.append(
                Linear("fc\(depth)", inputs: widths[depth - 1], outputs: widths[depth]))
            if depth < widths.count - 1 { layers.append(activation(depth)) }
        }
        self.init(builtIn: name, imageShape: imageShape, layers: layers)
    }

    /// All parameters and buffers, layer by layer.
    public var parameters: [ParameterShape] { layers.flatMap(\.parameters) }

    /// How many numbers are learned.
    public var parameterCount: Int {
        parameters.filter(\.isTrained).map(\.count).reduce(0, +)
    }

    /// The number of classes: the length of the last layer's output.
    public var classes: Int { features[features.count - 1].count }

    /// Whether there are feature maps between its layers.
    public var isSpatial: Bool { features.contains { $0.layout == .channelsLast } }

    /// Floating-point operations of a forward pass over one image; see `Layer.flops`. `Int.max` where
    /// there are more.
    public var forwardFLOPs: Int {
        zip(layers, inputs).reduce(0) { sum, layer in
            let (next, overflows) = sum.addingReportingOverflow(layer.0.flops(on: layer.1))
            return overflows ? .max : next
        }
    }

    /// The name, by which a test or a message refers to it.
    public var description: String { name }

    /// Whether a name in weights from elsewhere is read over, such as PyTorch's counts of batches.
    public func isIgnored(_ name: String) -> Bool {
        layers.contains { $0.ignoredNames.contains(name) }
    }

    /// First weights, PyTorch's defaults for each kind of layer; random ones each from a stream
    /// named after the parameter.
    public func initialParameters(seed: UInt64) -> [String: Tensor] {
        Dictionary(
            uniqueKeysWithValues: parameters.map { parameter in
                var tensor = Tensor(shape: parameter.shape)
                tensor.withMutableFloats { values in
                    switch parameter.initializer {
                    case .constant(let value): values.update(repeating: value)
                    case .uniform(let fanIn):
                        var random = Stream(seed: seed, name: "train/initial/\(parameter.name)")
                        let bound = 1 / Float(fanIn).squareRoot()
                        for index in values.indices {
                            values[index] = (2 * random.uniform() - 1) * bound
                        }
                    }
                }
                return (parameter.name, tensor)
            })
    }
}
