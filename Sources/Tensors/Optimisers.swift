// Steps of the optimisers, element by element; every operation is rounded as it is written.

import CKernels

extension Engine {
    /// One step of stochastic gradient descent with momentum and weight decay, as
    /// `torch.optim.SGD`:
    ///
    ///     g ← g + decay·w;  v ← momentum·v + g;  w ← w − rate·(nesterov ? g + momentum·v : v)
    ///
    /// The velocity is zero before the first step.
    ///
    /// - Precondition: The three hold equally many elements.
    public func sgdStep(
        weights: inout Tensor, velocity: inout Tensor, gradient: Tensor, rate: Float,
        momentum: Float, decay: Float, nesterov: Bool = false
    ) {
        precondition(
            weights.count == gradient.count && velocity.count == gradient.count,
            "sgdStep: weights \(weights.shape), velocity \(velocity.shape), gradient \(gradient.shape)"
        )
        velocity.withMutableFloats { v in
            guard let vStart = v.baseAddress else { return }
            nonisolated(unsafe) let v = vStart
            gradient.withFloats { g in
                weights.withMutableFloats { w in
                    guard let gStart = g.baseAddress, let wStart = w.baseAddress else { return }
                    nonisolated(unsafe) let (g, target) = (gStart, wStart)
                    blocks(of: w.count) { [kernels] start, count in
                        kernels.pointee.sgd_step(
                            target + start, v + start, g + start, count, rate, momentum, decay,
                            nesterov)
                    }
                }
            }
        }
    }

    /// One step of Adam, as `torch.optim.Adam` (D. Kingma, J. Ba, "Adam: A Method for Stochastic
    /// Optimization", 2015), with the weight decay added to the gradient:
    ///
    ///     g ← g + decay·w;  m ← β₁·m + (1 − β₁)·g;  v ← β₂·v + ((1 − β₂)·g)·g
    ///     w ← w − (step·m) / (√v / root + epsilon)
    ///     step = rate / correction1,  root = √correction2
    ///
    /// in floats; 1 − β, step and root are computed in Double and rounded once.
    ///
    /// - Parameters:
    ///   - weights: w.
    ///   - firstMoment: m, zero before the first step.
    ///   - secondMoment: v, zero before the first step.
    ///   - gradient: g; not changed.
    ///   - rate: The learning rate.
    ///   - beta1: Decay of m, in 0..<1.
    ///   - beta2: Decay of v, in 0..<1.
    ///   - epsilon: Added to the root.
    ///   - correction1: 1 − β₁ᵗ at step t = 1, 2, …, from a running product.
    ///   - correction2: 1 − β₂ᵗ likewise.
    ///   - decay: How much of w is added to g.
    /// - Precondition: The four hold equally many elements, and the corrections are positive.
    public func adamStep(
        weights: inout Tensor, firstMoment: inout Tensor, secondMoment: inout Tensor,
        gradient: Tensor, rate: Float, beta1: Double, beta2: Double, epsilon: Float,
        correction1: Double, correction2: Double, decay: Float
    ) {
        precondition(
            weights.count == gradient.count && firstMoment.count == gradient.count
                && secondMoment.count == gradient.count,
            """
            adamStep: weights \(weights.shape), moments \(firstMoment.shape) and \
            \(secondMoment.shape), gradient \(gradient.shape)
            """)
        precondition(
            correction1 > 0 && correction2 > 0,
            "adamStep: corrections \(correction1) and \(correction2) must be positive")
        let constants = ck_adam(
            step: Float(Double(rate) / correction1), root: Float(correction2.squareRoot()),
            beta1: Float(beta1), rest1: Float(1 - beta1), beta2: Float(beta2),
            rest2: Float(1 - beta2), epsilon: epsilon, decay: decay)
        firstMoment.withMutableFloats { m in
            secondMoment.withMutableFloats { v in
                gradient.withFloats { g in
                    weights.withMutableFloats { w in
                        guard let mStart = m.baseAddress, let vStart = v.baseAddress,
                            let gStart = g.baseAddress, let wStart = w.baseAddress
                        else { return }
                        nonisolated(unsafe) let (m, v, g, target) = (mStart, vStart, gStart, wStart)
                        blocks(of: w.count) { [kernels] start, count in
                            withUnsafePointer(to: constants) {
                                kernels.pointee.adam_step(
                                    target + start, m + start, v + start, g + start, count, $0)
                            }
                        }
                    }
                }
            }
        }
    }
}
