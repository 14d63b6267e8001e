// One optimiser at work on one parameter after the other.

import Tensors

/// An optimiser with what it remembers of each parameter. Buffers are left alone.
struct Descent: Sendable {
    private let optimiser: Optimiser
    private let decay: Float
    private let engine: Engine
    private var memories: [[Memory]]
    /// β₁ᵗ and β₂ᵗ after t steps.
    private var powers = (1.0, 1.0)

    /// The velocity, or Adam's two moments.
    private struct Memory: Sendable {
        let isTrained: Bool
        var first: Tensor
        var second = Tensor(shape: [0])
    }

    /// - Parameters:
    ///   - settings: Optimiser and weight decay.
    ///   - parameters: By operation, in the order of its layer's.
    ///   - engine: What computes.
    init(_ settings: TrainingSettings, parameters: [[ParameterShape]], engine: Engine) {
        (optimiser, decay) = (settings.optimiser, settings.weightDecay)
        self.engine = engine
        var isAdam = false
        if case .adam = settings.optimiser { isAdam = true }
        memories = parameters.map { group in
            group.map { parameter in
                let empty = Tensor(shape: parameter.isTrained ? parameter.shape : [0])
                var memory = Memory(isTrained: parameter.isTrained, first: empty)
                if isAdam { memory.second = empty }
                return memory
            }
        }
    }

    /// Counts a step; once before its `move` calls.
    mutating func begin() {
        guard case .adam(let beta1, let beta2, _) = optimiser else { return }
        powers.0 *= beta1
        powers.1 *= beta2
    }

    /// Moves the parameters of an operation.
    mutating func move(
        _ weights: inout [Tensor], of operation: Int, along gradients: [Tensor], rate: Float
    ) {
        for index in weights.indices where memories[operation][index].isTrained {
            switch optimiser {
            case .sgd(let momentum, let nesterov):
                engine.sgdStep(
                    weights: &weights[index], velocity: &memories[operation][index].first,
                    gradient: gradients[index], rate: rate, momentum: momentum, decay: decay,
                    nesterov: nesterov)
            case .adam(let beta1, let beta2, let epsilon):
                var memory = Memory(isTrained: true, first: Tensor(shape: [0]))
                swap(&memory, &memories[operation][index])
                engine.adamStep(
                    weights: &weights[index], firstMoment: &memory.first,
                    secondMoment: &memory.second, gradient: gradients[index], rate: rate,
                    beta1: beta1, beta2: beta2, epsilon: epsilon, correction1: 1 - powers.0,
                    correction2: 1 - powers.1, decay: decay)
                swap(&memory, &memories[operation][index])
            }
        }
    }
}
