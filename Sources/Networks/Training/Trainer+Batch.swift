// The loss of one batch and the gradients of the weights, for each way of training.

import Tensors

extension Trainer {
    /// What the settings' robust training needs beside the pass.
    ///
    /// - Throws: `NetworkFault` for a network that cannot be trained so.
    mutating func prepareRobustTraining() throws {
        if settings.robust.walk != nil, walker == nil {
            walker = try BallWalker(architecture, engine: engine)
        }
        if case .intervals = settings.robust, intervals == nil {
            intervals = try IntervalPass(
                architecture, in: RunSetting(engine: engine, trainingSeed: settings.seed))
        }
    }

    /// Runs forward and backward over a batch.
    ///
    /// - Parameters:
    ///   - indices: The images of the batch, by their places in the data set.
    ///   - images: All images.
    ///   - targets: The labels of the batch.
    ///   - time: In epochs, at the end of the step.
    /// - Returns: The sum of the images' losses, and how many were classified as labelled; the gradients of
    ///   their mean are then the pass's.
    mutating func differentiate(
        _ indices: ArraySlice<Int>, of images: Tensor, targets: [Int], at time: Double
    ) -> (loss: Double, correct: Int) {
        guard settings.robust != .none else {
            pass.forward { engine.gather(indices, of: images, into: &$0) }
            return crossEntropy(targets)
        }
        engine.gather(indices, of: images, into: &clean)
        switch settings.robust {
        case .none: break
        case .gaussian(let deviation):
            let draws = ImageDraws(seed: settings.seed, "train/robust/noise", epoch: epoch)
            pass.forward(
                draws.moved(
                    clean, as: Array(indices), by: .gaussian(deviation: deviation), 0,
                    on: engine.workers))
        case .adversarial(let walk):
            pass.forward(ends(of: walk, Array(indices), targets, raising: .crossEntropy))
        case .trades(let walk, let beta):
            let moved = ends(of: walk, Array(indices), targets, raising: .divergence)
            return divergence(to: moved, targets, beta: beta)
        case .intervals(let how):
            return worstCase(targets, how.values(at: time))
        }
        return crossEntropy(targets)
    }

    /// Where the walks of the batch end, against the weights as they are.
    private mutating func ends(
        of walk: BallWalk, _ indices: [Int], _ targets: [Int], raising ascent: BallWalker.Ascent
    ) -> Tensor {
        guard var own = walker else { preconditionFailure("a walk without a walker") }
        walker = nil  // lets go of it, so that it is not copied
        defer { walker = own }
        own.load(parameters)
        return own.ends(
            from: clean, targets: targets, indices: indices, along: walk, raising: ascent,
            draws: ImageDraws(seed: settings.seed, "train/robust/start", epoch: epoch))
    }

    /// The cross-entropy of the pass's logits.
    private mutating func crossEntropy(_ targets: [Int]) -> (loss: Double, correct: Int) {
        let correct = zip(pass.logits.argmaxOfRows(), targets).count { $0 == $1 }
        var loss = 0.0
        pass.backward { logits in
            let losses = CrossEntropy.gradient(
                inPlaceOf: &logits, targets: targets, scale: 1 / Float(targets.count))
            loss = losses.reduce(0) { $0 + Double($1) }
        }
        return (loss, correct)
    }

    /// Cross-entropy of the batch and `beta` times the divergence of the answers to `moved`: one pass over
    /// both, the batch first, so that a normalisation sees them together.
    private mutating func divergence(
        to moved: Tensor, _ targets: [Int], beta: Float
    ) -> (loss: Double, correct: Int) {
        let (count, scale) = (targets.count, 1 / Float(targets.count))
        pass.forward { both in
            both.reserve([2 * count] + clean.shape.dropFirst())
            both.replaceRows(from: 0, with: clean)
            both.replaceRows(from: count, with: moved)
        }
        let correct = zip(pass.logits.argmaxOfRows(), targets).count { $0 == $1 }
        var loss = 0.0
        pass.backward { logits in
            var (own, from) = (logits.rows(0..<count), logits.rows(0..<count))
            var to = logits.rows(count..<2 * count)
            let losses = CrossEntropy.gradient(inPlaceOf: &own, targets: targets, scale: scale)
            let divergences = Divergence.gradients(
                inPlaceOfClean: &from, moved: &to, scale: beta * scale)
            own.withMutableFloats { own in
                from.withFloats { from in for index in own.indices { own[index] += from[index] } }
            }
            logits.replaceRows(from: 0, with: own)
            logits.replaceRows(from: count, with: to)
            loss = zip(losses, divergences).reduce(0) {
                $0 + (Double($1.0) + Double(beta) * Double($1.1))
            }
        }
        return (loss, correct)
    }

    /// The two cross-entropies of a training by intervals.
    private mutating func worstCase(
        _ targets: [Int], _ values: (epsilon: Float, kappa: Float)
    ) -> (loss: Double, correct: Int) {
        guard var own = intervals else { preconditionFailure("intervals without a pass") }
        intervals = nil  // lets go of it, so that it is not copied
        defer { intervals = own }
        own.load(parameters)
        let result = own.differentiate(
            clean, targets: targets, epsilon: values.epsilon, kappa: values.kappa)
        let gradients = own.gradients
        for (step, parameters) in pass.plan.steps.map(\.parameters).enumerated()
        where !pass.gradients[step].isEmpty {
            pass.gradients[step] = parameters.compactMap { gradients[$0.name] }
        }
        return result
    }
}
