// What a model's `.curve.json` tells of a network: its layers and, where it was trained here, how.

import Formats
import Networks

extension Architecture {
    /// The content of a `.curve.json`.
    ///
    /// - Parameters:
    ///   - epochs: How the training went, an entry an epoch; none for weights of others.
    ///   - test: The last word on the test set, if there was one.
    ///   - classes: The names of the classes.
    /// - Returns: An object of the schema mirage.curve.
    public func description(
        epochs: [JSON] = [], test: Evaluation? = nil, classes: [String]
    ) -> JSON {
        var members: [String: JSON] = [
            "schema": "mirage.curve", "version": 1,
            "architecture": .string(name),
            "parameters": .integer(Int64(parameterCount)),
            "layers": .array(layerList),
            "epochs": .array(epochs),
            "classes": .array(classes.map(JSON.string)),
        ]
        if let test {
            members["test"] = [
                "count": .integer(Int64(test.count)), "correct": .integer(Int64(test.correct)),
                "accuracy": .number(test.accuracy), "loss": .number(test.loss),
            ]
            members["confusion"] = .array(
                test.confusion.map { .array($0.map { .integer(Int64($0)) }) })
        }
        return .object(members)
    }

    /// What the report tells of each layer. Shapes, windows and FLOPs ("operations") are told where
    /// there are feature maps.
    private var layerList: [JSON] {
        func list(_ numbers: [Int]) -> JSON { .array(numbers.map { .integer(Int64($0)) }) }
        return layers.enumerated().map { index, layer in
            var members: [String: JSON] = [
                "name": .string(layer.name), "kind": .string(layer.kind),
            ]
            // A matrix [outputs, inputs], as a fully connected layer has it.
            if let weight = layer.parameters.first?.shape, weight.count == 2 {
                members["in"] = .integer(Int64(weight[1]))
                members["out"] = .integer(Int64(weight[0]))
            }
            let count = layer.parameters.filter(\.isTrained).map(\.count).reduce(0, +)
            if count > 0 { members["parameters"] = .integer(Int64(count)) }
            guard isSpatial else { return .object(members) }
            members["shape"] = list(features[index + 1].shape)
            let flops = layer.flops(on: inputs[index])
            if flops > 0 { members["operations"] = .integer(Int64(flops)) }
            if let window = layer.window {
                members["window"] = list(window.size)
                members["stride"] = list(window.stride)
            }
            return .object(members)
        }
    }
}
