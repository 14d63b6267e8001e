// Method 1 of the original scripts.

import Networks
import Tensors

/// Optimised noise, after Szegedy et al., "Intriguing properties of neural networks" (2013), with
/// gradient descent in place of L-BFGS:
///
///     minimise over r   CE(f(clamp(x + r, 0, 1)), target) + λ·R(r),   r ← r − rate·∂/∂r
///
/// from r = 0 until the target is predicted or the step limit is reached. R is nothing, mean |r|
/// or mean r²; a pixel outside [0, 1] after adding r gets no loss gradient. For an untargeted
/// goal the cross-entropy of the label is maximised instead.
///
/// Every window of samples is kept full: a sample that is done leaves and the next one takes its
/// place. Raw noise may pass ±1, since only x + r is clamped; it is noted per sample.
public struct OptimisedNoise: Attack {
    /// "noise-sgd".
    public static let name = "noise-sgd"
    /// One line.
    public static let summary =
        "Optimised noise: gradient descent on the noise until the target is predicted (after Szegedy 2013)."
    /// It stops at the first noise that works.
    public static let usesEpsilons = false
    /// How the result is reported; the method itself has no ball.
    public static let norms = [Norm.l2, .linf]
    /// Those of the original scripts.
    public static let settings = [
        Setting(
            "regularization", .choice(["none", "l1", "l2"]), default: .text("none"),
            help: "what is added to the loss: nothing, mean |r| or mean r²"),
        Setting(
            "regularization_weight", .number(0...1e6), default: .number(1),
            help: "the factor λ of the regularization"),
        Setting(
            "step_size", .number(1e-9...1e3), default: .number(0.008),
            help: "how far a step follows the gradient"),
        Setting(
            "max_steps", .integer(1...1_000_000), default: .integer(1000), unit: "steps",
            help: "steps after which a sample counts as failed"),
    ]

    private let regularization: String
    private let weight: Float
    private let rate: Float
    private let limit: Int

    /// Takes its settings.
    public init(_ values: SettingValues) {
        regularization = values.text("regularization")
        weight = values.float("regularization_weight")
        rate = values.float("step_size")
        limit = values.integer("max_steps")
    }

    /// The gradient of λ·R for images of `pixels` pixels.
    private func regulariser(pixels: Int) -> NoiseRegulariser {
        switch regularization {
        case "l1": .l1(slope: weight / Float(pixels))
        case "l2": .l2(slope: 2 * weight / Float(pixels))
        default: .none
        }
    }

    /// Works through the queue with one window of samples in flight.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        // Of each sample the moved image and the noise.
        var window = SampleWindow<Void>(queue, tensors: 2) { _, image in
            ((), [image, Tensor(shape: image.shape)])
        }
        let regulariser = regulariser(pixels: window.originals.rowLength)
        while !window.isEmpty {
            var flow = try oracle.logits(of: window.tensors[0], for: window.owners)
            let answers = flow.argmaxOfRows()
            _ = CrossEntropy.gradient(
                inPlaceOf: &flow, targets: window.flights.map(\.sample.lossClass), scale: 1)
            var isMoving = false
            for row in window.flights.indices {
                let sample = window[row].sample
                // The kernel steps down the gradient; going up is going down its negative.
                if sample.direction > 0 { flow.negateRow(row) }
                if sample.isFooled(by: answers[row]) || window[row].iterations == limit {
                    finish(row, of: &window, for: queue)
                } else {
                    window[row].iterations += 1
                    isMoving = true
                }
            }
            if isMoving {
                let gradient = try oracle.pixelGradient(flow, for: window.owners)
                window.change(0, 1) { moved, noise, originals in
                    queue.engine.noiseStep(
                        &moved, noise: &noise, around: originals, gradient: gradient, rate: rate,
                        regulariser: regulariser)
                }
            }
            window.refill()
        }
    }

    private func finish(_ row: Int, of window: inout SampleWindow<Void>, for queue: AttackQueue) {
        window.finish(row, image: window.tensors[0], row: row)
        let raw = window.tensors[1].rows(row..<row + 1)
        let sample = window[row].sample
        for size in queue.engine.distances(from: Tensor(shape: raw.shape), to: raw) {
            queue.note("noise_mean", Float(size.sum / Double(raw.count)), for: sample)
            queue.note("noise_min", Float(size.min), for: sample)
            queue.note("noise_max", Float(size.max), for: sample)
        }
    }
}
