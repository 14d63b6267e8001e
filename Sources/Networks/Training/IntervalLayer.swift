// One layer of a training by intervals: forward, and beside it backward.

import Tensors

/// A layer with its weights, for samples and for the intervals around others.
struct IntervalLayer: Sendable {
    let parameters: [ParameterShape]
    /// By parameter.
    private(set) var gradients: [Tensor]
    /// Axes of one sample that it reads, and of one that it gives.
    private let axes: (input: [Int], output: [Int])
    private let rule: IntervalRule
    private let engine: Engine
    /// On samples and centres, and on radii; on samples and lower ends, and on upper ends.
    private var operations: (both: any Operation, radius: any Operation)
    private var contexts = (both: OperationContext(), radius: OperationContext())
    private var radiusGradients: [Tensor]
    private var weight = Tensor(shape: [0]), magnitudes = Tensor(shape: [0])
    private let noBias: Tensor
    private let givesInputGradient: Bool
    /// Of the last layer, where it is linear and its margins are asked for: what takes the place of the
    /// operation on radii.
    private var margins: IntervalMargins?
    /// The labels of the batch, for the margins.
    var targets: [Int] = []
    /// What `rising` reads and gives: ends.
    private var ends = (input: IntervalBatch(), output: IntervalBatch())

    /// - Returns: nil for a layer that moves nothing.
    init?(
        _ layer: any Layer, _ rule: IntervalRule, on input: Features, gives output: Features,
        givesInputGradient: Bool, in setting: RunSetting
    ) {
        guard let operation = layer.operation(on: input, in: setting) else { return nil }
        var radius = operation
        if case .scaling(let other) = rule, let own = other.operation(on: input, in: setting) {
            radius = own
        }
        operations = (operation, radius)
        (self.rule, self.givesInputGradient, engine) = (rule, givesInputGradient, setting.engine)
        axes = (input.axes, output.axes)
        parameters = layer.parameters
        gradients = parameters.map { Tensor(shape: $0.shape) }
        radiusGradients = gradients
        noBias = Tensor(shape: parameters.count > 1 ? parameters[1].shape : [0])
    }

    /// From now on the radius that it gives is that of the margins to the label's logit.
    mutating func giveMargins(_ layer: Linear, on input: Features, in setting: RunSetting) {
        margins = IntervalMargins(layer, on: input, in: setting)
    }

    /// Takes the weights.
    mutating func load(_ all: [String: Tensor]) {
        guard case .product = rule else { return }
        let own = parameters.compactMap { all[$0.name] }
        operations.both.load(own, givesInputGradient: givesInputGradient)
        weight = own[0]
        guard margins == nil else { return }
        engine.magnitudes(own[0], into: &magnitudes)
        operations.radius.load(
            [magnitudes] + (own.count > 1 ? [noBias] : []), givesInputGradient: givesInputGradient)
    }

    /// Lets go of the weights, so that whoever they are of may move them where they lie.
    mutating func releaseWeights() { weight = Tensor(shape: [0]) }

    mutating func forward(_ x: IntervalBatch, into y: inout IntervalBatch) {
        switch rule {
        case .relu: engine.relu(x, into: &y)
        case .rising:
            var own = ends
            ends = (IntervalBatch(), IntervalBatch())  // lets go of them, so that none is copied
            own.input.copy(x)
            engine.ends(inPlace: &own.input)
            run(own.input, into: &own.output)
            y.copy(own.output)
            engine.centres(inPlace: &y)
            ends = own
        case .product, .same, .scaling: run(x, into: &y)
        }
    }

    private mutating func run(_ x: IntervalBatch, into y: inout IntervalBatch) {
        let (both, radius) = (shaped(x.both, axes.input), shaped(x.radius, axes.input))
        if operations.both.isInPlace {
            y.copy(IntervalBatch(both, radius))
            operations.both.forward(Tensor(shape: [0]), into: &y.both, context: &contexts.both)
            operations.radius.forward(
                Tensor(shape: [0]), into: &y.radius, context: &contexts.radius)
        } else {
            operations.both.forward(both, into: &y.both, context: &contexts.both)
            guard margins == nil else {
                margins?.forward(radius, targets: targets, weight: weight, into: &y.radius)
                return
            }
            operations.radius.forward(radius, into: &y.radius, context: &contexts.radius)
        }
    }

    /// The gradients of the parameters, and, where it is asked for, that at x from dy. `dy` may be
    /// overwritten.
    mutating func backward(
        _ dy: inout IntervalBatch, x: IntervalBatch, y: IntervalBatch, into dx: inout IntervalBatch
    ) {
        switch rule {
        case .relu:
            engine.reluBackward(&dy, input: x, output: y)
            swap(&dx, &dy)
        case .rising:
            engine.ends(inPlace: &dy, scale: 0.5)
            inputGradient(&dy, x: ends.input, y: ends.output, into: &dx)
            engine.centres(inPlace: &dx, scale: 1)
        case .product where margins != nil:
            operations.both.parameterGradients(
                shaped(dy.both, axes.output), x: shaped(x.both, axes.input), into: &gradients,
                context: &contexts.both)
            operations.both.inputGradient(
                dy.both, x: Tensor(shape: [0]), y: Tensor(shape: [0]), into: &dx.both,
                context: &contexts.both)
            let radius = shaped(x.radius, axes.input)
            margins?.backward(
                dy.radius, radius: radius, targets: targets, weight: weight, into: &dx.radius,
                addingTo: &gradients[0])
        case .product:
            parameterGradients(dy, x: x)
            if givesInputGradient { inputGradient(&dy, x: x, y: y, into: &dx) }
        case .same, .scaling:
            if givesInputGradient { inputGradient(&dy, x: x, y: y, into: &dx) }
        }
    }

    private mutating func parameterGradients(_ dy: IntervalBatch, x: IntervalBatch) {
        operations.both.parameterGradients(
            shaped(dy.both, axes.output), x: shaped(x.both, axes.input), into: &gradients,
            context: &contexts.both)
        operations.radius.parameterGradients(
            shaped(dy.radius, axes.output), x: shaped(x.radius, axes.input),
            into: &radiusGradients, context: &contexts.radius)
        engine.add(radiusGradients[0], signedBy: weight, to: &gradients[0])
    }

    private mutating func inputGradient(
        _ dy: inout IntervalBatch, x: IntervalBatch, y: IntervalBatch, into dx: inout IntervalBatch
    ) {
        let isInPlace = operations.both.isInPlace
        if isInPlace { swap(&dx, &dy) }
        let none = Tensor(shape: [0])
        operations.both.inputGradient(
            isInPlace ? none : shaped(dy.both, axes.output), x: shaped(x.both, axes.input),
            y: shaped(y.both, axes.output), into: &dx.both, context: &contexts.both)
        operations.radius.inputGradient(
            isInPlace ? none : shaped(dy.radius, axes.output), x: shaped(x.radius, axes.input),
            y: shaped(y.radius, axes.output), into: &dx.radius, context: &contexts.radius)
    }

    private func shaped(_ tensor: Tensor, _ axes: [Int]) -> Tensor {
        let shape = [tensor.rowCount] + axes
        return tensor.shape == shape ? tensor : tensor.reshaped(shape)
    }
}

extension IntervalBatch {
    fileprivate init(_ both: Tensor, _ radius: Tensor) {
        self.init()
        (self.both, self.radius) = (both, radius)
    }
}
