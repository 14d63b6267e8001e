// Our side of each measure: the same work as the peer script of that name.

import Attacks
import Datasets
import Formats
import Networks
import Randomness
import Tensors

/// The products of `gemm.py`.
struct Product {
    let name: String
    let m: Int, n: Int, k: Int
    let left: Orientation, right: Orientation
    let hasBias: Bool

    static let all = [
        Product(
            name: "gemm-1024", m: 1024, n: 1024, k: 1024, left: .plain, right: .plain,
            hasBias: false),
        Product(
            name: "forward-256x784x300", m: 256, n: 300, k: 784, left: .plain, right: .transposed,
            hasBias: true),
        Product(
            name: "input-gradient-256x300x784", m: 256, n: 784, k: 300, left: .plain, right: .plain,
            hasBias: false),
        Product(
            name: "weight-gradient-300x256x784", m: 300, n: 784, k: 256, left: .transposed,
            right: .plain, hasBias: false),
    ]

    var operations: Double { 2 * Double(m) * Double(n) * Double(k) }

    /// Packing both sides counts: a product starts from plain matrices.
    func time(on engine: Engine, runs: Int) -> Timing {
        let a = Self.random(left == .plain ? [m, k] : [k, m])
        let b = Self.random(right == .plain ? [k, n] : [n, k])
        let bias = hasBias ? Self.random([n]) : nil
        var (packed, c, scratch) = (PackedMatrix(), Tensor(shape: [0]), Tensor(shape: [0]))
        return Timing(runs: runs, repeats: operations > 1e9 ? 10 : 100) {
            packed.pack(b, right, on: engine)
            engine.multiply(a, left, by: packed, bias: bias, into: &c, scratch: &scratch)
        }
    }

    private static func random(_ shape: [Int]) -> Tensor {
        var stream = Stream(seed: 1, name: "bench")
        return Tensor(
            shape: shape,
            values: (0..<Tensor.count(of: shape)).map { _ in 2 * stream.uniform() - 1 })
    }
}

/// Training and attacks on the artifacts of a finished run.
struct Victim {
    private let network: Network
    private let sample: LabelledImages
    private let keys: [Int]
    private let train: LabelledImages
    private let engine: Engine

    /// - Throws: `FormatFault`, `DatasetFault`, `NetworkFault`.
    init(artifacts: String, engine: Engine) throws {
        func open(_ name: String) throws -> SafeTensors {
            try SafeTensors(MappedFile("\(artifacts)/\(name).safetensors"))
        }
        let model = try open("model/mlp")
        let parameters = try model.entries.map { ($0.name, try model.tensor($0.name)) }
        network = try Network(
            Architecture.named(model.text("architecture")),
            parameters: Dictionary(uniqueKeysWithValues: parameters), engine: engine)
        let file = try open("sample/5k")
        sample = try LabelledImages(reading: file, as: "mirage.sample")
        keys = try file.int64s("indices").map(Int.init)
        train = try LabelledImages(reading: open("dataset/mnist-train"), as: "mirage.dataset")
        self.engine = engine
    }

    func epoch(runs: Int) throws -> Timing {
        let settings = TrainingSettings(
            epochs: 100, batch: 256, learningRate: 0.1, finalLearningRate: 0.1, momentum: 0.9,
            weightDecay: 1e-4, seed: 1)
        var trainer = Trainer(network.architecture, settings: settings, engine: engine)
        return try Timing(runs: runs) {
            _ = try trainer.runEpoch(images: train.images, labels: train.labels)
        }
    }

    /// The whole run of the driver: clean answers, attack, projection, judgement, measures.
    func noise(runs: Int) throws -> Timing {
        let attack = OptimisedNoise(
            SettingValues(OptimisedNoise.settings, ["regularization": .text("l2")]))
        return try time(attack, epsilons: [], goal: .randomOther, norm: .l2, runs: runs)
    }

    /// Likewise, for one epsilon and without the search for the least.
    func fgsm(runs: Int) throws -> Timing {
        let attack = FastGradientSign(
            SettingValues(FastGradientSign.settings, ["least_epsilon": .flag(false)]))
        return try time(attack, epsilons: [0.1], goal: .untargeted, norm: .linf, runs: runs)
    }

    /// What `fgsm.py` does and no more: gradient, step, and a forward pass that judges.
    func fgsmOnly(runs: Int) throws -> Timing {
        let chunk = network.batch
        let count = sample.labels.count
        return try Timing(runs: runs) {
            _ = try engine.workers.map(count: (count + chunk - 1) / chunk) { part in
                let rows = part * chunk..<min((part + 1) * chunk, count)
                let x = sample.images.rows(rows)
                var pass = network.makePass()
                var flow = try pass.logits(of: x)
                _ = CrossEntropy.gradient(
                    inPlaceOf: &flow, targets: Array(sample.labels[rows]), scale: 1)
                var moved = Tensor(shape: [0])
                engine.signStep(
                    x, along: try pass.pixelGradient(flow),
                    by: Array(repeating: 0.1, count: rows.count), into: &moved)
                return try pass.logits(of: moved).argmaxOfRows()
            }
        }
    }

    private func time(
        _ attack: some Attack, epsilons: [Float], goal: Goal, norm: Norm, runs: Int
    ) throws -> Timing {
        let driver = AttackDriver(ThreatModel(norm: norm, epsilons: epsilons, goal: goal, seed: 1))
        return try Timing(runs: runs) {
            _ = try driver.run(
                attack, on: network, images: sample.images, labels: sample.labels, keys: keys)
        }
    }
}
