// Schedules and optimizers: published values, and steps written out in double.

import Tensors
import Testing

@testable import Networks

@Suite("Schedules and optimizers")
struct OptimizerTests {
    private func rates(
        _ schedule: Schedule, epochs: Int, steps: Int
    ) -> [Float] {
        (0..<epochs).flatMap { epoch in
            (0..<steps).map { schedule.rate(inEpoch: epoch, of: epochs, step: $0, of: steps) }
        }
    }

    @Test func aScheduleByEpochIsLinearFromTheFirstToTheLast() {
        let schedule = Schedule.byEpoch(first: 0.5, last: 0.25)
        #expect(rates(schedule, epochs: 3, steps: 2) == [0.5, 0.5, 0.375, 0.375, 0.25, 0.25])
        #expect(rates(schedule, epochs: 1, steps: 2) == [0.5, 0.5])
    }

    @Test func aPiecewiseScheduleIsLinearBetweenItsKnots() {
        let schedule = Schedule.piecewise([
            .init(epoch: 0.5, rate: 0.25), .init(epoch: 1, rate: 1), .init(epoch: 2, rate: 0.5),
        ])
        #expect(
            rates(schedule, epochs: 3, steps: 4)
                == [0.25, 0.25, 0.625, 1, 0.875, 0.75, 0.625, 0.5, 0.5, 0.5, 0.5, 0.5])
        #expect(rates(.piecewise([.init(epoch: 1, rate: 3)]), epochs: 2, steps: 1) == [3, 3])
    }

    /// numpy.interp(t, [0, 4, 10], [0, 5e-3, 0]) at t = (step + 1) / 5 in 10 epochs of 5 steps: the
    /// schedule of the authors' own code.
    @Test func oneCycleIsThatOfFastAdversarialTraining() {
        let schedule = Schedule.cyclic(low: 0, high: 5e-3, cycles: 1, peak: 0.4)
        let found = rates(schedule, epochs: 10, steps: 5)
        for (index, expected) in [(0, 0.00025), (9, 0.0025), (19, 0.005), (34, 0.0025), (49, 0)] {
            #expect(abs(Double(found[index]) - expected) <= 1e-9, "step \(index)")
        }
        #expect(found.max() == 5e-3)
    }

    @Test func cyclesFollowEachOther() {
        let schedule = Schedule.cyclic(low: 0.25, high: 1.25, cycles: 2, peak: 0.5)
        #expect(
            rates(schedule, epochs: 4, steps: 4)
                == [0.5, 0.75, 1, 1.25, 1, 0.75, 0.5, 0.25, 0.5, 0.75, 1, 1.25, 1, 0.75, 0.5, 0.25])
        // A peak at either end is a saw.
        #expect(
            rates(.cyclic(low: 0, high: 1, cycles: 1, peak: 0), epochs: 1, steps: 4)
                == [0.75, 0.5, 0.25, 0])
        #expect(
            rates(.cyclic(low: 0, high: 1, cycles: 1, peak: 1), epochs: 1, steps: 4)
                == [0.25, 0.5, 0.75, 1])
    }

    // MARK: Optimizers

    /// Three steps on one linear layer and the same batch, with the formulas of PyTorch's
    /// documentation in double.
    private func follow(
        _ rule: UpdateRule, decay: Float,
        step: (_ t: Int, _ w: Double, _ g: Double, _ m: inout Double, _ v: inout Double) -> Double
    ) throws {
        let architecture = Architecture(
            multilayerPerceptron: "one", imageShape: [1, 6, 6], widths: [36, 3])
        let task = smallTask(count: 12)
        let how = TrainingSettings(
            epochs: 3, batch: 12, schedule: .byEpoch(first: 0.05, last: 0.05),
            rule: rule, weightDecay: decay, seed: 3)
        var trainer = Trainer(architecture, settings: how, engine: Engine(threads: 1))
        var weights = trainer.parameters.mapValues { $0.values.map(Double.init) }
        var first = weights.mapValues { $0.map { _ in 0.0 } }
        var second = first
        for t in 1...3 {
            let gradients = try gradients(weights, architecture, task)
            for name in ["fc1.weight", "fc1.bias"] {
                var (w, m, v) = (
                    try #require(weights[name]), try #require(first[name]),
                    try #require(second[name])
                )
                for i in w.indices {
                    let g = try #require(gradients[name])[i] + Double(decay) * w[i]
                    w[i] -= step(t, w[i], g, &m[i], &v[i])
                }
                (weights[name], first[name], second[name]) = (w, m, v)
            }
            _ = try trainer.runEpoch(images: task.images, labels: task.labels)
            for (name, expected) in weights {
                let found = try #require(trainer.parameters[name]).values
                for (found, expected) in zip(found, expected) {
                    #expect(abs(Double(found) - expected) <= 2e-5, "\(name) after step \(t)")
                }
            }
        }
    }

    /// xᵀ(p − onehot) / n.
    private func gradients(
        _ weights: [String: [Double]], _ architecture: Architecture,
        _ task: (images: Tensor, labels: [Int])
    ) throws -> [String: [Double]] {
        var double = DoubleNetwork(architecture, [:])
        double.parameters = weights
        let images = doubles(task.images)
        var (dw, db) = ([Double](repeating: 0, count: 108), [Double](repeating: 0, count: 3))
        for (n, logits) in double.logits(images).enumerated() {
            let powers = logits.map(exponential)
            let total = powers.reduce(0, +)
            for o in 0..<3 {
                let d = (powers[o] / total - (o == task.labels[n] ? 1 : 0)) / 12
                db[o] += d
                for i in 0..<36 { dw[o * 36 + i] += d * images[n][i] }
            }
        }
        return ["fc1.weight": dw, "fc1.bias": db]
    }

    @Test func momentumWithAndWithoutNesterov() throws {
        for nesterov in [false, true] {
            try follow(.sgd(momentum: 0.9, nesterov: nesterov), decay: 0.01) { _, _, g, m, _ in
                m = Double(Float(0.9)) * m + g
                return 0.05 * (nesterov ? g + Double(Float(0.9)) * m : m)
            }
        }
    }

    @Test func adam() throws {
        try follow(.adam(beta1: 0.8, beta2: 0.95, epsilon: 1e-3), decay: 0.01) { t, _, g, m, v in
            m = 0.8 * m + 0.2 * g
            v = 0.95 * v + 0.05 * g * g
            let powers = (1...t).reduce((1.0, 1.0)) { powers, _ in
                (powers.0 * 0.8, powers.1 * 0.95)
            }
            return 0.05 * (m / (1 - powers.0)) / ((v / (1 - powers.1)).squareRoot() + 1e-3)
        }
    }

    /// Buffers follow the data, not the gradient: weight decay must not pull them.
    @Test func weightDecayLeavesBuffersAlone() throws {
        let architecture = try everything()
        let task = noise(8, architecture.imageShape)
        func buffers(_ decay: Float) throws -> [[UInt32]] {
            let how = TrainingSettings(
                epochs: 1, batch: 8, schedule: .byEpoch(first: 1, last: 1),
                rule: .adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8), weightDecay: decay,
                seed: 1)
            var trainer = Trainer(architecture, settings: how, engine: Engine(threads: 1))
            _ = try trainer.runEpoch(images: task.images, labels: task.labels)
            return trainer.parameters.filter { $0.key.contains("running") }
                .sorted { $0.key < $1.key }.map(\.value.bits)
        }
        let plain = try buffers(0)
        #expect(plain.count == 4)
        #expect(try buffers(0.5) == plain)
    }
}
