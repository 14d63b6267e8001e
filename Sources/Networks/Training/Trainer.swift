// Training by gradient descent: the same weights, to the last bit, on any machine.

import Randomness
import Tensors

/// What an epoch did.
public struct EpochReport: Equatable, Sendable {
    /// Counted from 1.
    public var epoch: Int
    /// The size of its last step.
    public var learningRate: Float
    /// The mean loss over the epoch's batches, each before its step: what the step went down, which a
    /// robust training says.
    public var trainLoss: Double
    /// The share of training images classified as labelled, likewise: as the step saw them, so for a robust
    /// training moved, but for one that asks about the images themselves too.
    public var trainAccuracy: Double
}

/// A network in training.
public struct Trainer {
    /// The architecture.
    public let architecture: Architecture
    /// The settings.
    public let settings: TrainingSettings
    let engine: Engine
    var pass: Pass
    /// By step of the plan, in the order of its parameters.
    private var weights: [[Tensor]]
    private var optimizer: Optimizer
    private(set) var epoch = 0
    private var steps: UInt32 = 0
    /// What the settings' robust training walks with.
    var walker: BallWalker?
    /// The passes of a training by intervals.
    var intervals: IntervalPass?
    /// The images of the last batch as they are in the data set, for a robust training.
    var clean = Tensor(shape: [0])

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
        try Network.check(initial, against: architecture)
        self.init(checked: architecture, settings: settings, initial: initial, engine: engine)
    }

    private init(
        checked architecture: Architecture, settings: TrainingSettings, initial: [String: Tensor],
        engine: Engine
    ) {
        self.architecture = architecture
        self.settings = settings
        self.engine = engine
        let plan = Plan(
            architecture, in: RunSetting(engine: engine, trainingSeed: settings.seed))
        weights = plan.steps.map { $0.parameters(initial) }
        pass = Pass(plan, plan.steps.map(\.operation))
        pass.gradients = weights.map { $0.map { Tensor(shape: $0.shape) } }
        optimizer = Optimizer(settings, parameters: plan.steps.map(\.parameters), engine: engine)
        loadWeights()
    }

    /// The parameters and buffers by name.
    public var parameters: [String: Tensor] {
        Dictionary(
            uniqueKeysWithValues: zip(pass.plan.steps, weights).flatMap { step, tensors in
                zip(step.parameters.map(\.name), tensors)
            })
    }

    /// Runs the next epoch over all images, in an order drawn for this epoch.
    ///
    /// - Parameters:
    ///   - images: [N, C, H, W], pixels in [0, 1].
    ///   - labels: One a row.
    ///   - progress: Called after every step with the share of the epoch that is done.
    /// - Returns: What the epoch did.
    /// - Throws: `NetworkFault.wrongImages`, `.wrongLabel`, `.diverged`.
    public mutating func runEpoch(
        images: Tensor, labels: [Int], progress: (Double) -> Void = { _ in }
    ) throws -> EpochReport {
        try architecture.check(pass.plan)
        try check(images, labels)
        try prepareRobustTraining()
        var random = Stream(
            seed: settings.seed, name: "train/shuffle", step: UInt32(truncatingIfNeeded: epoch))
        let order = random.permutation(of: labels.count)
        let stepsOfEpoch = (order.count + settings.batch - 1) / settings.batch
        var (loss, correct, rate) = (0.0, 0, Float(0))
        for step in 0..<stepsOfEpoch {
            let end = min((step + 1) * settings.batch, order.count)
            let indices = order[step * settings.batch..<end]
            let targets = indices.map { labels[$0] }
            rate = settings.schedule.rate(
                inEpoch: epoch, of: settings.epochs, step: step, of: stepsOfEpoch)
            pass.trainingStep = steps
            steps &+= 1
            let batch = differentiate(
                indices, of: images, targets: targets,
                at: Double(epoch) + Double(step + 1) / Double(stepsOfEpoch))
            guard batch.loss.isFinite else { throw diverged(step: step) }
            loss += batch.loss
            correct += batch.correct
            update(rate: rate)
            progress(Double(end) / Double(order.count))
        }
        epoch += 1
        let count = Double(max(1, labels.count))
        return EpochReport(
            epoch: epoch, learningRate: rate, trainLoss: loss / count,
            trainAccuracy: Double(correct) / count)
    }

    private func check(_ images: Tensor, _ labels: [Int]) throws {
        try Network.check(labels, classes: architecture.classes)
        guard images.rowLength == Tensor.count(of: architecture.imageShape) else {
            throw NetworkFault.wrongImages(
                architecture: architecture.name, expected: architecture.imageShape,
                found: Array(images.shape.dropFirst()))
        }
    }

    /// Buffers take in the batch, weights follow their gradients.
    private mutating func update(rate: Float) {
        pass.forEachOperation { step, operation, context in
            operation.updateBuffers(&weights[step], context: context)
        }
        optimizer.beginStep()
        for step in weights.indices where !weights[step].isEmpty {
            optimizer.update(
                &weights[step], of: step, gradients: pass.gradients[step], rate: rate)
        }
        loadWeights()
    }

    private mutating func loadWeights() {
        for (index, step) in pass.plan.steps.enumerated() where !weights[index].isEmpty {
            pass.operations[index].load(
                weights[index], givesInputGradient: step.givesInputGradient)
        }
    }

    /// Names the first layer whose output left the finite numbers.
    private mutating func diverged(step: Int) -> NetworkFault {
        var cause = "the loss is not finite."
        let fault =
            settings.robust == .none ? pass.forwardFault() : pass.forwardFault(clean)
        if case .notFinite(let place, let value, _)? = fault {
            cause = "\(place.prefix(1).lowercased() + place.dropFirst()) gave \(value)."
        }
        return .diverged(epoch: epoch + 1, step: step + 1, cause: cause)
    }
}
