// VGG16 and EfficientNet-Lite0 on images of 224×224, as in vgg16_fgsm.py and efficientnet.py.
// Weights are drawn: what they are does not change the work.

import Networks
import Tensors

/// A network for ImageNet, and labels that it gives itself.
struct ImageNetwork {
    private let network: Network
    private let images: Tensor
    private let labels: [Int]
    private let engine: Engine

    static let measures = [1, 8].flatMap { batch in
        [
            OurMeasure(name: "vgg16-fgsm-\(batch)") { setting in
                try ImageNetwork("vgg16", batch: batch, engine: setting.engine)
                    .fastGradientSign(runs: setting.runs)
            },
            OurMeasure(name: "efficientnet-lite0-\(batch)") { setting in
                try ImageNetwork("efficientnet-lite0", batch: batch, engine: setting.engine)
                    .gradient(runs: setting.runs)
            },
        ]
    }

    /// - Throws: `NetworkFault`.
    private init(_ name: String, batch: Int, engine: Engine) throws {
        let architecture = try Architecture.named(name)
        network = try Network(
            architecture, parameters: architecture.initialParameters(seed: 1), engine: engine)
        images = Noise.images([batch] + architecture.imageShape)
        var pass = network.makePass()
        var labels: [Int] = []
        for row in 0..<batch {
            labels += try pass.logits(of: images.rows(row..<row + 1)).argmaxOfRows()
        }
        self.labels = labels
        self.engine = engine
    }

    /// Forward, input gradient, step, forward.
    private func fastGradientSign(runs: Int) throws -> Timing {
        try time(runs: runs) { pass, x, labels in
            let gradient = try Self.gradient(&pass, x, labels)
            var moved = Tensor(shape: [0])
            engine.signStep(
                x, along: gradient, by: Array(repeating: 0.02, count: labels.count), into: &moved)
            _ = try pass.logits(of: moved).argmaxOfRows()
        }
    }

    /// Forward and input gradient.
    private func gradient(runs: Int) throws -> Timing {
        try time(runs: runs) { pass, x, labels in _ = try Self.gradient(&pass, x, labels) }
    }

    /// The batch in chunks that the network handles best, shared by the threads as the attack
    /// driver does it, with memory that is kept from run to run.
    private func time(
        runs: Int, _ work: @escaping @Sendable (inout NetworkPass, Tensor, [Int]) throws -> Void
    ) throws -> Timing {
        let count = images.rowCount
        let chunks = stride(from: 0, to: count, by: network.batch).map {
            $0..<min($0 + network.batch, count)
        }
        let desk = Desk(network)
        return try Timing(runs: runs) {
            _ = try engine.workers.map(count: chunks.count) { chunk in
                try desk.borrow { pass in
                    try work(&pass, images.rows(chunks[chunk]), Array(labels[chunks[chunk]]))
                }
            }
        }
    }

    private static func gradient(
        _ pass: inout NetworkPass, _ x: Tensor, _ labels: [Int]
    ) throws -> Tensor {
        var flow = try pass.logits(of: x)
        _ = CrossEntropy.gradient(inPlaceOf: &flow, targets: labels, scale: 1)
        return try pass.pixelGradient(flow)
    }
}
