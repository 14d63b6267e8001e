// What the tests of certificates share: networks with given weights, hostile ones, and small boxes of
// floats that can be gone through one by one.

import Networks
import Randomness
import Tensors

@testable import Certificates

let engine = Engine(threads: 2)

func tensor(_ shape: [Int], _ values: [Float]) -> Tensor { Tensor(shape: shape, values: values) }

/// Layers over [1, 1, inputs] images with weights by name.
func network(
    _ layers: [any Layer], image: [Int], _ parameters: [String: Tensor], on engine: Engine = engine
) throws -> Network {
    try Network(
        try Architecture("test", imageShape: image, layers: layers), parameters: parameters,
        engine: engine)
}

/// Uniform in ±1, from a stream of its own.
func draws(_ count: Int, _ name: String, seed: UInt64 = 1) -> [Float] {
    var random = Stream(seed: seed, name: name)
    return (0..<count).map { _ in 2 * random.uniform() - 1 }
}

/// Parameters of an architecture, of all sizes: some 0, some around 2²⁰, and cancelling neighbours.
func hostileParameters(_ architecture: Architecture, seed: UInt64) -> [String: Tensor] {
    Dictionary(
        uniqueKeysWithValues: architecture.parameters.map { parameter in
            var random = Stream(seed: seed, name: parameter.name)
            var values = (0..<parameter.count).map { _ in 2 * random.uniform() - 1 }
            for place in values.indices {
                switch random.below(8) {
                case 0: values[place] = 0
                case 1: values[place] *= 0x1p20
                case 2 where place > 0: values[place] = -values[place - 1]
                case 3: values[place] *= 0x1p-130
                default: break
                }
            }
            if parameter.name.hasSuffix("running_var") { values = values.map(abs) }
            return (parameter.name, Tensor(shape: parameter.shape, values: values))
        })
}

/// Drawn parameters of ordinary size; variances are positive.
func drawnParameters(
    _ architecture: Architecture, seed: UInt64, scale: Float = 1
) -> [String: Tensor] {
    Dictionary(
        uniqueKeysWithValues: architecture.parameters.map { parameter in
            var values = draws(parameter.count, parameter.name, seed: seed).map { scale * $0 }
            if parameter.name.hasSuffix("running_var") { values = values.map { abs($0) + 0.1 } }
            return (parameter.name, Tensor(shape: parameter.shape, values: values))
        })
}

/// All floats of [lower, upper], in order.
func floats(_ lower: Float, _ upper: Float) -> [Float] {
    var all = [lower]
    while let last = all.last, last < upper { all.append(last.nextUp) }
    return all
}

/// Images in [0, 1].
func images(_ count: Int, _ shape: [Int], seed: UInt64 = 5) -> Tensor {
    var random = Stream(seed: seed, name: "images")
    return Tensor(
        shape: [count] + shape,
        values: (0..<count * Tensor.count(of: shape)).map { _ in random.uniform() })
}

extension Network {
    /// The logits of each image, finite or not.
    func logits(_ images: Tensor) throws -> [[Float]] {
        var pass = makePass()
        let found = try pass.uncheckedLogits(of: images).values
        return (0..<images.rowCount).map { Array(found[$0 * classes..<($0 + 1) * classes]) }
    }
}

extension Box {
    init(around images: Tensor, _ epsilon: Float) {
        let box = InputBox(
            around: images, epsilons: Array(repeating: epsilon, count: images.rowCount))
        self.init(lower: box.lower, upper: box.upper)
    }
}
