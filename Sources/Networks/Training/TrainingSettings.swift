// What a training is told.

/// How a gradient moves the weights.
public enum UpdateRule: Equatable, Sendable {
    /// v ← momentum·v + g; w ← w − rate·v, or with Nesterov's look ahead w ← w − rate·(g + momentum·v),
    /// as in PyTorch. Momentum is in [0, 1).
    case sgd(momentum: Float, nesterov: Bool)
    /// Adam (Kingma and Ba 2015) as PyTorch has it; β₁ and β₂ in [0, 1), ε positive. The powers βᵗ
    /// are running products in double.
    case adam(beta1: Double, beta2: Double, epsilon: Float)
}

/// How to train. Units and ranges are those of the training config.
public struct TrainingSettings: Equatable, Sendable {
    /// Passes over the training images, at least 1.
    public var epochs: Int
    /// Images a step, at least 1; the last step of an epoch takes what is left.
    public var batch: Int
    /// The size of every step.
    public var schedule: Schedule
    /// How a gradient moves the weights.
    public var rule: UpdateRule
    /// The pull of every parameter towards 0, at least 0: added to the gradient as decay·w.
    public var weightDecay: Float
    /// Where all random numbers come from.
    public var seed: UInt64
    /// How the network is made to resist changes of its images.
    public var robust = RobustTraining.none

    /// Every setting by itself, but for `robust`.
    public init(
        epochs: Int, batch: Int, schedule: Schedule, rule: UpdateRule, weightDecay: Float,
        seed: UInt64
    ) {
        (self.epochs, self.batch) = (epochs, batch)
        (self.schedule, self.rule) = (schedule, rule)
        (self.weightDecay, self.seed) = (weightDecay, seed)
    }

    /// Stochastic gradient descent with momentum, at a rate that is linear by epoch.
    public init(
        epochs: Int, batch: Int, learningRate: Float, finalLearningRate: Float, momentum: Float,
        weightDecay: Float, seed: UInt64
    ) {
        self.init(
            epochs: epochs, batch: batch,
            schedule: .byEpoch(first: learningRate, last: finalLearningRate),
            rule: .sgd(momentum: momentum, nesterov: false), weightDecay: weightDecay, seed: seed)
    }
}
