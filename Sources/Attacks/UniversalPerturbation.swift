// One perturbation for all images.

import Networks
import Tensors

/// A universal perturbation after Moosavi-Dezfooli, Fawzi, Fawzi and Frossard, "Universal adversarial
/// perturbations" (2017), found by the gradient method of Shafahi, Najibi, Xu, Dickerson, Davis and
/// Goldstein, "Universal adversarial training" (2020):
///
///     maximise over ‖r‖ ≤ ε   Σ_i min(L(x_i + r), β),   r ← project(r + α·direction(Σ ∂L/∂x))
///
/// over mini-batches of `batch_size` samples in the order in which they come, `epochs` times; the r
/// that fools the most samples at the end of an epoch counts. The clipping by β keeps samples that are
/// fooled already from pulling further. ART iterates DeepFool sample by sample instead, which is slower
/// and depends on the order just as much.
///
/// As the only attack here its result belongs to the set of samples, not to each of them. It does not
/// depend on how many the network takes at a time: gradients are added sample by sample, in Double.
/// The loss is followed at x + r, clamped to [0, 1], as it will be judged.
public struct UniversalPerturbation: Attack {
    /// "universal".
    public static let name = "universal"
    /// One line.
    public static let summary =
        "Universal perturbation: one noise that fools as many images as it can (Moosavi-Dezfooli 2017)."
    /// One noise a budget.
    public static let usesEpsilons = true
    /// Those with a step and a projection.
    public static let norms = [Norm.linf, .l2]
    /// Those of the second paper, with steps for small sets.
    public static let settings = [
        Setting(
            "epochs", .integer(1...10_000), default: .integer(10), unit: "epochs",
            help: "how often it goes through the samples"),
        Setting(
            "batch_size", .integer(1...1_000_000), default: .integer(100), unit: "samples",
            help: "samples whose gradients make one step"),
        Setting(
            "step_size", .number(1e-6...1e3), default: .number(0.1),
            help: "how far a step goes, as a share of epsilon"),
        Setting(
            "loss_limit", .number(0...1e6), default: .number(9),
            help: "the loss β beyond which a sample pulls no more"),
    ]

    private let epochs: Int
    private let batchSize: Int
    private let stepSize: Float
    private let limit: Float

    /// Takes its settings.
    public init(_ values: SettingValues) {
        epochs = values.integer("epochs")
        batchSize = values.integer("batch_size")
        stepSize = values.float("step_size")
        limit = values.float("loss_limit")
    }

    /// One noise for all samples.
    public static let dependsOnCompany = true

    /// All samples at once.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        let all = queue.take(Int(Int32.max))
        guard !all.samples.isEmpty else { return }
        for (k, epsilon) in queue.epsilons.enumerated() {
            var noise = Tensor(shape: [1] + all.images.shape.dropFirst())
            var best = (count: -1, noise: noise)
            for _ in 0..<epochs {
                for start in stride(from: 0, to: all.samples.count, by: batchSize) {
                    let rows = start..<min(start + batchSize, all.samples.count)
                    let sum = try slope(of: all, rows, noise, k, for: queue, on: &oracle)
                    step(&noise, along: sum, epsilon, in: queue)
                }
                let count = try fooled(all, noise, k, for: queue, on: &oracle)
                if count > best.count { best = (count, noise) }
            }
            for (row, sample) in all.samples.enumerated() {
                queue.deliver(
                    sample, epsilon: k, image: moved(all.images, row..<row + 1, by: best.noise),
                    row: 0, iterations: epochs)
            }
        }
    }

    private func moved(_ images: Tensor, _ rows: Range<Int>, by noise: Tensor) -> Tensor {
        var moved = images.rows(rows)
        let length = noise.count
        noise.withFloats { noise in
            moved.withMutableFloats { pixels in
                for index in pixels.indices {
                    pixels[index] = min(max(pixels[index] + noise[index % length], 0), 1)
                }
            }
        }
        return moved
    }

    /// Chunks of rows that the network handles well.
    private func chunks(_ rows: Range<Int>, _ queue: AttackQueue) -> [Range<Int>] {
        stride(from: rows.lowerBound, to: rows.upperBound, by: queue.window).map {
            $0..<min($0 + queue.window, rows.upperBound)
        }
    }

    /// The sum of the gradients of the samples that are not beyond the limit.
    private func slope(
        of all: AttackQueue.Batch, _ rows: Range<Int>, _ noise: Tensor, _ budget: Int,
        for queue: AttackQueue,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws -> Tensor {
        var sum = [Double](repeating: 0, count: noise.count)
        for chunk in chunks(rows, queue) {
            let samples = all.samples[chunk]
            let owners = samples.map { RowOwner($0, budget: budget) }
            var flow = try oracle.logits(of: moved(all.images, chunk, by: noise), for: owners)
            let losses = CrossEntropy.gradient(
                inPlaceOf: &flow, targets: samples.map(\.lossClass), scale: 1)
            let gradient = try oracle.pixelGradient(flow, for: owners)
            let length = noise.count
            gradient.withFloats { gradient in
                for (row, sample) in samples.enumerated() {
                    // Towards a target the loss falls, and there is no limit to that.
                    guard sample.target != nil || losses[row] <= limit else { continue }
                    let sign = Double(sample.direction)
                    for index in 0..<length {
                        sum[index] += sign * Double(gradient[row * length + index])
                    }
                }
            }
        }
        let most = Double(Float.greatestFiniteMagnitude)
        return Tensor(
            shape: noise.shape, values: sum.map { Float(min(max($0, -most), most)) })
    }

    /// One step within the ball around no noise; the box is each image's own.
    private func step(
        _ noise: inout Tensor, along sum: Tensor, _ epsilon: Float, in queue: AttackQueue
    ) {
        let length = stepSize * epsilon
        let norm = queue.model.norm
        let size = sum.values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        noise.withMutableFloats { noise in
            sum.withFloats { sum in
                for index in noise.indices {
                    if norm == .linf {
                        let sign: Float = sum[index] > 0 ? 1 : sum[index] < 0 ? -1 : 0
                        noise[index] = min(max(noise[index] + length * sign, -epsilon), epsilon)
                    } else if size > 0 {
                        noise[index] += Float(Double(length) * Double(sum[index]) / size)
                    }
                }
            }
        }
        guard norm == .l2 else { return }
        let now = noise.values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard now > Double(epsilon) else { return }
        noise.withMutableFloats { noise in
            for index in noise.indices {
                noise[index] = Float(Double(noise[index]) * Double(epsilon) / now)
            }
        }
    }

    private func fooled(
        _ all: AttackQueue.Batch, _ noise: Tensor, _ budget: Int, for queue: AttackQueue,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws -> Int {
        try chunks(0..<all.samples.count, queue).reduce(0) { count, chunk in
            let owners = all.samples[chunk].map { RowOwner($0, budget: budget) }
            let answers = try oracle.answers(to: moved(all.images, chunk, by: noise), for: owners)
            return count + zip(all.samples[chunk], answers).count { $0.isFooled(by: $1) }
        }
    }
}
