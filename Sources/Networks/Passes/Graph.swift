// A network as operations on values, before anybody has said where these lie. Four passes make a
// plan of it, a file each: `Lowering`, `Fusion`, `Differentiation` and `BufferAssignment`.

import Tensors

/// An operation of a network and the layers that it stands for.
struct Step: Sendable {
    var operation: any Operation
    /// The layers whose parameters it takes, one after the other; none for a sum of gradients.
    var layers: [any Layer]
    /// Whether the gradient at its input is asked for.
    var givesInputGradient = false

    /// The parameters and buffers that the operation takes, in this order.
    var parameters: [ParameterShape] { layers.flatMap(\.parameters) }

    /// Whether a gradient moves any of its parameters.
    var isTrained: Bool { parameters.contains(where: \.isTrained) }

    /// Its parameters, from all by name.
    func parameters(_ all: [String: Tensor]) -> [Tensor] {
        parameters.map { parameter in
            guard let tensor = all[parameter.name] else {
                preconditionFailure("there is no \(parameter.name)")
            }
            return tensor
        }
    }
}

/// An operation and the values that it reads and gives.
struct Node: Sendable {
    var step: Step
    /// The activation that the operation applies as it stores, for its gradient.
    var activation: (any Operation)?
    let input: Value
    /// What it reads beside its input, of earlier layers.
    let others: [Value]
    var output: Value
}

/// The nodes of a network in the order in which they run, on values; value 0 is the batch of images.
struct Graph: Sendable {
    var nodes: [Node] = []
    /// How many values there are.
    private(set) var count = 1
    let images: Value
    var logits: Value

    init(images: Features) {
        self.images = Value(number: 0, features: images)
        logits = self.images
    }

    /// A value that nothing else has the number of.
    mutating func newValue(_ features: Features) -> Value {
        count += 1
        return Value(number: count - 1, features: features)
    }

    /// The forward pass.
    var instructions: [Instruction<Value>] {
        nodes.enumerated().map { index, node in
            let isInPlace = node.step.operation.isInPlace
            return Instruction(
                kind: .run, step: index, layers: node.step.layers.map(\.name),
                overwritten: isInPlace ? node.input : nil, x: isInPlace ? nil : node.input,
                others: node.others, target: node.output)
        }
    }
}
