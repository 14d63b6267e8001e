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
    /// The folders below `pipeline/` that hold configs, but for those that `make mine NAME=` has made here.
    static let experiments = ((try? Experiment.all()) ?? []).filter { name in
        let text = try? String(
            contentsOfFile: "pipeline/\(name)/experiment.json", encoding: .utf8)
        return text?.contains("// Written by `make mine NAME=") != true
    }

    private func pipeline(_ experiment: String, in store: MadeStore) throws -> Pipeline {
        try Pipeline(
            experiment, stages: Mirage.stages, store: Store(store.folder.path),
            overrides: Overrides())
    }

    /// The tool's list, from which Make has its rules, is the tests' list too.
    @Test func theToolHasTheseStages() throws {
        let ground = try Playground { $0 }
        _ = try ground.shell("bin/pipeline-tool schemas --to schemas")
        let files = try ground.shell("ls schemas").lines.map(String.init)
        #expect(
            files.sorted()
                == (Mirage.stages.map { "\($0.kind).json" } + ["experiment.json"]).sorted())
    }

    @Test func theExperimentsAreThere() {
        for name in ["mnist", "mnist-cnn", "attacks", "attacks-cnn", "papers", "imagenet"] {
            #expect(Self.experiments.contains(name))
        }
    }

    /// The keys of every node as they were when each had a file of its own, in canonical form: whatever an
    /// experiment takes over, its configs are these, byte by byte. Who changes a config on purpose puts
    /// the line that is shown into the list.
    @Test func noConfigHasMoved() throws {
        let list = "Tests/Stages/Resources/configs.txt"
        let expected = String(decoding: try MappedFile.read(list), as: UTF8.self)
            .split(separator: "\n").map(String.init)
        var found: [String] = []
        for experiment in Self.experiments {
            for (name, source) in try Experiment(experiment).configs {
                found.append("\(experiment)/\(name) \(try source.read().json.canonical)")
            }
        }
        #expect(expected.count > 200)
        for line in Set(found).subtracting(expected).sorted() { Issue.record("new: \(line)") }
        for line in Set(expected).subtracting(found).sorted() { Issue.record("gone: \(line)") }
    }

    /// Parse, schema, inputs, outputs: and whatever is read is made by a node here, or lies there as a
    /// file.
    @Test(arguments: experiments) func everyConfigResolves(experiment: String) throws {
        let store = try MadeStore()
        defer { store.remove() }
        let pipeline = try pipeline(experiment, in: store)
        #expect(try pipeline.nodes.count == Experiment(experiment).nodes.count)
        // What is the user's to bring: its config can be read, and what is in it cannot.
        let own = pipeline.nodes.filter { $0.node.name == "fetch-mine-data" }
        #expect(own.allSatisfy { $0.fault?.code == .missingInput })
        let made = Set(
            pipeline.nodes.flatMap(\.outputs)
                + (own.isEmpty ? [] : ["dataset/mine-data-test.safetensors"]))
        for node in pipeline.nodes where !own.contains(where: { $0.node == node.node }) {
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
                        optional || ["weights", "network"].contains(input.role)
                            || FileManager.default.fileExists(atPath: input.name),
                        "\(node.node.name) reads \(input.name), which is not there")
                }
            }
        }
    }

    /// A word that decides which other keys there are is refused before one of those is.
    @Test func aMisspeltAttackIsWhatIsRefused() throws {
        let json = try #require(Experiment("mnist").configs["attack-fgsm"]).read().json
        var members = try #require(json.object)
        members["attack"] = "fgms"
        let schema = try AttackStage.schema(.object(members))
        #expect(
            throws: ConfigFault.notAChoice(
                key: "attack", found: "fgms", choices: AttackCatalogue.all.map { $0.name },
                file: "a.json")
        ) { try schema.checkChoices(.object(members), overrides: [:], file: "a.json") }
        #expect(throws: ConfigFault.self) {
            try schema.checkChoices(json, overrides: ["attack": "fgms"], file: "a.json")
        }
        #expect(throws: Never.self) {
            try schema.checkChoices(json, overrides: [:], file: "a.json")
        }
        // So it is in SET, and the keys of the attack that was meant are not blamed.
        let ground = try PipelineRealTests.ground()
        for set in ["attack-fgsm.attack=fgms", "attack-fgsm.goal=untargetted"] {
            let outcome = try ground.shell("bin/stage-attack --node attack-fgsm --set \(set)")
            #expect(outcome.status == 64 && outcome.says("did you mean"), "\(outcome.output)")
            #expect(!outcome.says("least_epsilon"), "\(outcome.output)")
        }
    }

    /// `make attack-<name> EXPERIMENT=attacks`, for each attack that there is; so on the CNN.
    @Test(arguments: ["attacks", "attacks-cnn"])
    func everyAttackHasANodeOfItsName(experiment: String) throws {
        let store = try MadeStore()
        defer { store.remove() }
        let nodes = try pipeline(experiment, in: store).nodes.map(\.node.name)
        for attack in AttackCatalogue.all {
            let node = "attack-\(attack.name)"
            #expect(nodes.contains(node), "no \(node) in \(experiment)")
            let json = try #require(Experiment(experiment).configs[node]).read().json
            #expect(json["attack"]?.string == attack.name, "\(node) of \(experiment)")
        }
    }

    /// The driver's own checks, which come before any work, on the network and images of the config: norm,
    /// goal, budgets, restarts and settings fit each other.
    @Test(arguments: experiments) func everyAttackTakesItsConfig(experiment: String) throws {
        for (name, source) in try Experiment(experiment).configs where name.hasPrefix("attack-") {
            let json = try source.read().json
            let config = try AttackStage.schema(json).resolve(json, file: source.name)
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
