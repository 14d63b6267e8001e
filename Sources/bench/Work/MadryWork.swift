// Madry's CNN on MNIST: training as in madry_epoch.py, and 40 steps of PGD as in pgd.py.

import Attacks
import Datasets
import Formats
import Foundation
import Networks
import Tensors

/// Training and attacking the CNN of Madry et al.
enum MadryWork {
    /// 47 batches of 128, as the peer takes them.
    private static let trained = 47 * 128
    /// Images that are attacked.
    private static let attacked = 500

    static let measures = [
        OurMeasure(name: "madry-epoch", scale: 60_000 / Double(trained)) { try epoch($0) },
        // The same work as the peers: all steps for all images.
        OurMeasure(name: "pgd-40") { try attack($0, stopsEarly: false) },
        // As the pipeline runs it: an image is done when it is fooled.
        OurMeasure(name: "pgd-early") { try attack($0, stopsEarly: true) },
    ]

    private static func epoch(_ setting: OurMeasure.Setting) throws -> Timing {
        let settings = TrainingSettings(
            epochs: 1000, batch: 128, learningRate: 0.05, finalLearningRate: 0.05, momentum: 0.9,
            weightDecay: 0, seed: 1)
        var trainer = Trainer(
            try Architecture.named("madry-cnn"), settings: settings, engine: setting.engine)
        let all = try MNISTFiles.read("train")
        let (images, labels) = (all.images.rows(0..<trained), Array(all.labels[..<trained]))
        return try Timing(runs: setting.runs) {
            _ = try trainer.runEpoch(images: images, labels: labels)
        }
    }

    private static func attack(_ setting: OurMeasure.Setting, stopsEarly: Bool) throws -> Timing {
        let architecture = try Architecture.named("madry-cnn")
        let parameters = try weights(of: architecture, in: setting.artifacts)
        let network = try Network(
            architecture, parameters: parameters ?? architecture.initialParameters(seed: 1),
            engine: setting.engine)
        let test = try MNISTFiles.read("t10k")
        let images = test.images.rows(0..<attacked)
        // The network's own answers as labels: then every image is attacked.
        var pass = network.makePass()
        let labels = try pass.logits(of: images).argmaxOfRows()
        let attack = PGD(
            SettingValues(
                PGD.settings,
                [
                    "step_size": .number(0.01), "step_unit": .text("pixels"),
                    "stop_early": .flag(stopsEarly),
                ]))
        let driver = AttackDriver(
            ThreatModel(norm: .linf, epsilons: [0.3], goal: .untargeted, seed: 1))
        return try Timing(runs: setting.runs) {
            _ = try driver.run(
                attack, on: network, images: images, labels: labels, keys: Array(0..<attacked))
        }
    }

    /// The weights of a trained network of that architecture, if an experiment has left some.
    private static func weights(
        of architecture: Architecture, in artifacts: String
    ) throws -> [String: Tensor]? {
        let folder = "\(artifacts)/model"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names.sorted() where name.hasSuffix(".safetensors") {
            let file = try SafeTensors(MappedFile("\(folder)/\(name)"))
            guard try file.text("architecture") == architecture.name else { continue }
            return Dictionary(
                uniqueKeysWithValues: try file.entries.map { ($0.name, try file.tensor($0.name)) })
        }
        return nil
    }
}
