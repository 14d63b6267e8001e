// The weights of a network that others have trained: converted once into a model of the store,
// after all its tensors have been compared with the architecture.

import Datasets
import Digests
import Formats
import Networks
import StageWeights
import StageWork
import Tensors

extension FetchComputation {
    static func network(_ config: any ResolvedConfig, _ work: any Workspace) throws -> JSON {
        let architecture = try Architecture.named(config.text("network"))
        let names = try ClassNames(work.open("class names"))
        guard names.all.count == architecture.classes else {
            throw StageFault(
                .badData,
                "\(names.file) names \(names.all.count) classes, and \(architecture.name) tells "
                    + "\(architecture.classes) apart",
                remedy: "name a network of that data set in \(config.file)")
        }
        let file = try weights(architecture.name, config, work)
        let weights = try WeightFile(file, for: architecture)
        for note in weights.notes { work.log.line(note) }
        // One tensor at a time is in memory.
        let columns = architecture.parameters.map { parameter in
            Column(parameter.name, shape: parameter.shape) { try weights.tensor(parameter.name) }
        }
        let digest = Digest(of: file.bytes)
        try work.write(
            work.output(endingIn: ".safetensors"), schema: "mirage.model",
            metadata: [
                "architecture": architecture.name, "dataset": try config.text("dataset"),
                "classes": JSON.array(names.all.map(JSON.string)).canonical,
            ],
            columns: columns)
        for warning in weights.warnings { work.log.warn(warning) }
        let description = try work.create(work.output(endingIn: ".curve.json"))
        try description.write(architecture.description(classes: names.all).pretty)
        return [
            "architecture": .string(architecture.name),
            "parameters": .integer(Int64(architecture.parameterCount)),
            "format": .string(weights.format),
            "weights_sha256": .string(digest.hex),
            "is_pinned": .bool(!config.isSet("weights")),
        ]
    }

    private static func weights(
        _ name: String, _ config: any ResolvedConfig, _ work: any Workspace
    ) throws -> MappedFile {
        if config.isSet("weights") { return try work.open("weights") }
        let downloads = try work.downloads(of: Source.named(name, .network, work))
        guard let found = downloads.first else {
            throw StageFault(.software, "\(name) has no file of weights")
        }
        return found.content
    }
}
