// What `stage-train --describe` prints: the network of a config, layer by layer, and what its passes
// do, in evaluation and in training.

import Artifacts
import Networks
import StageKit
import StageNetworks
import TrainWork

extension TrainStage {
    /// Shapes, parameters, FLOPs and plans of the network of a config, and the network written down as a
    /// config has it. Without a data set at hand, layers are for MNIST's images if nothing is said.
    package static var describe: (@Sendable (Config) throws -> [String])? {
        { config in
            let network = try TrainComputation.architecture(config, images: [1, 28, 28])
            return network.lines + [""] + network.writtenLines
        }
    }
}

extension Architecture {
    /// A heading, a table with a row a layer, and two plans with a line an operation.
    var lines: [String] {
        var table = TextTable(["layer", "kind", "output", "parameters", "FLOPs"])
        for (index, layer) in layers.enumerated() {
            let count = layer.parameters.filter(\.isTrained).map(\.count).reduce(0, +)
            let flops = layer.flops(on: inputs[index])
            table.add([
                layer.name, layer.kind, "\(features[index + 1].shape)",
                count > 0 ? "\(count)" : "", flops > 0 ? "\(flops)" : "",
            ])
        }
        let heading =
            "\(name): images \(imageShape), \(classes) classes, \(parameterCount) parameters, "
            + "\(forwardFLOPs) FLOPs for one image forward"
        return [heading, ""] + table.lines
            + plan("evaluation and attacks", isTraining: false)
            + plan("training", isTraining: true)
    }

    /// "image" and "layers" of a config, a layer a line.
    fileprivate var writtenLines: [String] {
        let layers = written.map { "    " + $0.json.canonical }
        return ["As a config has it:", "  \"image\": \(imageShape),", "  \"layers\": ["]
            + layers.dropLast().map { $0 + "," } + layers.suffix(1) + ["  ]"]
    }

    private func plan(_ title: String, isTraining: Bool) -> [String] {
        let plan = planDescription(isTraining: isTraining)
        return ["", "forward, \(title) (\(plan.floatsOfImage) floats in buffers for one image)"]
            + plan.forward.map { "  " + $0 }
            + ["backward, \(title)"] + plan.backward.map { "  " + $0 }
    }
}
