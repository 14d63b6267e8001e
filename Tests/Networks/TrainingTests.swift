import Randomness
import Tensors
import Testing

@testable import Networks

/// A small task: three classes of 6 × 6 images, each with its own bright corner, and noise.
func smallTask(count: Int, seed: UInt64 = 1) -> (images: Tensor, labels: [Int]) {
    var random = Stream(seed: seed, name: "task")
    var values: [Float] = []
    var labels: [Int] = []
    for index in 0..<count {
        let label = index % 3
        labels.append(label)
        for pixel in 0..<36 {
            let isCorner = [(0, 0), (0, 5), (5, 0)][label] == (pixel / 6, pixel % 6)
            values.append(isCorner ? 0.6 + 0.4 * random.uniform() : 0.4 * random.uniform())
        }
    }
    return (Tensor(shape: [count, 1, 6, 6], values: values), labels)
}

let smallArchitecture = Architecture(
    multilayerPerceptron: "mlp-36-20-12-3", imageShape: [1, 6, 6], widths: [36, 20, 12, 3])

func settings(epochs: Int = 4, batch: Int = 16, rate: Float = 0.1) -> TrainingSettings {
    TrainingSettings(
        epochs: epochs, batch: batch, learningRate: rate, finalLearningRate: rate / 10,
        momentum: 0.9, weightDecay: 1e-4, seed: 7)
}

@Suite("Training")
struct TrainingTests {
    private func train(on engine: Engine, epochs: Int = 4) throws -> (Trainer, [EpochReport]) {
        let task = smallTask(count: 200)
        var trainer = Trainer(smallArchitecture, settings: settings(epochs: epochs), engine: engine)
        let reports = try (0..<epochs).map { _ in
            try trainer.runEpoch(images: task.images, labels: task.labels)
        }
        return (trainer, reports)
    }

    @Test func itLearns() throws {
        let (trainer, reports) = try train(on: Engine(threads: 2), epochs: 12)
        let test = smallTask(count: 90, seed: 2)
        let network = try Network(
            smallArchitecture, parameters: trainer.parameters, engine: Engine(threads: 2))
        let evaluation = try network.evaluate(images: test.images, labels: test.labels)
        #expect(evaluation.accuracy > 0.95)
        #expect(evaluation.confusion.joined().reduce(0, +) == 90)
        #expect((0..<3).map { evaluation.confusion[$0][$0] }.reduce(0, +) == evaluation.correct)
        let (first, last) = (try #require(reports.first), try #require(reports.last))
        #expect(last.trainLoss < first.trainLoss / 2)
        #expect(last.epoch == 12 && last.learningRate == Float(0.1) / 10)
    }

    @Test func everyInstructionSetAndThreadCountGivesTheSameWeights() throws {
        let expected = try train(on: try #require(Engine(.reference, workers: Workers(threads: 1))))
            .0
        for set in InstructionSet.available {
            for threads in [1, 2, 3, 5, 8] where set != .reference {
                let engine = try #require(Engine(set, workers: Workers(threads: threads)))
                let trainer = try train(on: engine).0
                for (name, tensor) in expected.parameters {
                    #expect(
                        trainer.parameters[name]?.values.map(\.bitPattern)
                            == tensor.values.map(\.bitPattern), "\(set) \(threads) \(name)")
                }
            }
        }
    }

    @Test func oneStepFollowsTheFormulaInDouble() throws {
        // One layer, one batch: the gradient is xᵀ(p − onehot)/n, written out in Double.
        let architecture = Architecture(
            multilayerPerceptron: "one", imageShape: [1, 6, 6], widths: [36, 3])
        let task = smallTask(count: 12)
        let how = TrainingSettings(
            epochs: 1, batch: 12, learningRate: 0.5, finalLearningRate: 0.5, momentum: 0.9,
            weightDecay: 0.01, seed: 3)
        var trainer = Trainer(architecture, settings: how, engine: Engine(threads: 1))
        let before = trainer.parameters
        _ = try trainer.runEpoch(images: task.images, labels: task.labels)
        let w = try #require(before["fc1.weight"]).values.map(Double.init)
        let b = try #require(before["fc1.bias"]).values.map(Double.init)
        let x = task.images.values.map(Double.init)
        var gradient = [Double](repeating: 0, count: w.count)
        for n in 0..<12 {
            let logits = (0..<3).map { o in
                b[o] + (0..<36).reduce(0) { $0 + x[n * 36 + $1] * w[o * 36 + $1] }
            }
            let weights = logits.map { expOf($0) }
            let total = weights.reduce(0, +)
            for o in 0..<3 {
                let d = (weights[o] / total - (o == task.labels[n] ? 1 : 0)) / 12
                for i in 0..<36 { gradient[o * 36 + i] += d * x[n * 36 + i] }
            }
        }
        let after = try #require(trainer.parameters["fc1.weight"]).values
        for index in w.indices {
            let expected = w[index] - 0.5 * (gradient[index] + 0.01 * w[index])
            #expect(abs(Double(after[index]) - expected) <= 1e-6)
        }
    }

    /// e^x by its series, to keep the test free of the code under test.
    private func expOf(_ x: Double) -> Double {
        var (term, sum) = (1.0, 1.0)
        for n in 1..<60 {
            term *= x / Double(n)
            sum += term
        }
        return sum
    }

    @Test func seedsAreHeard() {
        let first = smallArchitecture.initialParameters(seed: 1)
        #expect(
            first["fc1.weight"]?.values
                == smallArchitecture.initialParameters(seed: 1)["fc1.weight"]?.values)
        #expect(
            first["fc1.weight"]?.values
                != smallArchitecture.initialParameters(seed: 2)["fc1.weight"]?.values)
        let bound = 1 / Float(36).squareRoot()
        #expect(first["fc1.weight"]?.values.allSatisfy { abs($0) <= bound } == true)
        #expect((first["fc1.weight"]?.values.map(abs).max() ?? 0) > 0.9 * bound)
    }

    @Test func divergenceIsNamed() throws {
        let task = smallTask(count: 60)
        var trainer = Trainer(
            smallArchitecture, settings: settings(epochs: 40, rate: 1e30),
            engine: Engine(threads: 1))
        let error = #expect(throws: NetworkFault.self) {
            for _ in 0..<40 { _ = try trainer.runEpoch(images: task.images, labels: task.labels) }
        }
        #expect(error?.description.contains("Training diverged in epoch 1") == true)
        #expect(error?.description.contains("layer fc") == true)
        #expect(error?.description.contains("learning_rate") == true)
    }

    @Test func aLabelOutsideTheClassesIsNamed() {
        let task = smallTask(count: 6)
        var trainer = Trainer(smallArchitecture, settings: settings(), engine: Engine(threads: 1))
        #expect(throws: NetworkFault.wrongLabel(3, sample: 4, classes: 3)) {
            try trainer.runEpoch(images: task.images, labels: [0, 1, 2, 0, 3, 2])
        }
    }
}
