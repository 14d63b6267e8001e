// The fully connected network: training and attacks on the artifacts of the default experiment, as in
// epoch.py, noise.py and fgsm.py.

import Attacks
import Datasets
import Formats
import Networks
import Tensors

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

    static let measures = [
        measure("epoch") { try $0.epoch(runs: $1) },
        measure("noise-l2") { try $0.noise(runs: $1) },
        measure("fgsm-5000") { try $0.fgsmOnly(runs: $1) },
        measure("fgsm-records") { try $0.fgsm(runs: $1) },
    ]

    private static func measure(
        _ name: String, _ work: @escaping @Sendable (Victim, Int) throws -> Timing
    ) -> OurMeasure {
        OurMeasure(name: name) { setting in
            try work(
                Victim(artifacts: setting.artifacts, engine: setting.engine), setting.runs)
        }
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
        let attack = NoiseSGD(
            SettingValues(NoiseSGD.settings, ["regularization": .text("l2")]))
        return try time(attack, epsilons: [], goal: .randomOther, norm: .l2, runs: runs)
    }

    /// Likewise, for one epsilon and without the search for the least.
    func fgsm(runs: Int) throws -> Timing {
        let attack = FGSM(
            SettingValues(FGSM.settings, ["least_epsilon": .flag(false)]))
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
