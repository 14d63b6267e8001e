// From layers to instructions on values: products take in the normalisation and the activation
// that follow them, layers that move nothing disappear, and the backward pass asks for nothing
// that nobody wants.

import Tensors

/// An operation of a network and the layers that it stands for.
struct Step: Sendable {
    /// The layer whose parameters it has.
    let layer: any Layer
    /// The normalisation that is folded into its weights.
    var norm: BatchNorm?
    /// Whether the gradient at its input is asked for.
    var givesInputGradient = false

    /// Its parameters as the operation takes them, from all by name.
    func parameters(_ all: [String: Tensor]) -> [Tensor] {
        func tensors(_ layer: any Layer) -> [Tensor] {
            layer.parameters.map { parameter in
                guard let tensor = all[parameter.name] else {
                    preconditionFailure("layer \(layer.name) has no \(parameter.name)")
                }
                return tensor
            }
        }
        let own = tensors(layer)
        guard let norm, let weight = own.first else { return own }
        return ChannelScaling(tensors(norm), epsilon: norm.epsilon).folded(
            weight: weight, bias: own.count > 1 ? own[1] : nil)
    }
}

/// The instructions of a network, on values that are each in a place of their own; value 0 is
/// the batch of images.
struct Graph {
    private(set) var steps: [Step] = []
    private(set) var operations: [any Operation] = []
    private(set) var forward: [Instruction] = []
    private(set) var backward: [Instruction] = []
    private(set) var logits = Place(buffer: 0, axes: [])
    /// The gradient of the logits.
    private(set) var seed = Place(buffer: 0, axes: [])
    /// The gradient at the pixels; nil in training.
    private(set) var pixelGradient: Place?

    private let setting: RunSetting
    private var values = 1
    /// Values that must stay as they are: read by the backward pass, or added later.
    private var isFixed: Set<Int> = [0]
    /// Values whose gradient somebody wants.
    private var isWanted: Set<Int> = []
    /// The value that holds the gradient of a value.
    private var gradients: [Int: Int] = [:]

    init(_ architecture: Architecture, _ setting: RunSetting) {
        self.setting = setting
        if !setting.isTraining { isWanted.insert(0) }
        goForward(architecture)
        goBackward(architecture.imageShape)
    }

    private mutating func newPlace(_ axes: [Int]) -> Place {
        values += 1
        return Place(buffer: values - 1, axes: axes)
    }

    // MARK: Forward

    private mutating func goForward(_ architecture: Architecture) {
        let (layers, features) = (architecture.layers, architecture.features)
        let sources = Set(layers.compactMap { ($0 as? Residual)?.source })
        let works = zip(layers, features).map { $0.work(on: $1, in: setting) }
        var given: [String: Place] = [:]
        var x = Place(buffer: 0, axes: architecture.imageShape)
        var index = 0
        while index < layers.count {
            let layer = layers[index]
            var last = index
            let axes = features[index + 1].axes
            switch works[index] {
            case .nothing: x = Place(buffer: x.buffer, axes: axes)
            case .activation(let activation): x = activate(x, activation, layer.name)
            case .addition(let source):
                guard let skip = given[source] else {
                    preconditionFailure("layer \(layer.name) adds \(source), which is not kept")
                }
                x = add(skip, to: x, layer.name)
            case .scaling(let norm):
                let operation = BatchNormScaling(norm, engine: setting.engine)
                x = run(operation, Step(layer: layer), on: x, giving: axes)
            case .operation(let operation):
                /// Whether the next layer can be taken in: nobody adds what is between.
                func takesNext() -> Bool {
                    last + 1 < layers.count && !sources.contains(layers[last].name)
                }
                var step = Step(layer: layer)
                guard var product = operation as? any Product else {
                    x = run(operation, step, on: x, giving: axes)
                    break
                }
                if takesNext(), case .scaling(let norm) = works[last + 1] {
                    step.norm = norm
                    last += 1
                }
                if takesNext(), case .activation(let activation) = works[last + 1] {
                    product.activation = activation
                    last += 1
                }
                x = run(product, step, on: x, giving: axes)
            }
            let name = layers[last].name
            given[name] = x
            if sources.contains(name) { isFixed.insert(x.buffer) }
            index = last + 1
        }
        logits = x
    }

    private mutating func run(
        _ operation: any Operation, _ step: Step, on x: Place, giving axes: [Int]
    ) -> Place {
        let y = newPlace(axes)
        let activation = (operation as? any Product)?.activation ?? .none
        let isGated = activation != .none
        var step = step
        step.givesInputGradient = isWanted.contains(x.buffer)
        let isTrained = setting.isTraining && step.layer.parameters.contains(where: \.isTrained)
        if step.givesInputGradient || isTrained { isWanted.insert(y.buffer) }
        if isGated || operation.inputGradientReads.contains(.output) { isFixed.insert(y.buffer) }
        forward.append(
            Instruction(
                kind: .run, operation: steps.count, layer: step.layer.name, x: x, target: y))
        steps.append(step)
        operations.append(operation)
        return y
    }

    private mutating func activate(
        _ x: Place, _ activation: Activation, _ layer: String
    ) -> Place {
        let y = overwritten(x, layer)
        forward.append(Instruction(kind: .activate(activation), layer: layer, target: y))
        isFixed.insert(y.buffer)
        return y
    }

    private mutating func add(_ skip: Place, to x: Place, _ layer: String) -> Place {
        if !isFixed.contains(x.buffer) {
            forward.append(Instruction(kind: .add, layer: layer, x: skip, target: x))
            if isWanted.contains(skip.buffer) { isWanted.insert(x.buffer) }
            return x
        }
        let y = newPlace(x.axes)
        if isWanted.contains(x.buffer) || isWanted.contains(skip.buffer) {
            isWanted.insert(y.buffer)
        }
        forward.append(Instruction(kind: .sum, layer: layer, x: x, y: skip, target: y))
        return y
    }

    /// A place that may be overwritten and holds what x does: x itself if nobody needs that.
    private mutating func overwritten(_ x: Place, _ layer: String) -> Place {
        guard isFixed.contains(x.buffer) else { return x }
        let y = newPlace(x.axes)
        if isWanted.contains(x.buffer) { isWanted.insert(y.buffer) }
        forward.append(Instruction(kind: .copy, layer: layer, x: x, target: y))
        return y
    }

    // MARK: Backward

    private mutating func goBackward(_ imageShape: [Int]) {
        seed = newPlace(logits.axes)
        gradients[logits.buffer] = seed.buffer
        for instruction in forward.reversed() {
            guard let y = instruction.target, let gradient = gradients[y.buffer] else { continue }
            let dy = Place(buffer: gradient, axes: y.axes)
            switch instruction.kind {
            case .run: goBack(through: instruction, y: y, dy: dy)
            case .activate(let activation):
                let own = owned(dy, of: y)
                gate(own, y, activation, instruction.layer)
            case .add:
                if let skip = instruction.x { contribute(dy, to: skip) }
            case .sum:
                gradients[y.buffer] = nil
                for side in [instruction.x, instruction.y] {
                    if let side { contribute(dy, to: side) }
                }
            case .copy:
                gradients[y.buffer] = nil
                if let x = instruction.x { contribute(dy, to: x) }
            default: break
            }
        }
        if !setting.isTraining, let gradient = gradients[0] {
            pixelGradient = Place(buffer: gradient, axes: imageShape)
        }
    }

    private mutating func goBack(through instruction: Instruction, y: Place, dy: Place) {
        let index = instruction.operation
        let (step, operation) = (steps[index], operations[index])
        var dy = dy
        if let activation = (operation as? any Product)?.activation, activation != .none {
            dy = owned(dy, of: y)
            gate(dy, y, activation, instruction.layer)
        }
        gradients[y.buffer] = nil
        if setting.isTraining, step.layer.parameters.contains(where: \.isTrained) {
            backward.append(
                Instruction(
                    kind: .parameterGradients, operation: index, layer: instruction.layer,
                    x: operation.parameterGradientReads.contains(.input) ? instruction.x : nil,
                    dy: dy))
        }
        guard step.givesInputGradient, let x = instruction.x else { return }
        let reads = operation.inputGradientReads
        let dx = newPlace(x.axes)
        backward.append(
            Instruction(
                kind: .inputGradient, operation: index, layer: instruction.layer,
                x: reads.contains(.input) ? x : nil, y: reads.contains(.output) ? y : nil, dy: dy,
                target: dx))
        contribute(dx, to: x)
    }

    private mutating func gate(
        _ dy: Place, _ y: Place, _ activation: Activation, _ layer: String
    ) {
        backward.append(Instruction(kind: .gate(activation), layer: layer, y: y, target: dy))
    }

    /// The gradient of y in a place that nobody else reads, so that it may be overwritten.
    private mutating func owned(_ dy: Place, of y: Place) -> Place {
        guard gradients.contains(where: { $0.value == dy.buffer && $0.key != y.buffer }) else {
            return dy
        }
        let own = newPlace(dy.axes)
        backward.append(Instruction(kind: .copy, layer: "(copy)", x: dy, target: own))
        gradients[y.buffer] = own.buffer
        return own
    }

    /// Adds a gradient to what has flowed back to x so far, from the last layer to the first.
    private mutating func contribute(_ dx: Place, to x: Place) {
        guard isWanted.contains(x.buffer) else { return }
        guard let sum = gradients[x.buffer] else {
            gradients[x.buffer] = dx.buffer
            return
        }
        let before = Place(buffer: sum, axes: dx.axes)
        if !gradients.values.contains(dx.buffer) {
            backward.append(Instruction(kind: .add, layer: "(sum)", x: before, target: dx))
            gradients[x.buffer] = dx.buffer
        } else {
            let own = owned(before, of: x)
            backward.append(Instruction(kind: .add, layer: "(sum)", x: dx, target: own))
        }
    }
}
