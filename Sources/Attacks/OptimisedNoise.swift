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
    public func propose(for queue: AttackQueue, on pass: inout some ClassifierPass) throws {
        let first = queue.take(queue.window)
        var flights = first.samples.map { Flight(sample: $0) }
        var x = first.images
        var y = first.images
        var r = Tensor(shape: x.shape)
        let regulariser = regulariser(pixels: x.rowLength)

        while !flights.isEmpty {
            var flow = try pass.logits(of: y)
            let answers = flow.argmaxOfRows()
            _ = CrossEntropy.gradient(
                inPlaceOf: &flow, targets: flights.map(\.sample.lossClass), scale: 1)
            // The kernel steps down the gradient; going up is going down its negative.
            for (row, flight) in flights.enumerated() where flight.sample.direction > 0 {
                flow.negateRow(row)
            }
            var done: [Int] = []
            for row in flights.indices {
                flights[row].effort.forwardPasses += 1
                let isFooled = flights[row].sample.isFooled(by: answers[row])
                if isFooled || flights[row].effort.iterations == limit {
                    finish(flights[row], image: y, noise: r, row: row, for: queue)
                    done.append(row)
                } else {
                    flights[row].effort.iterations += 1
                    flights[row].effort.backwardPasses += 1
                }
            }
            if done.count < flights.count {
                let gradient = try pass.pixelGradient(flow)
                queue.engine.noiseStep(
                    &y, noise: &r, around: x, gradient: gradient, rate: rate,
                    regulariser: regulariser)
            }
            refill(done, of: queue, flights: &flights, x: &x, y: &y, r: &r)
        }
    }

    /// A sample that is being worked on.
    private struct Flight {
        let sample: AttackSample
        var effort = Effort()
    }

    private func finish(
        _ flight: Flight, image: Tensor, noise: Tensor, row: Int, for queue: AttackQueue
    ) {
        queue.deliver(flight.sample, image: image, row: row, effort: flight.effort)
        let raw = noise.rows(row..<row + 1)
        let size = queue.engine.distances(from: Tensor(shape: raw.shape), to: raw)
        for size in size {
            queue.note("noise_mean", Float(size.sum / Double(noise.rowLength)), for: flight.sample)
            queue.note("noise_min", Float(size.min), for: flight.sample)
            queue.note("noise_max", Float(size.max), for: flight.sample)
        }
    }

    /// Gives the places in `done` to new samples; when there are none left, closes the gaps.
    private func refill(
        _ done: [Int], of queue: AttackQueue, flights: inout [Flight], x: inout Tensor,
        y: inout Tensor, r: inout Tensor
    ) {
        guard !done.isEmpty else { return }
        let new = queue.take(done.count)
        for (row, index) in zip(done, new.samples.indices) {
            flights[row] = Flight(sample: new.samples[index])
            let image = new.images.rows(index..<index + 1)
            x.replaceRows(from: row, with: image)
            y.replaceRows(from: row, with: image)
            r.replaceRows(from: row, with: Tensor(shape: image.shape))
        }
        // From the back, so that the row moved into a gap is never itself a gap.
        for row in done.dropFirst(new.samples.count).reversed() {
            let last = flights.count - 1
            flights.swapAt(row, last)
            flights.removeLast()
            x.moveRow(last, to: row)
            y.moveRow(last, to: row)
            r.moveRow(last, to: row)
            x.truncateRows(to: last)
            y.truncateRows(to: last)
            r.truncateRows(to: last)
        }
    }
}
