// An optimizer at work on one parameter after the other.

import Tensors

/// An optimizer with its state: what it keeps of each parameter from step to step. Buffers are left
/// alone.
struct Optimizer: Sendable {
    private let rule: UpdateRule
    private let decay: Float
    private let engine: Engine
    /// By step of the plan, in the order of its parameters.
    private var moments: [[Moments]]
    /// β₁ᵗ and β₂ᵗ after t training steps.
    private var powers = (1.0, 1.0)

    /// The velocity, or Adam's two moments; empty for a buffer.
    private struct Moments: Sendable {
        let isTrained: Bool
        var first = Tensor(shape: [0])
        var second = Tensor(shape: [0])
    }

    /// - Parameters:
    ///   - settings: Update rule and weight decay.
    ///   - parameters: By step of the plan.
    ///   - engine: What computes.
    init(_ settings: TrainingSettings, parameters: [[ParameterShape]], engine: Engine) {
        (rule, decay) = (settings.rule, settings.weightDecay)
        self.engine = engine
        var isAdam = false
        if case .adam = settings.rule { isAdam = true }
        moments = parameters.map { group in
            group.map { parameter in
                var moments = Moments(isTrained: parameter.isTrained)
                guard parameter.isTrained else { return moments }
                moments.first = Tensor(shape: parameter.shape)
                if isAdam { moments.second = Tensor(shape: parameter.shape) }
                return moments
            }
        }
    }

    /// Counts a training step; once before its `update` calls.
    mutating func beginStep() {
        guard case .adam(let beta1, let beta2, _) = rule else { return }
        powers.0 *= beta1
        powers.1 *= beta2
    }

    /// Moves the parameters of one step of the plan against their gradients.
    mutating func update(
        _ weights: inout [Tensor], of step: Int, gradients: [Tensor], rate: Float
    ) {
        for index in weights.indices where moments[step][index].isTrained {
            switch rule {
            case .sgd(let momentum, let nesterov):
                engine.sgdStep(
                    weights: &weights[index], velocity: &moments[step][index].first,
                    gradient: gradients[index], rate: rate, momentum: momentum, decay: decay,
                    nesterov: nesterov)
            case .adam(let beta1, let beta2, let epsilon):
                // Out of the array, so that both moments can be written at once.
                var own = Moments(isTrained: true)
                swap(&own, &moments[step][index])
                engine.adamStep(
                    weights: &weights[index], firstMoment: &own.first,
                    secondMoment: &own.second, gradient: gradients[index], rate: rate,
                    beta1: beta1, beta2: beta2, epsilon: epsilon, correction1: 1 - powers.0,
                    correction2: 1 - powers.1, decay: decay)
                swap(&own, &moments[step][index])
            }
        }
    }
}
