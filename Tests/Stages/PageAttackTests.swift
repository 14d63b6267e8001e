// The page's attacks under Node, number by number against what stage-attack stores: a fully connected and a
// convolutional network, each attack in each norm and with each kind of goal.

import Formats
import Foundation
import Requirements
import Testing

@Suite struct PageAttackTests {
    /// Networks as a config and the page have them.
    private static let networks = [
        ("dense", #"["flatten", {"dense": 30}, "relu", {"dense": 10}]"#),
        (
            "conv",
            #"[{"conv": 4, "kernel": 5, "padding": 2}, "relu", {"max-pool": 2}, {"conv": 6, "kernel": 3, "stride": 2}, "relu", "flatten", {"dense": 10}]"#
        ),
    ]

    /// A stem and the settings of a config.
    private static let attacks = [
        ("fgsm", #""attack": "fgsm", "epsilons": [0, 0.1, 0.4], "goal": "untargeted""#),
        (
            "fgsm-3",
            #""attack": "fgsm", "epsilons": [0.3], "goal": "fixed", "target": 3, "search_steps": 20, "search_bisections": 3"#
        ),
        (
            "pgd",
            #""attack": "pgd", "epsilons": [0.05, 0.3], "goal": "untargeted", "steps": 5, "step_size": 0.25, "restarts": 3"#
        ),
        (
            "pgd-l2",
            #""attack": "pgd", "norm": "l2", "epsilons": [0.5, 2], "goal": "random-other", "steps": 6, "step_size": 0.3, "step_unit": "pixels", "stop_early": false"#
        ),
        (
            "pgd-l1",
            #""attack": "pgd", "norm": "l1", "epsilons": [4, 20], "goal": "least-likely", "steps": 6, "share": 0, "random_start": false, "restarts": 2"#
        ),
        (
            "pgd-l1-share",
            #""attack": "pgd", "norm": "l1", "epsilons": [10], "goal": "untargeted", "steps": 6, "share": 0.05, "seed": 7"#
        ),
        (
            "noise",
            #""attack": "noise-sgd", "goal": "untargeted", "step_size": 0.3, "max_steps": 30"#
        ),
        (
            "noise-l1",
            #""attack": "noise-sgd", "goal": "random-other", "regularization": "l1", "regularization_weight": 3, "step_size": 0.2, "max_steps": 40"#
        ),
        (
            "noise-l2",
            #""attack": "noise-sgd", "norm": "linf", "goal": "fixed", "target": 0, "regularization": "l2", "step_size": 0.2, "max_steps": 40"#
        ),
        ("deepfool", #""attack": "deepfool", "goal": "untargeted""#),
        (
            "deepfool-linf",
            #""attack": "deepfool", "norm": "linf", "goal": "untargeted", "steps": 8, "candidates": 3, "overshoot": 0.1, "labels": "predicted""#
        ),
        (
            "uniform",
            #""attack": "uniform-noise", "epsilons": [0.2, 0.9], "goal": "untargeted", "restarts": 2, "repeats": 3"#
        ),
        (
            "uniform-any",
            #""attack": "uniform-noise", "epsilons": [0.6], "goal": "untargeted", "shape": "uniform""#
        ),
    ]

    /// Node, if there is one.
    private static func node() throws -> URL? {
        try Requirement.node(for: "The page's attacks")
    }

    /// Data, samples, and the networks, trained a little.
    private static func ground() throws -> Playground {
        let ground = try PipelineRealTests.ground()
        for (name, layers) in networks {
            try ground.config(
                "train-\(name)",
                #"{"dataset": "mnist", "layers": \#(layers), "epochs": 3, "batch_size": 50, "learning_rate": 0.05, "momentum": 0.9, "weight_decay": 0, "seed": 1}"#
            )
            try ground.write(
                #"{"image": [1, 28, 28], "layers": \#(layers)}"#, to: "\(name).json")
        }
        return ground
    }

    /// Runs one of the scripts beside this file on a network of the playground.
    private static func run(
        _ script: String, by node: URL, on network: String, _ rest: [String] = [],
        in ground: Playground
    ) throws -> (status: Int32, output: String) {
        let here = URL(filePath: #filePath).deletingLastPathComponent()
        let root = here.deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        process.executableURL = node
        process.arguments =
            [
                here.appending(path: "Resources/\(script)").path,
                root.appending(path: "Sources/Report/Resources").path,
                ground.path("\(network).json"),
                ground.path("artifacts/model/\(network).safetensors"),
                ground.path("artifacts/sample/5k.safetensors"),
            ] + rest
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = String(
            decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, output)
    }

    @Test(arguments: networks.map { $0.0 })
    func everyNumberOfARecordIsThePagesToo(network: String) throws {
        guard let node = try Self.node() else { return }
        let ground = try Self.ground()
        for (stem, settings) in Self.attacks {
            try ground.config(
                "attack-\(stem)", #"{\#(settings), "model": "\#(network)", "sample": "5k"}"#)
        }
        let made = try ground.make(Self.attacks.map { "attack-\($0.0)" }.joined(separator: " "))
        #expect(made.status == 0, "\(made.output)")
        for (stem, _) in Self.attacks {
            let outcome = try Self.run(
                "compare-attacks.js", by: node, on: network,
                [ground.path("artifacts/attack/\(stem).safetensors")], in: ground)
            #expect(outcome.status == 0, "\(network), \(stem): \(outcome.output)")
            #expect(outcome.output.contains("on 40 images"), "\(outcome.output)")
        }
    }

    private struct Flip: Decodable {
        let attack: String
        let row: Int
        let below: Double
        let epsilon: Double
    }

    @Test func theOfficeKeepsOrderAndItsFlipPointsAreTheStagesOwn() throws {
        guard let node = try Self.node() else { return }
        let ground = try Self.ground()
        #expect(try ground.make("train-dense sample-5k").status == 0)
        let outcome = try Self.run("page-office.js", by: node, on: "dense", in: ground)
        #expect(outcome.status == 0, "\(outcome.output)")
        let flips = try JSONDecoder().decode([Flip].self, from: Data(outcome.output.utf8))
        for (attack, settings) in [
            ("fgsm", #""least_epsilon": false"#), ("pgd", #""steps": 5, "step_size": 0.3"#),
        ] {
            let own = flips.filter { $0.attack == attack }
            #expect(own.count >= 2, "\(outcome.output)")
            let epsilons = own.flatMap { ["\($0.below)", "\($0.epsilon)"] }
            try ground.config(
                "attack-flip",
                #"{"attack": "\#(attack)", "model": "dense", "sample": "5k", "goal": "untargeted", "epsilons": [\#(epsilons.joined(separator: ", "))], \#(settings)}"#
            )
            let made = try ground.make("attack-flip")
            #expect(made.status == 0, "\(made.output)")
            let record = try SafeTensors(
                MappedFile(ground.path("artifacts/attack/flip.safetensors")))
            let success = try record.uint8s("success")
            for (place, flip) in own.enumerated() {
                #expect(success[2 * place * 40 + flip.row] == 0, "\(flip)")
                #expect(success[(2 * place + 1) * 40 + flip.row] == 1, "\(flip)")
            }
        }
    }
}
