// Training by stochastic gradient descent: the same weights, to the last bit, on any machine.

import Randomness
import Tensors

/// How to train. Units and ranges are those of the training config.
public struct TrainingSettings: Equatable, Sendable {
    /// Passes over the training images, at least 1.
    public var epochs: Int
    /// Images a step, at least 1; the last step of an epoch takes what is left.
    public var batch: Int
    /// The step size of the first epoch, positive.
    public var learningRate: Float
    /// The step size of the last epoch; in between it falls (or rises) linearly by epoch.
    public var finalLearningRate: Float
    /// How much of the last velocity is kept, in [0, 1).
    public var momentum: Float
    /// The pull of every parameter towards 0, at least 0.
    public var weightDecay: Float
    /// Where all random numbers come from.
    public var seed: UInt64

    /// Settings, all of them said.
    public init(
        epochs: Int, batch: Int, learningRate: Float, finalLearningRate: Float, momentum: Float,
        weightDecay: Float, seed: UInt64
    ) {
        self.epochs = epochs
        self.batch = batch
        self.learningRate = learningRate
        self.finalLearningRate = finalLearningRate
        self.momentum = momentum
        self.weightDecay = weightDecay
        self.seed = seed
    }

    /// The step size of an epoch, counted from 0.
    public func learningRate(inEpoch epoch: Int) -> Float {
        guard epochs > 1 else { return learningRate }
        let way = Float(epoch) / Float(epochs - 1)
        return learningRate * (1 - way) + finalLearningRate * way
    }
}

/// What an epoch did.
public struct EpochReport: Equatable, Sendable {
    /// Counted from 1.
    public var epoch: Int
    /// The step size.
    public var learningRate: Float
    /// The mean loss over the epoch's batches, each before its step.
    public var trainLoss: Double
    /// The share of training images classified as labelled, likewise.
    public var trainAccuracy: Double
}

/// A network in training.
public struct Trainer {
    /// The architecture.
    public let architecture: Architecture
    /// The settings.
    public let settings: TrainingSettings
    private let engine: Engine
    private var layers: [any PreparedLayer]
    /// By layer, in the order of `Layer.parameters`.
    private var weights: [[Tensor]]
    private var velocities: [[Tensor]]
    private var gradients: [[Tensor]]
    private var activations: [Tensor]
    private var flows: [Tensor]
    private var scratch = Tensor(shape: [0])
    private var epoch = 0

    /// A network with first weights drawn by the settings' seed.
    public init(_ architecture: Architecture, settings: TrainingSettings, engine: Engine) {
        self.init(
            checked: architecture, settings: settings,
            initial: architecture.initialParameters(seed: settings.seed), engine: engine)
    }

    /// A network with given first weights.
    ///
    /// - Throws: `NetworkFault` where they are not the architecture's.
    public init(
        _ architecture: Architecture, settings: TrainingSettings, initial: [String: Tensor],
        engine: Engine
    ) throws {
        _ = try Network(architecture, parameters: initial, engine: engine)
        self.init(checked: architecture, settings: settings, initial: initial, engine: engine)
    }

    private init(
        checked architecture: Architecture, settings: TrainingSettings, initial: [String: Tensor],
        engine: Engine
    ) {
        self.architecture = architecture
        self.settings = settings
        self.engine = engine
        layers = architecture.layers.map { $0.prepared(with: initial, on: engine) }
        weights = architecture.layers.map { layer in
            layer.parameters.map { initial[$0.name] ?? Tensor(shape: $0.shape) }
        }
        velocities = architecture.layers.map { $0.parameters.map { Tensor(shape: $0.shape) } }
        gradients = velocities.map { $0.map { Tensor(shape: $0.shape) } }
        let empty = Tensor(shape: [0])
        activations = Array(repeating: empty, count: layers.count + 1)
        flows = activations
    }

    /// The parameters by name.
    public var parameters: [String: Tensor] {
        Dictionary(
            uniqueKeysWithValues: zip(architecture.layers, weights).flatMap { layer, tensors in
                zip(layer.parameters.map(\.name), tensors)
            })
    }

    /// Runs the next epoch over all images, in an order drawn for this epoch.
    ///
    /// - Parameters:
    ///   - images: [N, C, H, W], pixels in [0, 1].
    ///   - labels: One a row.
    ///   - progress: Called after every step with the share of the epoch that is done.
    /// - Returns: What the epoch did.
    /// - Throws: `NetworkFault.wrongLabel`, `.diverged`.
    public mutating func runEpoch(
        images: Tensor, labels: [Int], progress: (Double) -> Void = { _ in }
    ) throws -> EpochReport {
        try Network.check(labels, classes: architecture.classes)
        var random = Stream(
            seed: settings.seed, name: "train/shuffle", step: UInt32(truncatingIfNeeded: epoch))
        let order = random.permutation(of: labels.count)
        let rate = settings.learningRate(inEpoch: epoch)
        var loss = 0.0
        var correct = 0
        for (step, start) in stride(from: 0, to: order.count, by: settings.batch).enumerated() {
            let indices = order[start..<min(start + settings.batch, order.count)]
            let targets = indices.map { labels[$0] }
            engine.gather(indices, of: images, into: &activations[0])
            forward()
            let logits = activations[layers.count]
            correct += zip(logits.argmaxOfRows(), targets).count { $0 == $1 }
            flows[layers.count] = logits
            let losses = CrossEntropy.gradient(
                inPlaceOf: &flows[layers.count], targets: targets, scale: 1 / Float(targets.count))
            let batchLoss = losses.reduce(0) { $0 + Double($1) }
            guard batchLoss.isFinite else { throw diverged(step: step) }
            loss += batchLoss
            backward()
            descend(rate: rate)
            progress(Double(min(start + settings.batch, order.count)) / Double(order.count))
        }
        epoch += 1
        let count = Double(max(1, labels.count))
        return EpochReport(
            epoch: epoch, learningRate: rate, trainLoss: loss / count,
            trainAccuracy: Double(correct) / count)
    }

    private mutating func forward() {
        for index in layers.indices {
            let input = activations[index]
            layers[index].forward(input, into: &activations[index + 1], scratch: &scratch)
        }
    }

    /// Parameter gradients of every layer; the gradient at the pixels is never asked for.
    private mutating func backward() {
        for index in layers.indices.reversed() {
            let (x, y, dy) = (activations[index], activations[index + 1], flows[index + 1])
            layers[index].parameterGradients(
                dy, x: x, into: &gradients[index], scratch: &scratch)
            guard index > 0 else { continue }
            layers[index].inputGradient(
                dy, x: x, y: y, into: &flows[index], scratch: &scratch)
        }
    }

    private mutating func descend(rate: Float) {
        for layer in weights.indices where !weights[layer].isEmpty {
            for index in weights[layer].indices {
                engine.sgdStep(
                    weights: &weights[layer][index], velocity: &velocities[layer][index],
                    gradient: gradients[layer][index], rate: rate, momentum: settings.momentum,
                    decay: settings.weightDecay)
            }
            layers[layer].update(weights[layer], givesInputGradient: layer > 0)
        }
    }

    /// Names the first layer whose output, or whose weights, left the finite numbers.
    private func diverged(step: Int) -> NetworkFault {
        for (layer, output) in zip(architecture.layers, activations.dropFirst()) {
            if let place = output.firstNotFinite {
                return .diverged(
                    epoch: epoch + 1, step: step + 1,
                    cause: "layer \(layer.name) gave \(output.values[place]).")
            }
        }
        return .diverged(epoch: epoch + 1, step: step + 1, cause: "the loss is not finite.")
    }
}
