// Gradients smoothed over shifts: made to fool other networks.

import Tensors

/// Translation invariance: momentum steps along smoothed gradients; see `TIFGSM.md`.
public struct TIFGSM: GradientAttack {
    /// A run a budget, with random views if asked.
    public static let facts = AttackFacts(
        "ti-fgsm", norms: [.linf], budget: .each, drawsAtRandom: true)

    let walk = IterativeSteps()
    @Setting(0, in: 0...10, "how much of the momentum a step keeps") var decay: Float
    @Setting(
        5, in: 1...101, unit: "pixels", "the side of the kernel; an even one is made larger by one")
    var kernelSize: Int
    @Setting(1, in: 0.01...100, unit: "pixels", "the kernel's standard deviation")
    var kernelDeviation: Float
    let views = RandomViews(diversity: 0)

    /// As in the paper, with a kernel for small images.
    public init() {}

    /// One step along the momentum of the smoothed gradient.
    public func step(_ batch: inout Batch<Void>, on oracle: inout some GradientOracle) throws {
        var gradient: Tensor
        if views.diversity > 0 {
            if walk.stopEarly { batch.finish(whereFooledBy: try oracle.answers(at: batch)) }
            gradient = try views.lossGradient(of: batch, for: Self.name, on: &oracle)
        } else {
            let logits = try oracle.logits(at: batch)
            if walk.stopEarly { batch.finish(whereFooledBy: logits.argmaxOfRows()) }
            gradient = try oracle.lossGradient(logits, of: batch)
        }
        SmoothingKernel(size: kernelSize, deviation: kernelDeviation).smooth(&gradient)
        // What the kernel brings to pixels that may not change.
        batch.limits.clearHeld(&gradient)
        let width = walk.width
        batch.step(along: Momentum.add(gradient, to: &batch, decay: decay)) {
            $0.direction * width($0.epsilon)
        }
        batch.finish(after: walk.steps)
    }
}
