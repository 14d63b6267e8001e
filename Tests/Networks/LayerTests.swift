// Every kind of layer against double: what it gives, and what its gradients are.

import Foundation
import Randomness
import Tensors
import Testing

@testable import Networks

/// A network for one layer or a few, and the image that it takes.
struct LayerCase: CustomTestStringConvertible, Sendable {
    let name: String
    let image: [Int]
    let layers: [any Layer]

    var testDescription: String { name }

    func architecture() throws -> Architecture {
        try Architecture(name, imageShape: image, layers: layers)
    }

    static let all: [LayerCase] =
        builtIn + activations + colours + joins + windows + functions + places + norms

    private static let builtIn: [LayerCase] = [
        of("convolution", [2, 6, 5], flat: 3 * 6 * 5) {
            [Convolution("conv", inputs: 2, outputs: 3, kernel: 3, padding: 1)]
        },
        of("convolution, stride, no bias, kernel 2×3", [3, 7, 6], flat: 5 * 3 * 2) {
            [
                Convolution(
                    "conv", inputs: 3, outputs: 5, kernel: [2, 3], stride: [2, 2], bias: false)
            ]
        },
        of("convolution, SAME padding", [2, 6, 6], flat: 4 * 3 * 3) {
            [
                Convolution(
                    "conv", inputs: 2, outputs: 4, kernel: [3, 3], stride: [2, 2],
                    padding: Padding(top: 0, left: 0, bottom: 1, right: 1))
            ]
        },
        of("grouped convolution", [4, 5, 5], flat: 6 * 5 * 5) {
            [Convolution("conv", inputs: 4, outputs: 6, kernel: 3, padding: 1, groups: 2)]
        },
        of("depthwise convolution", [4, 5, 5], flat: 4 * 3 * 3) {
            [
                Convolution(
                    "conv", inputs: 4, outputs: 4, kernel: 3, stride: 2, padding: 1, groups: 4)
            ]
        },
        of("convolution + ReLU", [2, 5, 5], flat: 3 * 5 * 5) {
            [Convolution("conv", inputs: 2, outputs: 3, kernel: 3, padding: 1), ReLU("relu")]
        },
        of("convolution + norm + ReLU6", [2, 5, 5], flat: 3 * 5 * 5) {
            [
                Convolution("conv", inputs: 2, outputs: 3, kernel: 3, padding: 1, bias: false),
                BatchNorm("bn", channels: 3, epsilon: 1e-3), ReLU6("relu"),
            ]
        },
        of("convolution with bias + norm", [2, 5, 5], flat: 3 * 5 * 5) {
            [
                Convolution("conv", inputs: 2, outputs: 3, kernel: 3, padding: 1),
                BatchNorm("bn", channels: 3),
            ]
        },
        of("norm after pooling", [2, 6, 6], flat: 2 * 3 * 3) {
            [AveragePool("pool", kernel: 2), BatchNorm("bn", channels: 2), ReLU("relu")]
        },
        of("max pool", [2, 6, 6], flat: 2 * 3 * 3) { [MaxPool("pool", kernel: 2)] },
        of("max pool, overlapping, padded", [2, 5, 5], flat: 2 * 3 * 3) {
            [MaxPool("pool", kernel: 3, stride: 2, padding: 1), ReLU("relu")]
        },
        of("average pool, padded", [2, 5, 5], flat: 2 * 3 * 3) {
            [AveragePool("pool", kernel: 3, stride: 2, padding: 1)]
        },
        LayerCase(
            name: "global average pool", image: [3, 4, 5],
            layers: [
                ChannelsLast(), GlobalAveragePool("pool"), Linear("fc", inputs: 3, outputs: 3),
            ]),
        of("sigmoid", [1, 4, 4], flat: 16) { [Sigmoid("sigmoid")] },
        of("dropout", [2, 4, 4], flat: 32) { [Dropout("drop", rate: 0.3)] },
        LayerCase(
            name: "dropout kept on", image: [1, 4, 4],
            layers: [
                Linear("fc0", inputs: 16, outputs: 12), ReLU("relu"),
                Dropout("drop", rate: 0.5, evaluationSeed: 3),
                Linear("fc", inputs: 12, outputs: 3),
            ]),
        LayerCase(
            name: "normalise", image: [3, 4, 4],
            layers: [
                Normalise(mean: [0.4, 0.5, 0.6], deviation: [0.2, 0.3, 0.25]), Flatten(),
                Linear("fc", inputs: 48, outputs: 3),
            ]),
        LayerCase(
            name: "ReLU last, in a product", image: [1, 4, 4],
            layers: [Linear("fc", inputs: 16, outputs: 3), ReLU("relu")]),
        LayerCase(
            name: "ReLU6 last, by itself", image: [1, 4, 4],
            layers: [Linear("fc", inputs: 16, outputs: 3), Sigmoid("sigmoid"), ReLU6("relu")]),
        of("residual", [3, 4, 4], flat: 48) {
            [
                Convolution("conv1", inputs: 3, outputs: 3, kernel: 3, padding: 1), ReLU("relu1"),
                Convolution("conv2", inputs: 3, outputs: 3, kernel: 3, padding: 1),
                BatchNorm("bn2", channels: 3), Residual("add", of: "relu1"),
            ]
        },
        of("residual of a gated sum, used twice", [2, 4, 4], flat: 32) {
            [
                Convolution("conv1", inputs: 2, outputs: 2, kernel: 3, padding: 1), ReLU("relu1"),
                Convolution("conv2", inputs: 2, outputs: 2, kernel: 1), ReLU("relu2"),
                Residual("add1", of: "relu1"), ReLU("relu3"),
                Convolution("conv3", inputs: 2, outputs: 2, kernel: 1), ReLU("relu4"),
                Residual("add2", of: "relu1"), Residual("add3", of: "relu3"),
            ]
        },
        of("residual of a sum before its norm and activation", [2, 4, 4], flat: 32) {
            [
                Convolution("conv1", inputs: 2, outputs: 2, kernel: 3, padding: 1),
                BatchNorm("bn1", channels: 2), ReLU("relu1"),
                Convolution("conv2", inputs: 2, outputs: 2, kernel: 1),
                Residual("add1", of: "conv1"), ReLU("relu2"), Residual("add2", of: "bn1"),
            ]
        },
        of("residual of the layer before, and of that sum", [2, 4, 4], flat: 32) {
            [
                Convolution("conv1", inputs: 2, outputs: 2, kernel: 3, padding: 1),
                Residual("add1", of: "conv1"), ReLU("relu"), Residual("add2", of: "add1"),
            ]
        },
        of("residual of the pixels", [2, 4, 4], flat: 32) {
            [
                Convolution("conv1", inputs: 2, outputs: 2, kernel: 3, padding: 1), ReLU("relu1"),
                Residual("add1", of: "pixels"), MaxPool("pool", kernel: 1),
            ]
        },
    ]

    static func of(
        _ name: String, _ image: [Int], flat: Int, _ layers: () -> [any Layer]
    ) -> LayerCase {
        LayerCase(
            name: name, image: image,
            layers: [ChannelsLast()] + layers() + [
                Flatten(), Linear("fc", inputs: flat, outputs: 3),
            ])
    }

    /// Images in [0, 1] and weights, all random; buffers of normalisations too.
    func numbers(_ architecture: Architecture, count: Int) -> (Tensor, [String: Tensor]) {
        var random = Stream(seed: 11, name: name)
        var images = Tensor(shape: [count] + image)
        images.withMutableFloats { for i in $0.indices { $0[i] = random.uniform() } }
        var parameters = architecture.initialParameters(seed: 4)
        for (key, var tensor) in parameters.sorted(by: { $0.key < $1.key }) {
            guard ["bn", "affine", "prelu", "given"].contains(where: { key.hasPrefix($0) }) else {
                continue
            }
            let isPositive =
                key == "affine.scale" || key.hasSuffix("var")
                || key.hasPrefix("bn") && key.hasSuffix("weight")
            let low: Float = isPositive ? 0.5 : -0.5
            tensor.withMutableFloats { for i in $0.indices { $0[i] = low + random.uniform() } }
            parameters[key] = tensor
        }
        return (images, parameters)
    }
}

func doubles(_ images: Tensor) -> [[Double]] {
    (0..<images.rowCount).map { images.rows($0..<$0 + 1).values.map(Double.init) }
}

/// A layer and what it cannot take.
private func misfit(_ number: Int) -> (layer: any Layer, input: Features) {
    switch number {
    case 0:
        (
            Convolution("layer", inputs: 3, outputs: 2, kernel: 3),
            .maps(channels: 2, height: 5, width: 5)
        )
    case 1:
        (
            Convolution("layer", inputs: 2, outputs: 2, kernel: 3),
            .maps(channels: 2, height: 2, width: 5)
        )
    case 2: (Convolution("layer", inputs: 2, outputs: 2, kernel: 3), .vector(50))
    case 3: (MaxPool("layer", kernel: 3), .maps(channels: 2, height: 2, width: 5))
    case 4: (AveragePool("layer", kernel: 2), .vector(50))
    case 5: (PReLU("layer", slopes: 3), .maps(channels: 2, height: 5, width: 5))
    case 6: (Affine("layer", channels: 3), .vector(50))
    case 7: (Pad("layer", padding: Padding(1, 1)), .vector(50))
    case 8: (Pad("layer", padding: Padding(-3, 0)), .maps(channels: 2, height: 5, width: 5))
    case 9: (Unflatten("layer", shape: [2, 5, 4]), .vector(50))
    // A window of two pixels with a gap, of which the padding holds both.
    case 10:
        (
            MaxPool(
                "layer", kernel: [2, 2], stride: [1, 1], padding: Padding(1, 1), dilation: [2, 2]),
            .maps(channels: 2, height: 1, width: 1)
        )
    case 11:
        (
            Convolution("layer", inputs: 2, outputs: 2, kernel: [3, 3], dilation: [3, 1]),
            .maps(channels: 2, height: 6, width: 6)
        )
    case 12:
        (
            ConvolutionTranspose("layer", inputs: 3, outputs: 2, kernel: [2, 2]),
            .maps(channels: 2, height: 5, width: 5)
        )
    case 13:
        (
            ConvolutionTranspose(
                "layer", inputs: 2, outputs: 2, kernel: [2, 2], padding: Padding(3, 0)),
            .maps(channels: 2, height: 5, width: 5)
        )
    case 14: (Select("layer", rows: [0, 5]), .maps(channels: 2, height: 5, width: 5))
    case 15: (Select("layer", columns: [0]), .vector(50))
    case 16: (Permute("layer", axes: [7, 7], order: [1, 0], shape: [49]), .vector(50))
    case 17: (InstanceNorm("layer", channels: 3), .maps(channels: 2, height: 5, width: 5))
    case 18: (ResponseNorm("layer", size: 3), .image([2, 5, 5]))
    case 19: (Softmax("layer"), .image([2, 5, 5]))
    case 20: (LogSoftmax("layer"), .image([2, 5, 5]))
    default: (GlobalAveragePool("layer"), .vector(50))
    }
}

@Suite("Layers")
struct LayerTests {
    /// What no case has, nothing here tests.
    @Test func everyKindOfLayerOfTheCatalogueHasACase() {
        let tested = Set(LayerCase.all.flatMap(\.layers).map(\.kind))
        #expect(Set(Architecture.all.flatMap(\.layers).map(\.kind)).subtracting(tested) == [])
    }

    /// Likewise what only imported networks have: every kind that the sources name.
    @Test func everyKindOfLayerHasACase() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/Networks/Layers").standardized
        let sources = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
        let kinds = try sources.flatMap { file in
            try String(contentsOf: file, encoding: .utf8).matches(of: /let kind = "([a-z0-9-]+)"/)
                .map { String($0.output.1) }
        }
        #expect(kinds.count > 20)
        let tested = Set(LayerCase.all.flatMap(\.layers).map(\.kind))
        #expect(Set(kinds).subtracting(tested) == [])
    }

    private let direction: [[Double]] = [[1, -2, 0.5], [0.25, 1, -1], [3, 0, 1]]

    /// Logits and pixel gradients, in evaluation.
    @Test(arguments: LayerCase.all)
    func evaluationAgreesWithDoubleAndCentralDifferences(_ layers: LayerCase) throws {
        let architecture = try layers.architecture()
        let (images, parameters) = layers.numbers(architecture, count: 3)
        let network = try Network(
            architecture, parameters: parameters, engine: Engine(threads: 1))
        let double = DoubleNetwork(architecture, parameters)
        var pass = network.makePass()
        let found = try pass.logits(of: images)
        let expected = double.logits(doubles(images)).flatMap { $0 }
        for (found, expected) in zip(found.values, expected) {
            #expect(abs(Double(found) - expected) <= 1e-5 + 1e-5 * abs(expected))
        }
        let logitGradient = Tensor(
            shape: [3, 3], values: direction.flatMap { $0 }.map { Float($0) })
        let gradient = try pass.pixelGradient(logitGradient)
        #expect(gradient.shape == images.shape)
        // A second gradient after the same forward pass is the same again.
        #expect(try pass.pixelGradient(logitGradient).bits == gradient.bits)
        for row in 0..<3 {
            let pixels = doubles(images.rows(row..<row + 1))[0]
            for pixel in pixels.indices {
                let difference = centralDifference(of: pixels, at: pixel) {
                    double.value([$0], along: [direction[row]])
                }
                let value = Double(gradient.values[row * pixels.count + pixel])
                #expect(
                    abs(value - difference) <= 1e-5 + 1e-4 * abs(difference),
                    "row \(row), pixel \(pixel): \(value) against \(difference)")
            }
        }
    }

    /// Parameter gradients of one training step: with one step of plain descent and rate 1 they
    /// are what the weights lose.
    @Test(arguments: LayerCase.all)
    func trainingAgreesWithCentralDifferences(_ layers: LayerCase) throws {
        let architecture = try layers.architecture()
        let (images, parameters) = layers.numbers(architecture, count: 4)
        let labels = [0, 2, 1, 1]
        let how = TrainingSettings(
            epochs: 1, batch: 4, learningRate: 1, finalLearningRate: 1, momentum: 0,
            weightDecay: 0, seed: 9)
        var trainer = try Trainer(
            architecture, settings: how, initial: parameters, engine: Engine(threads: 1))
        _ = try trainer.runEpoch(images: images, labels: labels)
        let after = trainer.parameters
        // The order of the images matters to dropout alone; take it as the trainer drew it.
        var random = Stream(seed: 9, name: "train/shuffle", step: 0)
        let order = random.permutation(of: 4)
        let shuffled = order.map { doubles(images)[$0] }
        let targets = order.map { labels[$0] }
        var double = DoubleNetwork(architecture, parameters, training: (9, 0))
        for shape in architecture.parameters where shape.isTrained {
            let before = try #require(double.parameters[shape.name])
            let moved = try #require(after[shape.name]).values.map(Double.init)
            for place in stride(from: 0, to: before.count, by: max(1, before.count / 11)) {
                let difference = centralDifference(of: before, at: place) {
                    double.parameters[shape.name] = $0
                    return double.loss(shuffled, targets)
                }
                double.parameters[shape.name] = before
                let value = before[place] - moved[place]
                #expect(
                    abs(value - difference) <= 2e-6 + 1e-4 * abs(difference),
                    "\(shape.name)[\(place)]: \(value) against \(difference)")
            }
        }
    }

    private func centralDifference(
        of values: [Double], at place: Int, _ function: ([Double]) -> Double
    ) -> Double {
        let step = 1e-6
        var (up, down) = (values, values)
        up[place] += step
        down[place] -= step
        return (function(up) - function(down)) / (2 * step)
    }

    /// A layer that cannot take its input is never passed over: the architecture throws, and a caller
    /// that asks the layer itself traps.
    @Test(arguments: 0..<22) func aLayerThatCannotTakeItsInputIsNotPassedOver(number: Int) async {
        let (layer, input) = misfit(number)
        #expect(layer.output(of: input) == nil)
        let first: [any Layer] =
            input.layout == .vector
            ? [Flatten()] : input.layout == .channelsLast ? [ChannelsLast()] : []
        let image = input.layout == .vector ? [2, 5, 5] : input.shape
        #expect(throws: NetworkFault.self) {
            try Architecture("misfit", imageShape: image, layers: first + [layer, Flatten("last")])
        }
        await #expect(processExitsWith: .failure) { [number] in
            let (layer, input) = misfit(number)
            let setting = RunSetting(engine: Engine(threads: 1), trainingSeed: nil)
            _ = layer.operation(on: input, in: setting)
        }
    }

    @Test func runningAveragesFollowTheFormula() throws {
        let architecture = try Architecture(
            "norm", imageShape: [2, 4, 4],
            layers: [
                ChannelsLast(), BatchNorm("bn", channels: 2, momentum: 0.25), Flatten(),
                Linear("fc", inputs: 32, outputs: 2),
            ])
        var random = Stream(seed: 1, name: "norm")
        let images = Tensor(
            shape: [6, 2, 4, 4], values: (0..<192).map { _ in random.uniform() })
        var trainer = Trainer(
            architecture, settings: settings(epochs: 1, batch: 6), engine: Engine(threads: 1))
        _ = try trainer.runEpoch(images: images, labels: [0, 1, 0, 1, 0, 1])
        let mean = try #require(trainer.parameters["bn.running_mean"]).values
        let variance = try #require(trainer.parameters["bn.running_var"]).values
        for c in 0..<2 {
            let all: [Double] = doubles(images).flatMap { $0[c * 16..<(c + 1) * 16] }
            let m: Double = all.reduce(0, +) / 96
            let v: Double = all.map { ($0 - m) * ($0 - m) }.reduce(0, +) / 95
            let (meanError, error) = (
                Double(mean[c]) - 0.25 * m, Double(variance[c]) - 0.75 - 0.25 * v
            )
            #expect(abs(meanError) <= 1e-7)
            #expect(abs(error) <= 2e-7)
        }
    }

    /// Folding is what it says: the product with w·scale and b·scale + shift, nothing else.
    @Test func foldedWeightsAreTheStatedExpression() throws {
        let layer = BatchNorm("bn", channels: 2, epsilon: 0.5)
        let parts: [Float] = [2, 3, 0.25, -1, 1, 4, 3.5, 8.5]
        let tensors = (0..<4).map { Tensor(shape: [2], values: Array(parts[$0 * 2..<$0 * 2 + 2])) }
        let scaling = ChannelScaling(tensors, epsilon: layer.epsilon)
        #expect(scaling.scale == [1, 1])
        #expect(scaling.shift == [-0.75, -5])
        let folded = ChannelScaling(
            [tensors[0], tensors[1], tensors[2], Tensor(shape: [2], values: [0.5, 8.5])],
            epsilon: 0.5
        ).folded(
            weight: Tensor(shape: [2, 1, 1, 2], values: [1, 2, 3, 4]),
            bias: Tensor(shape: [2], values: [1, 1]))
        #expect(folded[0].values == [2, 4, 3, 4])
        #expect(folded[1].values == [0.25, -4])
    }
}

extension Tensor {
    /// The bit patterns, for comparisons that see the sign of zero.
    var bits: [UInt32] { values.map(\.bitPattern) }
}
