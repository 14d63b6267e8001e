// A study small enough to read, with every part that a page can have. Its figures are chosen so
// that the expected ones can be worked out by hand.

import Tensors

@testable import Report

enum Tiny {
    /// Six images of 4 × 4 pixels in three classes; image 5 is misread from the start.
    static let labels = [0, 1, 2, 0, 1, 2]

    static let originals = Tensor(
        shape: [6, 1, 4, 4],
        values: (0..<96).map { $0 % 5 == 0 ? 1 : Float($0 % 16) / 32 })

    /// The originals, shifted by a step where an attack succeeded.
    static func attacked(by step: Float, where isSuccess: [Bool]) -> Tensor {
        var images = originals
        images.withMutableFloats { pixels in
            for index in pixels.indices where isSuccess[index / 16] {
                let signed = index.isMultiple(of: 2) ? step : -step
                pixels[index] = min(max(pixels[index] + signed, 0), 1)
            }
        }
        return images
    }

    static func samples(targeted: Bool) -> [AttackRun.Sample] {
        labels.enumerated().map { position, label in
            AttackRun.Sample(
                index: 100 + position, label: label, target: targeted ? (label + 1) % 3 : nil,
                isEligible: position != 5, answer: position == 5 ? 0 : label,
                confidence: 0.995 - Float(position) / 1000)
        }
    }

    static func outcome(
        _ position: Int, success: Bool, rounded: Bool, l2: Float, linf: Float, passes: Int
    ) -> AttackRun.Outcome {
        let label = labels[position]
        return AttackRun.Outcome(
            isSuccess: success, survivesRounding: rounded,
            answer: success ? (label + 1) % 3 : label, confidence: success ? 0.97 : 0.6,
            proposedAnswer: success ? (label + 1) % 3 : label, proposedConfidence: 0.6,
            l0: success ? 12 : 0, l1: success ? 1 : 0, l2: success ? l2 : 0,
            linf: success ? linf : 0, iterations: passes, forwardPasses: passes,
            backwardPasses: passes)
    }

    static func level(
        _ epsilon: Double?, successes: [Bool], step: Float, passes: Int, flops: Double? = 2000
    ) -> AttackRun.Level {
        AttackRun.Level(
            epsilon: epsilon,
            outcomes: successes.enumerated().map { position, isSuccess in
                outcome(
                    position, success: isSuccess, rounded: isSuccess && position != 1,
                    l2: 2 * step + Float(position) / 100, linf: step,
                    passes: passes + (epsilon == nil ? position : 0))
            },
            images: attacked(by: step, where: successes),
            noise: Noise(mean: 0.01, max: Double(step), min: -Double(step)),
            rawNoise: epsilon == nil ? Noise(mean: 0.0152, max: 1.001, min: -0.998) : nil,
            flops: flops)
    }

    static var fgsm: AttackRun {
        AttackRun(
            name: "fgsm", method: "fgsm", norm: "linf", goal: "untargeted",
            config: [("attack", "fgsm"), ("epsilons", "0.05, 0.1"), ("space", "pixels")],
            originals: originals,
            samples: samples(targeted: false),
            levels: [
                level(
                    0.05, successes: [true, false, false, false, false, false], step: 0.05,
                    passes: 1),
                level(
                    0.1, successes: [true, true, true, false, false, false], step: 0.1, passes: 1),
            ], leastEpsilon: [0.03, 0.07, 0.09, 0.4, .infinity, .infinity])
    }

    static var noise: AttackRun {
        AttackRun(
            name: "noise-l2", method: "noise-sgd", norm: "l2", goal: "random",
            config: [("attack", "noise-sgd"), ("regularization", "l2")], originals: originals,
            samples: samples(targeted: true),
            levels: [
                level(
                    nil, successes: [true, true, true, true, false, false], step: 0.2, passes: 40,
                    flops: 80_000)
            ])
    }

    static var network: NetworkFacts {
        NetworkFacts(
            architecture: "mlp-16-3", parameters: 51,
            layers: [.init(name: "fc1", kind: "linear", input: 16, output: 3, parameters: 51)],
            epochs: (1...3).map { epoch in
                .init(
                    number: epoch, trainLoss: 1 / Double(epoch), trainAccuracy: 0.9,
                    testLoss: 1.5 / Double(epoch), testAccuracy: 0.8)
            },
            test: .init(count: 400, correct: 371, loss: 0.25),
            confusion: [[120, 4, 3], [2, 130, 9], [5, 6, 121]], classes: ["0", "1", "2"])
    }

    static var study: Study {
        var study = Study(experiment: "tiny")
        study.layout.gallery = 6
        study.layout.examples = 3
        study.dataset = DatasetFacts(
            name: "blobs", classes: ["0", "1", "2"],
            splits: [("training", [700, 800, 900]), ("test", [120, 140, 140])], gallery: originals,
            galleryLabels: labels)
        study.network = network
        study.sample = SampleFacts(images: originals, classes: ["0", "1", "2"], seed: "77")
        study.attacks = [fgsm, noise]
        study.published = PublishedNoise(
            source: "a table",
            rows: [
                .init(
                    attack: "noise-l2", epsilon: nil,
                    noise: Noise(mean: 0.015, max: 1.003, min: -1.002)),
                .init(
                    attack: "fgsm", epsilon: 0.1, noise: Noise(mean: 0.0373817, max: 0.1, min: -0.1)
                ),
            ])
        study.provenance = [
            node("fetch-blobs", reads: [], writes: ["dataset/blobs-train", "dataset/blobs-test"]),
            node("train-mlp", reads: ["dataset/blobs-train"], writes: ["model/mlp"]),
            node("sample-6", reads: ["dataset/blobs-test"], writes: ["sample/6"]),
            node("attack-fgsm", reads: ["model/mlp", "sample/6"], writes: ["attack/fgsm"]),
            node("attack-noise-l2", reads: ["model/mlp", "sample/6"], writes: ["attack/noise-l2"]),
        ]
        return study
    }

    private static func node(_ name: String, reads: [String], writes: [String]) -> ProvenanceNode {
        func item(_ name: String) -> ProvenanceNode.Item {
            .init(name: name + ".safetensors", digest: String(repeating: "ab", count: 32))
        }
        return ProvenanceNode(
            name: name, config: [("seed", "5")], inputs: reads.map(item),
            outputs: writes.map(item))
    }
}
