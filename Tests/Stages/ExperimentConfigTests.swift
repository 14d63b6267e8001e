// Every config of every experiment is one that its stage takes, reads only what another node makes, and
// asks of an attack what it can do.

import Artifacts
import AttackStage
import Attacks
import Formats
import Foundation
import Networks
import PipelineTool
import StageKit
import StageRegistry
import Tensors
import Testing

@testable import AttackWork

@Suite struct ExperimentConfigTests {
    /// The folders below `pipeline/` that hold configs.
    static let experiments: [String] = {
        let files = FileManager.default
        return ((try? files.contentsOfDirectory(atPath: NodeFinder.folder)) ?? []).sorted().filter {
            files.fileExists(atPath: "\(NodeFinder.folder)/\($0)/visualize.json")
        }
    }()

    private func pipeline(_ experiment: String, in store: MadeStore) throws -> Pipeline {
        try Pipeline(
            experiment, stages: Mirage.stages, store: Store(store.folder.path),
            overrides: Overrides())
    }

    @Test func theExperimentsAreThere() {
        for name in ["mnist", "mnist-cnn", "attacks", "attacks-cnn", "papers", "imagenet"] {
            #expect(Self.experiments.contains(name))
        }
    }

    /// Parse, schema, inputs, outputs: and whatever is read is made by a node here, or lies there as a
    /// file.
    @Test(arguments: experiments) func everyConfigResolves(experiment: String) throws {
        let store = try MadeStore()
        defer { store.remove() }
        let pipeline = try pipeline(experiment, in: store)
        #expect(try pipeline.nodes.count == NodeFinder.nodes(of: experiment).count)
        let made = Set(pipeline.nodes.flatMap(\.outputs))
        for node in pipeline.nodes {
            #expect(node.fault == nil, "\(node.node.name): \(String(describing: node.fault))")
            #expect(!node.outputs.isEmpty, "\(node.node.name)")
            for input in node.inputs {
                switch input.source {
                case .artifact:
                    #expect(
                        made.contains(input.name)
                            || made.contains { $0.hasSuffix("/") && input.name.hasPrefix($0) },
                        "\(node.node.name) reads \(input.name), which no node makes")
                case .file(let optional, _):
                    // Weights of others that may not be passed on are the user's to bring.
                    #expect(
                        optional || input.role == "weights"
                            || FileManager.default.fileExists(atPath: input.name),
                        "\(node.node.name) reads \(input.name), which is not there")
                }
            }
        }
    }

    /// `make attack-<name> EXPERIMENT=attacks`, for each attack that there is; so on the CNN.
    @Test(arguments: ["attacks", "attacks-cnn"])
    func everyAttackHasANodeOfItsName(experiment: String) throws {
        let store = try MadeStore()
        defer { store.remove() }
        let rules = try pipeline(experiment, in: store).rules
        for attack in AttackCatalogue.all {
            let node = "attack-\(attack.name)"
            #expect(rules.contains { $0.hasPrefix("\(node)/run/") }, "no \(node) in \(experiment)")
            let path = "\(NodeFinder.folder)/\(experiment)/\(node).json"
            let json = try JSON.parse(MappedFile.read(path), named: path, comments: true)
            #expect(json["attack"]?.string == attack.name, "\(path)")
        }
    }

    /// The driver's own checks, which come before any work, on the network and images of the config: norm,
    /// goal, budgets, restarts and settings fit each other.
    @Test(arguments: experiments) func everyAttackTakesItsConfig(experiment: String) throws {
        for name in try NodeFinder.nodes(of: experiment) where name.hasPrefix("attack-") {
            let path = "\(NodeFinder.folder)/\(experiment)/\(name).json"
            let json = try JSON.parse(MappedFile.read(path), named: path, comments: true)
            let config = try AttackStage.schema(json).resolve(json, file: path)
            let kind = try AttackCatalogue.named(config.text("attack"))
            // Ten classes and grey images, or a thousand and photographs: no attack asks for more.
            let network = NoNetwork(
                classes: experiment == "imagenet" ? 1000 : 10,
                imageShape: experiment == "imagenet" ? [3, 224, 224] : [1, 28, 28])
            let threat = try AttackComputation.threatModel(config, kind, classes: network.classes)
            let attack = kind.init(try AttackComputation.settings(of: kind, in: config))
            _ = try AttackDriver(threat).run(
                attack, on: network, images: Tensor(shape: [0] + network.imageShape), labels: [],
                keys: [])
        }
    }
}

/// A network that nobody asks anything: there are no images.
struct NoNetwork: Classifier {
    let classes: Int
    let imageShape: [Int]
    let forwardFLOPs = 0
    let batch = 1
    let engine = Engine(threads: 1)

    func makePass() -> Pass { Pass(classes: classes, imageShape: imageShape) }

    struct Pass: ClassifierPass {
        let classes: Int
        let imageShape: [Int]
        func logits(of images: Tensor) -> Tensor { Tensor(shape: [images.rowCount, classes]) }
        func pixelGradient(_ logitGradient: Tensor) -> Tensor {
            Tensor(shape: [logitGradient.rowCount] + imageShape)
        }
    }
}
