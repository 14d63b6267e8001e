// The learning curve as JSON, and as lines on the terminal.

import Formats
import Networks
import StageKit

extension TrainStage {
    static func json(_ report: EpochReport, _ test: Evaluation) -> JSON {
        [
            "epoch": .integer(Int64(report.epoch)),
            "learning_rate": .number(shortest(report.learningRate)),
            "train_loss": .number(report.trainLoss),
            "train_accuracy": .number(report.trainAccuracy),
            "test_loss": .number(test.loss),
            "test_accuracy": .number(test.accuracy),
        ]
    }

    static func line(_ report: EpochReport, _ test: Evaluation, of epochs: Int) -> String {
        "epoch \(report.epoch) of \(epochs): loss "
            + "\(TextTable.number(report.trainLoss, decimals: 4)), accuracy "
            + "\(TextTable.percent(report.trainAccuracy)); test loss "
            + "\(TextTable.number(test.loss, decimals: 4)), accuracy "
            + TextTable.percent(test.accuracy)
    }

    static func curve(
        _ architecture: Architecture, epochs: [JSON], _ test: Evaluation, classes: [String]
    ) -> JSON {
        [
            "schema": "mirage.curve", "version": 1,
            "architecture": .string(architecture.name),
            "parameters": .integer(Int64(architecture.parameterCount)),
            "layers": .array(layers(of: architecture)),
            "epochs": .array(epochs),
            "test": [
                "count": .integer(Int64(test.count)), "correct": .integer(Int64(test.correct)),
                "accuracy": .number(test.accuracy), "loss": .number(test.loss),
            ],
            "confusion": .array(
                test.confusion.map { .array($0.map { .integer(Int64($0)) }) }),
            "classes": .array(classes.map(JSON.string)),
        ]
    }

    /// What the report tells of each layer. Shapes, windows and operations are told where there
    /// are feature maps.
    private static func layers(of architecture: Architecture) -> [JSON] {
        func list(_ numbers: [Int]) -> JSON { .array(numbers.map { .integer(Int64($0)) }) }
        return architecture.layers.enumerated().map { index, layer in
            var members: [String: JSON] = [
                "name": .string(layer.name), "kind": .string(layer.kind),
            ]
            if let linear = layer as? Linear {
                members["in"] = .integer(Int64(linear.inputs))
                members["out"] = .integer(Int64(linear.outputs))
            }
            let count = layer.parameters.filter(\.isTrained).map(\.count).reduce(0, +)
            if count > 0 { members["parameters"] = .integer(Int64(count)) }
            guard architecture.isSpatial else { return .object(members) }
            members["shape"] = list(architecture.features[index + 1].shape)
            let operations = layer.operations(on: architecture.features[index])
            if operations > 0 { members["operations"] = .integer(Int64(operations)) }
            if let window = layer.window {
                members["window"] = list(window.size)
                members["stride"] = list(window.stride)
            }
            return .object(members)
        }
    }

    /// A Float's shortest decimal, as a Double: 0.1, not 0.10000000149.
    private static func shortest(_ value: Float) -> Double {
        Double(value.description) ?? Double(value)
    }
}
