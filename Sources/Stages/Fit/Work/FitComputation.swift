// Puts a network and data together: which preprocessing the network expects becomes its first layers,
// and its classes get the names that the data have.

import Datasets
import Formats
import Networks
import StageNetworks
import StageWeights
import StageWork
import Tensors

/// Reads the roles `model` and `data`; writes a model of the schema mirage.model, with its description.
package enum FitComputation: StageComputation {
    package static let codeDigest = CodeDigest.value

    package static func run(
        _ config: any ResolvedConfig, _ work: any Workspace
    ) throws -> JSON {
        let model = try SafeTensors(work.open("model"))
        let network = try Network(reading: model, engine: work.engine)
        let file = try SafeTensors(work.open("data"))
        let data = try LabelledImages(reading: file, as: "mirage.dataset")
        try check(network, data, in: file.file.name)
        let choice = try PixelChoice(network, data, config, work)
        let fitted = try Network(
            choice.architecture, parameters: network.parameters, engine: work.engine)
        let labelled = ImageDraw.labelled(data)
        // All of them, or two million million FLOPs' worth, drawn by chance.
        let flops = Double(max(1, choice.architecture.forwardFLOPs))
        let tested = Array(labelled.prefix(max(50, Int(min(2e12 / flops, 1e9)))))
        let speed = try Effort.speed(of: fitted, on: data.images)
        let test =
            tested.isEmpty
            ? nil
            : try fitted.evaluate(
                images: data.images.gather(tested), labels: tested.map { data.labels[$0] })
        if tested.count < labelled.count {
            work.log.line(
                "how often it is right is told of \(tested.count) of \(labelled.count) images")
        }
        let effort = try Effort(choice.architecture.forwardFLOPs, of: data.count, config)
        work.log.line(effort.words(speed: speed))
        try work.write(
            work.output(endingIn: ".safetensors"), schema: "mirage.model",
            metadata: choice.architecture.modelMetadata.merging(
                [
                    "dataset": data.name,
                    "classes": JSON.array(data.classes.map(JSON.string)).canonical,
                ].merging(effort.metadata) { $1 }
            ) { $1 },
            columns: choice.architecture.parameters.map { parameter in
                Column(parameter.name, shape: parameter.shape) {
                    try model.tensor(parameter.name)
                }
            })
        var members =
            choice.architecture.description(test: test, classes: data.classes)
            .object ?? [:]
        members["preprocessing"] = choice.json
        // A thousand classes make a million cells.
        if data.classes.count > 100 { members["confusion"] = nil }
        let description = try work.create(work.output(endingIn: ".curve.json"))
        try description.write(JSON.object(members).pretty)
        var summary: [String: JSON] = [
            "architecture": .string(choice.architecture.name),
            "parameters": .integer(Int64(choice.architecture.parameterCount)),
            "preprocessing": choice.json,
            "test_images": .integer(Int64(tested.count)),
            "flops": .integer(Int64(choice.architecture.forwardFLOPs)),
        ]
        if let test {
            summary["test_correct"] = .integer(Int64(test.correct))
            summary["test_accuracy"] = .number(test.accuracy)
        }
        return .object(summary)
    }

    private static func check(_ network: Network, _ data: LabelledImages, in file: String) throws {
        let name = Shown.text(network.architecture.name)
        guard data.imageShape == network.imageShape else {
            throw StageFault(
                .badData,
                "the images of \(data.name) are \(data.imageShape), and \(name) reads "
                    + "\(network.imageShape)",
                remedy: "bring them to that shape: \"model\" in the config of the data does it")
        }
        guard data.classes.count == network.classes else {
            let some = data.classes.prefix(8).map { Shown.start($0, 30) }.joined(separator: ", ")
            throw StageFault(
                .badData,
                "\(name) tells \(network.classes) classes apart, and the data have "
                    + "\(data.classes.count): \(some)"
                    + (data.classes.count > 8 ? ", …" : ""),
                remedy: "name all of the network's classes in its order, one a line, in a file: "
                    + "CLASSES=names.txt")
        }
    }
}
