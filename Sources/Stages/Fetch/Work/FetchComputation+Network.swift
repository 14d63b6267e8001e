// A network that others have trained: converted once into a model of the store, after its layers have
// been checked and all its tensors compared with them.

import Datasets
import Formats
import Networks
import StageNetworks
import StageWeights
import StageWork
import Tensors

extension FetchComputation {
    static func network(_ config: any ResolvedConfig, _ work: any Workspace) throws -> JSON {
        var names: [String] = []
        let network = try FetchedNetwork(config, work) {
            names = try classes(of: $0, config, work)
        }
        let architecture = network.architecture
        // One tensor at a time is in memory.
        let columns = architecture.parameters.map { parameter in
            Column(parameter.name, shape: parameter.shape) { try network.tensor(parameter.name) }
        }
        try work.write(
            work.output(endingIn: ".safetensors"), schema: "mirage.model",
            metadata: architecture.modelMetadata.merging([
                "dataset": try config.text("dataset"),
                "classes": JSON.array(names.map(JSON.string)).canonical,
            ]) { $1 },
            columns: columns)
        for warning in network.warnings { work.log.warn(warning) }
        let description = try work.create(work.output(endingIn: ".curve.json"))
        try description.write(architecture.description(classes: names).pretty)
        var summary: [String: JSON] = [
            "architecture": .string(architecture.name),
            "parameters": .integer(Int64(architecture.parameterCount)),
            "format": .string(network.format),
            "weights_sha256": .string(network.digest.hex),
            "is_pinned": .bool(try NetworkForm(of: config).isPinned(config)),
        ]
        if !network.matched.isEmpty {
            summary["matched_by_order"] = .object(network.matched.mapValues(JSON.string))
        }
        return .object(summary)
    }

    /// The names of the classes: those of the data set, or numbers where there is no list of them.
    private static func classes(
        of architecture: Architecture, _ config: any ResolvedConfig, _ work: any Workspace
    ) throws -> [String] {
        guard work.holds("class names") else {
            return (0..<architecture.classes).map(String.init)
        }
        let names = try ClassNames(work.open("class names"))
        guard names.all.count == architecture.classes else {
            throw StageFault(
                .badData,
                "\(names.file) names \(names.all.count) classes, and \(architecture.name) tells "
                    + "\(architecture.classes) apart",
                remedy: "name a network of that data set in \(config.file)")
        }
        return names.all
    }
}
