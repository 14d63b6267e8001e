// Data sets and models of any classes, made in a store of a test's own, so that the real stages can be
// given what does not belong together.

import Artifacts
import Datasets
import Formats
import Foundation
import Networks
import StageKit
import StageWork
import Tensors

/// Writes both splits of a data set: noise, or no image of a known class.
enum MadeDataset: Stage, StageComputation {
    typealias Computation = MadeDataset
    static let kind = "fetch"
    static let summary = "Make a data set."
    static let discussion = ""
    static let codeDigest = "made"

    static func schema(_ json: JSON) throws -> Schema {
        Schema(
            kind,
            [
                Parameter("dataset", .text, help: "its name"),
                Parameter("classes", .integer(1...1000), default: 10, help: "how many"),
                Parameter("test_classes", .integer(0...1000), default: 0, help: "0: as many"),
                Parameter("unlabelled", .integer(0...1000), default: 0, help: "the first images"),
                Parameter("count", .integer(0...1000), default: 20, help: "images a split"),
                Parameter("same", .flag, default: false, help: "all images alike"),
            ])
    }

    static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] { [] }

    static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        try ["train", "test"].map {
            node.artifact("dataset", "\(try config.text("dataset"))-\($0).safetensors")
        }
    }

    static func run(_ config: any ResolvedConfig, _ work: any Workspace) throws -> JSON {
        let (count, unlabelled) = try (config.integer("count"), config.integer("unlabelled"))
        for (split, output) in zip(["train", "test"], work.outputs) {
            let other = split == "test" ? try config.integer("test_classes") : 0
            let classes = other > 0 ? other : try config.integer("classes")
            let step = try config.flag("same") ? 0 : 31
            let images = (0..<count * 784).map { (place: Int) -> Float in
                Float((place % 784 * 7919 + place / 784 * step) % 256) / 255
            }
            let data = try LabelledImages(
                name: config.text("dataset"),
                images: Tensor(shape: [count, 1, 28, 28], values: images),
                labels: (0..<count).map { $0 < unlabelled ? -1 : $0 % min(10, classes) },
                classes: (0..<classes).map { "class \($0)" })
            try work.write(
                output, schema: "mirage.dataset", metadata: data.metadata,
                columns: [Column("images", data.images), Column("labels", data.labels)])
        }
        return [:]
    }

    static func present(_ summary: JSON, _ config: Config) -> [String] { [] }
}

/// Writes a softmax regression of ten logits that says it was trained on some data set.
enum MadeModel: Stage, StageComputation {
    typealias Computation = MadeModel
    static let kind = "train"
    static let summary = "Make a model."
    static let discussion = ""
    static let codeDigest = "made"

    static func schema(_ json: JSON) throws -> Schema {
        Schema(
            kind,
            [
                Parameter("dataset", .text, help: "its name"),
                Parameter("classes", .integer(1...1000), default: 10, help: "how many it names"),
                Parameter("seed", .integer(0...1000), default: 1, help: "its weights"),
            ])
    }

    static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] { [] }

    static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        [node.artifact("model", "\(node.stem).safetensors")]
    }

    static func run(_ config: any ResolvedConfig, _ work: any Workspace) throws -> JSON {
        let architecture = try Architecture.named("softmax-regression")
        let names = try (0..<config.integer("classes")).map { JSON.string("class \($0)") }
        try work.write(
            work.outputs[0], schema: "mirage.model",
            metadata: [
                "architecture": architecture.name, "dataset": try config.text("dataset"),
                "classes": JSON.array(names).canonical,
            ],
            columns: architecture.initialParameters(seed: UInt64(config.integer("seed"))).map {
                Column($0.key, $0.value)
            })
        return [:]
    }

    static func present(_ summary: JSON, _ config: Config) -> [String] { [] }
}

/// A store that is gone after the test, and stages run into it one by one.
struct MadeStore {
    let folder: URL
    private let store: Store

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(
            path: "mirage-made-\(UUID().uuidString)")
        store = Store(folder.path)
        _ = try store.open()
    }

    func remove() { try? FileManager.default.removeItem(at: folder) }

    /// Runs a stage as the node of a name.
    @discardableResult
    func run<S: Stage>(_ stage: S.Type, _ name: String, _ settings: JSON) throws -> Record {
        let config = try S.schema(settings).resolve(settings, file: "\(name).json")
        return try Runner<S>(
            store: store, node: Node(experiment: "mnist", name: name), config: config, threads: 2,
            log: Log(node: name, quiet: true)
        ).run().record
    }

    /// The fault that a stage ends with, as the terminal shows it.
    func fault<S: Stage>(_ stage: S.Type, _ name: String, _ settings: JSON) -> StageFault? {
        do {
            try run(stage, name, settings)
            return nil
        } catch {
            return StageFault(error)
        }
    }

    func artifact(_ name: String) throws -> SafeTensors {
        try SafeTensors(MappedFile(folder.appending(path: name).path))
    }
}
