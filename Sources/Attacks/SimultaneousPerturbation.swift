// A gradient estimated from answers alone.

import Networks
import Randomness
import Tensors

/// The SPSA attack of Uesato, O'Donoghue, van den Oord and Kohli, "Adversarial Risk and the Dangers
/// of Evaluating Against Weak Attacks" (2018): the gradient of the margin loss is estimated from
/// differences along random sign vectors v,
///
///     g = mean over v of (L(x + δv) − L(x − δv)) / (2δ) · v,   L = Z_label − max_{j≠label} Z_j
///
/// (towards a target: max_{j≠target} Z_j − Z_target), and followed downhill by Adam within the L∞ ball
/// and [0, 1]. It needs no gradients of the network, so it sees through networks that hide theirs.
///
/// `samples` counts evaluations a step, half of them with −v, as in the paper. A run ends at the first
/// point that reaches the goal. Directions are the sample's own and the same for every ε.
public struct SimultaneousPerturbation: Attack {
    /// "spsa".
    public static let name = "spsa"
    /// One line.
    public static let summary =
        "SPSA: a gradient estimated from random directions, followed by Adam (Uesato 2018)."
    /// A run for every budget.
    public static let usesEpsilons = true
    /// Sign vectors fill the cube.
    public static let norms = [Norm.linf]
    /// Its directions.
    public static let isRandom = true
    /// Those of the paper.
    public static let settings = [
        Setting(
            "steps", .integer(1...1_000_000), default: .integer(100), unit: "steps",
            help: "steps of a run"),
        Setting(
            "samples", .integer(2...100_000), default: .integer(128), unit: "evaluations",
            help: "evaluations that estimate one gradient"),
        Setting(
            "delta", .number(1e-6...1), default: .number(0.01), unit: "pixels, 0…1",
            help: "how far from the point it evaluates"),
        Setting(
            "step_size", .number(1e-6...1), default: .number(0.01), unit: "pixels, 0…1",
            help: "Adam's step"),
    ]

    private let steps: Int
    private let pairs: Int
    private let delta: Float
    private let rate: Double

    /// Takes its settings.
    public init(_ values: SettingValues) {
        steps = values.integer("steps")
        pairs = max(1, values.integer("samples") / 2)
        delta = values.float("delta")
        rate = Double(values.float("step_size"))
    }

    /// The images of one step are in memory at once: a gibibyte of them at most.
    public func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {
        let pixels = imageShape.reduce(1, *)
        let most = (1 << 28) / max(1, pixels) - 1
        guard 2 * pairs <= most else {
            throw AttackFault.impossible(
                attack: Self.name,
                "\(2 * pairs) samples of \(pixels) values each are more than a step can hold; at most "
                    + "\(most / 2 * 2) fit.")
        }
    }

    /// Sample by sample: the evaluations of one step are a batch.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        while true {
            let batch = queue.take(1)
            guard let sample = batch.samples.first else { return }
            for k in queue.epsilons.indices where queue.isOpen(sample, epsilon: k) {
                let (image, iterations) = try run(
                    sample, k, batch.images, for: queue, on: &oracle)
                queue.deliver(sample, epsilon: k, image: image, row: 0, iterations: iterations)
            }
        }
    }

    private func run(
        _ sample: AttackSample, _ budget: Int, _ x: Tensor, for queue: AttackQueue,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws -> (Tensor, iterations: Int) {
        var random = queue.stream("spsa", for: sample)
        var (point, iterations) = (x, 0)
        var adam = AdamState(count: x.count, rate: rate)
        var scratch = Tensor(shape: [0])
        var around = Tensor(shape: [2 * pairs + 1] + x.shape.dropFirst())
        for _ in 0..<steps {
            let directions = RandomSigns.draw(&random, count: pairs * x.count)
            surround(&around, point, directions)
            var logits: [Float] = []
            var isFooled = false
            // The point itself comes first; in batches that the network handles well.
            for start in stride(from: 0, to: around.rowCount, by: queue.window) {
                let rows = start..<min(start + queue.window, around.rowCount)
                let owners = rows.map { _ in RowOwner(sample, budget: budget) }
                let part = try oracle.logits(of: around.rows(rows), for: owners)
                if start == 0 { isFooled = sample.isFooled(by: part.argmaxOfRows()[0]) }
                logits += part.values
            }
            if isFooled { break }
            iterations += 1
            let gradient = estimate(sample, logits, directions, count: x.count)
            point.withMutableFloats { adam.step($0, down: gradient) }
            queue.engine.project(
                &point, around: x, in: .linf, within: [queue.epsilons[budget]], scratch: &scratch)
        }
        return (point, iterations)
    }

    private func surround(_ around: inout Tensor, _ point: Tensor, _ directions: [Float]) {
        let length = point.count
        point.withFloats { point in
            around.withMutableFloats { around in
                for index in 0..<length { around[index] = point[index] }
                for pair in 0..<pairs {
                    let (plus, minus) = ((2 * pair + 1) * length, (2 * pair + 2) * length)
                    for index in 0..<length {
                        let step = delta * directions[pair * length + index]
                        around[plus + index] = min(max(point[index] + step, 0), 1)
                        around[minus + index] = min(max(point[index] - step, 0), 1)
                    }
                }
            }
        }
    }

    private func estimate(
        _ sample: AttackSample, _ logits: [Float], _ directions: [Float], count: Int
    ) -> [Double] {
        let classes = logits.count / (2 * pairs + 1)
        func loss(_ row: Int) -> Double {
            Double(Margin.of(logits[row * classes..<(row + 1) * classes], for: sample))
        }
        var gradient = [Double](repeating: 0, count: count)
        for pair in 0..<pairs {
            let slope =
                (loss(2 * pair + 1) - loss(2 * pair + 2)) / (2 * Double(delta) * Double(pairs))
            guard slope != 0 else { continue }
            for index in 0..<count {
                gradient[index] += slope * Double(directions[pair * count + index])
            }
        }
        return gradient
    }
}

/// Adam of Kingma and Ba (2015) for one sample, in Double: β₁ 0.9, β₂ 0.999. In place of an ε of 1e-8
/// in the denominator a value without any slope so far stays: so a step is the same whatever the
/// scale of the loss.
struct AdamState {
    private var mean: [Double]
    private var square: [Double]
    private var (firstPower, secondPower) = (1.0, 1.0)
    private let rate: Double

    init(count: Int, rate: Double) {
        mean = Array(repeating: 0, count: count)
        square = mean
        self.rate = rate
    }

    /// One step down a gradient.
    mutating func step(_ point: UnsafeMutableBufferPointer<Float>, down gradient: [Double]) {
        firstPower *= 0.9
        secondPower *= 0.999
        for index in point.indices {
            let slope = gradient[index]
            mean[index] = 0.9 * mean[index] + 0.1 * slope
            square[index] = 0.999 * square[index] + 0.001 * slope * slope
            let size = (square[index] / (1 - secondPower)).squareRoot()
            guard size > 0 else { continue }
            let step = rate * (mean[index] / (1 - firstPower)) / size
            point[index] = Float(Double(point[index]) - step)
        }
    }
}
