// Networks as data: a name, the shape of an image, and a list of layers.

import Randomness
import Tensors

/// A network without weights.
public struct Architecture: Sendable {
    /// The name by which configs and model files refer to it.
    public let name: String
    /// The shape of one image, [C, H, W].
    public let imageShape: [Int]
    /// The layers, first to last.
    public let layers: [any Layer]

    /// Fully connected layers with ReLU between them.
    ///
    /// - Parameters:
    ///   - name: What configs call it.
    ///   - imageShape: [C, H, W].
    ///   - widths: The length of every layer, the image's pixels first, the classes last.
    public init(multilayerPerceptron name: String, imageShape: [Int], widths: [Int]) {
        self.name = name
        self.imageShape = imageShape
        var layers: [any Layer] = []
        for depth in 1..<widths.count {
            layers.append(
                Linear("fc\(depth)", inputs: widths[depth - 1], outputs: widths[depth]))
            if depth < widths.count - 1 { layers.append(ReLU("relu\(depth)")) }
        }
        self.layers = layers
    }

    /// LeCun's 784-300-100-10 network with ReLU (266,610 parameters), the original scripts' own.
    public static let mlp = Architecture(
        multilayerPerceptron: "mlp-784-300-100-10", imageShape: [1, 28, 28],
        widths: [784, 300, 100, 10])

    /// Every architecture that a config may name.
    public static let all = [mlp]

    /// The architecture of that name.
    ///
    /// - Throws: `NetworkFault.unknownArchitecture`.
    public static func named(_ name: String) throws -> Architecture {
        guard let found = all.first(where: { $0.name == name }) else {
            throw NetworkFault.unknownArchitecture(name, known: all.map(\.name))
        }
        return found
    }

    /// All parameters, layer by layer.
    public var parameters: [ParameterShape] { layers.flatMap(\.parameters) }

    /// How many numbers are learned.
    public var parameterCount: Int { parameters.map { Tensor.count(of: $0.shape) }.reduce(0, +) }

    /// The number of classes: the length of the last layer's output.
    public var classes: Int {
        layers.reduce(imageShape) { $1.outputShape(of: $0) ?? [0] }.first ?? 0
    }

    /// Floating-point operations of a forward pass over one image.
    public var forwardOperations: Int { layers.map(\.operations).reduce(0, +) }

    /// First weights: every parameter uniform in ±1/√fan-in (He et al. 2015 with a = √5, which is
    /// PyTorch's default for a linear layer), each from a stream named after it.
    public func initialParameters(seed: UInt64) -> [String: Tensor] {
        Dictionary(
            uniqueKeysWithValues: parameters.map { parameter in
                var random = Stream(seed: seed, name: "train/initial/\(parameter.name)")
                let bound = 1 / Float(parameter.fanIn).squareRoot()
                var tensor = Tensor(shape: parameter.shape)
                tensor.withMutableFloats { values in
                    for index in values.indices {
                        values[index] = (2 * random.uniform() - 1) * bound
                    }
                }
                return (parameter.name, tensor)
            })
    }
}
