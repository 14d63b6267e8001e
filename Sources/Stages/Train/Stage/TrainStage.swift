// Trains a network and stores its weights and its learning curve.

import Artifacts
import Datasets
import Formats
import Networks
import StageKit
import StageNetworks
import Tensors

/// The generated constant, under a name that the stage's own property does not hide.
private let digestOfSources = codeDigest

/// `stage-train`: dataset and config in, model and learning curve out.
public enum TrainStage: Stage {
    /// "train".
    public static let kind = "train"
    /// One line.
    public static let summary = "Train a classifier and store its weights and its learning curve."
    /// The digest of this stage's sources.
    public static let codeDigest = digestOfSources
    /// Examples.
    public static let discussion = """
        EXAMPLES
          stage-train --out artifacts/
          stage-train --epochs 3 --learning-rate 0.05
          stage-train --config pipeline/original/train-mlp.json
          stage-train --optimizer adam --schedule cyclic --learning-rate 0.005
          stage-train --weights mine.pth --epochs 0     take PyTorch's weights as they are
        """

    /// Both splits of the data set, and the first weights if a file is named.
    public static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        let dataset = try config.text("dataset")
        let made = node.command("fetch-\(dataset)")
        var inputs = ["train", "test"].map { split in
            NodeInput(
                role: split, name: node.artifact("dataset", "\(dataset)-\(split).safetensors"),
                madeBy: made)
        }
        if config.isSet("weights") {
            inputs.append(NodeInput(role: "weights", file: try config.text("weights")))
        }
        return inputs
    }

    /// The model and its curve.
    public static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        [
            node.artifact("model", "\(node.stem).safetensors"),
            node.artifact("model", "\(node.stem).curve.json"),
        ]
    }

    /// Trains.
    public static func run(_ config: Config, _ node: Node, _ work: Workspace) throws -> JSON {
        let engine = work.engine
        let architecture = try Architecture.named(config.text("architecture"))
        let (train, test) = try splits(for: architecture, config, work)
        let settings = try settings(of: config)
        var trainer = try Trainer(
            architecture, settings: settings,
            initial: firstWeights(architecture, config, work), engine: engine)
        var epochs: [JSON] = []
        var evaluation = try network(trainer, engine).evaluate(
            images: test.images, labels: test.labels)
        for epoch in 0..<settings.epochs {
            let label = "epoch \(epoch + 1) of \(settings.epochs)"
            let report = try trainer.runEpoch(images: train.images, labels: train.labels) { share in
                let done = (Double(epoch) + share) / Double(settings.epochs)
                if work.log.isTerminal {
                    work.log.progress(done: Int(done * 1000), of: 1000, label: label)
                }
            }
            evaluation = try network(trainer, engine).evaluate(
                images: test.images, labels: test.labels)
            epochs.append(json(report, evaluation))
            work.log.line(line(report, evaluation, of: settings.epochs))
        }
        try write(trainer, of: train, to: node, work)
        let curve = architecture.description(
            epochs: epochs, test: evaluation, classes: test.classes)
        let file = try work.create(node.artifact("model", "\(node.stem).curve.json"))
        try file.write(curve.pretty)
        try file.close()
        return [
            "architecture": .string(architecture.name),
            "parameters": .integer(Int64(architecture.parameterCount)),
            "epochs": .integer(Int64(settings.epochs)),
            "train_images": .integer(Int64(train.labels.count)),
            "test_images": .integer(Int64(test.labels.count)),
            "test_correct": .integer(Int64(evaluation.correct)),
            "test_accuracy": .number(evaluation.accuracy),
            "test_loss": .number(evaluation.loss),
        ]
    }

    /// Both splits, of the images and classes that the architecture takes.
    private static func splits(
        for architecture: Architecture, _ config: Config, _ work: Workspace
    ) throws -> (train: LabelledImages, test: LabelledImages) {
        let files = try ["train", "test"].map { try SafeTensors(work.open($0)) }
        let splits = try files.map { file in
            let split = try LabelledImages(reading: file, as: "mirage.dataset")
            try architecture.check(split, of: file.file.name, config: config.file)
            return split
        }
        guard splits[0].classes == splits[1].classes else {
            throw StageFault(
                .badData,
                "\(files[0].file.name) and \(files[1].file.name) name other classes, or in another "
                    + "order", remedy: "fetch both again from one data set")
        }
        return (splits[0], splits[1])
    }

    /// Weights from a file, or drawn by the seed.
    private static func firstWeights(
        _ architecture: Architecture, _ config: Config, _ work: Workspace
    ) throws -> [String: Tensor] {
        guard work.holds("weights") else {
            return architecture.initialParameters(seed: UInt64(try config.integer("seed")))
        }
        let file = try WeightFile(work.open("weights"), for: architecture)
        for note in file.notes { work.log.line(note) }
        let parameters = try file.parameters()
        for warning in file.warnings { work.log.warn(warning) }
        return parameters
    }

    private static func network(_ trainer: Trainer, _ engine: Engine) throws -> Network {
        try Network(trainer.architecture, parameters: trainer.parameters, engine: engine)
    }

    private static func write(
        _ trainer: Trainer, of dataset: LabelledImages, to node: Node, _ work: Workspace
    ) throws {
        try work.write(
            node.artifact("model", "\(node.stem).safetensors"), schema: "mirage.model",
            metadata: [
                "architecture": trainer.architecture.name, "dataset": dataset.name,
                "classes": JSON.array(dataset.classes.map(JSON.string)).canonical,
            ],
            columns: trainer.parameters.map { Column($0.key, $0.value) })
    }

    /// What was reached.
    public static func present(_ summary: JSON, _ config: Config) -> [String] {
        let accuracy = TextTable.percent(summary["test_accuracy"]?.double)
        let correct = summary["test_correct"]?.int ?? 0
        return [
            "\(summary["architecture"]?.string ?? "") · \(summary["parameters"]?.int ?? 0) parameters · "
                + (summary["epochs"] == 0
                    ? "not trained: its first weights" : "\(summary["epochs"]?.int ?? 0) epochs"),
            "test accuracy \(accuracy) (\(correct) of \(summary["test_images"]?.int ?? 0)), "
                + "loss \(TextTable.number(summary["test_loss"]?.double, decimals: 4))",
        ]
    }
}
