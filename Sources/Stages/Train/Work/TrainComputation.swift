// Trains a network: its weights, and how the training went, epoch by epoch.

import Datasets
import Formats
import Networks
import StageNetworks
import StageWeights
import StageWork
import Tensors

/// Reads the roles `train` and `test`, and `weights` where the first ones come from a file; writes a
/// model of the schema mirage.model and its learning curve.
package enum TrainComputation: StageComputation {
    package static let codeDigest = CodeDigest.value

    /// Trains for all epochs, tests after each, and writes both outputs.
    ///
    /// - Throws: `StageFault`; a network or data set that does not fit is bad data (65).
    package static func run(
        _ config: any ResolvedConfig, _ work: any Workspace
    ) throws -> JSON {
        let engine = work.engine
        let (architecture, train, test) = try splits(config, work)
        let settings = try settings(of: config)
        var trainer = try Trainer(
            architecture, settings: settings,
            initial: firstWeights(architecture, config, work), engine: engine)
        var robustTest = try robustTest(of: config, architecture, test, engine)
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
            let figures = json(report, evaluation).merging(
                robustTest?.figures(trainer.parameters))
            epochs.append(figures)
            work.log.report(["epoch": figures, "of": .integer(Int64(settings.epochs))])
        }
        try write(trainer, of: train, work)
        let curve = architecture.description(
            epochs: epochs, test: evaluation, classes: test.classes
        ).merging(robustTest.map { ["robust_test": $0.settings] })
        let file = try work.create(work.output(endingIn: ".curve.json"))
        try file.write(curve.pretty)
        try file.close()
        let summary: JSON = [
            "architecture": .string(architecture.name),
            "parameters": .integer(Int64(architecture.parameterCount)),
            "epochs": .integer(Int64(settings.epochs)),
            "train_images": .integer(Int64(train.labels.count)),
            "test_images": .integer(Int64(test.labels.count)),
            "test_correct": .integer(Int64(evaluation.correct)),
            "test_accuracy": .number(evaluation.accuracy),
            "test_loss": .number(evaluation.loss),
        ]
        return summary.merging(robustTest?.summary(epochs.last))
    }

    /// The network of a config: one of the catalogue, or of layers of its own.
    ///
    /// - Parameters:
    ///   - config: The config.
    ///   - images: [C, H, W] of the data, for layers where the config says nothing.
    /// - Returns: The network without weights.
    /// - Throws: `StageFault`, `NetworkFault`.
    package static func architecture(
        _ config: any ResolvedConfig, images: [Int]
    ) throws -> Architecture {
        let name = try config.text("architecture")
        guard config.isSet("layers") else { return try Architecture.named(name) }
        let shape =
            try config.isSet("image")
            ? config.wholeNumbers("image") : images
        return try Architecture(
            name, imageShape: shape, layers: config.structure("layers"), in: config.file)
    }

    /// The network, and both splits, of the images and classes that it takes.
    private static func splits(
        _ config: any ResolvedConfig, _ work: any Workspace
    ) throws -> (Architecture, train: LabelledImages, test: LabelledImages) {
        let files = try ["train", "test"].map { try SafeTensors(work.open($0)) }
        let splits = try files.map { try LabelledImages(reading: $0, as: "mirage.dataset") }
        let architecture = try architecture(config, images: splits[0].imageShape)
        for (file, split) in zip(files, splits) {
            try architecture.check(split, of: file.file.name, config: config.file)
        }
        guard splits[0].classes == splits[1].classes else {
            throw StageFault(
                .badData,
                "\(files[0].file.name) and \(files[1].file.name) name other classes, or in another "
                    + "order", remedy: "fetch both again from one data set")
        }
        return (architecture, splits[0], splits[1])
    }

    /// Weights from a file, or drawn by the seed.
    private static func firstWeights(
        _ architecture: Architecture, _ config: any ResolvedConfig, _ work: any Workspace
    ) throws -> [String: Tensor] {
        let drawn = try drawnWeights(architecture, config, isFromFile: work.holds("weights"))
        guard work.holds("weights") else { return drawn }
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
        _ trainer: Trainer, of dataset: LabelledImages, _ work: any Workspace
    ) throws {
        try work.write(
            work.output(endingIn: ".safetensors"), schema: "mirage.model",
            metadata: trainer.architecture.modelMetadata.merging([
                "dataset": dataset.name,
                "classes": JSON.array(dataset.classes.map(JSON.string)).canonical,
            ]) { $1 },
            columns: trainer.parameters.map { Column($0.key, $0.value) })
    }

    /// An epoch as the learning curve has it.
    private static func json(_ report: EpochReport, _ test: Evaluation) -> JSON {
        [
            "epoch": .integer(Int64(report.epoch)),
            "learning_rate": .number(shortest(report.learningRate)),
            "train_loss": .number(report.trainLoss),
            "train_accuracy": .number(report.trainAccuracy),
            "test_loss": .number(test.loss),
            "test_accuracy": .number(test.accuracy),
        ]
    }

    /// A Float's shortest decimal, as a Double: 0.1, not 0.10000000149.
    private static func shortest(_ value: Float) -> Double {
        Double(value.description) ?? Double(value)
    }
}
