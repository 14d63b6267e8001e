// `stage-train`: what it reads and makes, and what it says.

import Artifacts
import Formats
import StageKit
import TrainWork

/// `stage-train`: dataset and config in, model and learning curve out.
package enum TrainStage: Stage {
    package typealias Computation = TrainComputation

    package static let kind = "train"
    package static let summary = "Train a classifier and store its weights and its learning curve."
    package static let discussion = """
        EXAMPLES
          stage-train --out artifacts/
          stage-train --epochs 3 --learning-rate 0.05
          stage-train --experiment original
          stage-train --optimizer adam --schedule cyclic --learning-rate 0.005
          stage-train --robust '{"method": "fgsm", "epsilon": 0.1}'     a network that resists
          stage-train --weights mine.pth --epochs 0     take PyTorch's weights as they are
          stage-train --describe --architecture vgg16   shapes, parameters, FLOPs, the plan
        """

    /// Both splits of the data set, and the first weights if a file is named.
    package static func inputs(_ config: Config, _ node: Node) throws -> [NodeInput] {
        let dataset = try config.text("dataset")
        var inputs = ["train", "test"].map { node.dataset(dataset, $0, role: $0) }
        if config.isSet("weights") {
            inputs.append(NodeInput(role: "weights", file: try config.text("weights")))
        }
        return inputs
    }

    /// `model/<stem>.safetensors`, the weights, and `model/<stem>.curve.json`, how training went.
    package static func outputs(_ config: Config, _ node: Node) throws -> [String] {
        [
            node.artifact("model", "\(node.stem).safetensors"),
            node.artifact("model", "\(node.stem).curve.json"),
        ]
    }

    package static func line(of event: JSON) -> String? {
        guard let epoch = event["epoch"] else { return nil }
        return "epoch \(epoch["epoch"]?.int ?? 0) of \(event["of"]?.int ?? 0): loss "
            + "\(TextTable.number(epoch["train_loss"]?.double, decimals: 4)), accuracy "
            + "\(TextTable.percent(epoch["train_accuracy"]?.double)); test loss "
            + "\(TextTable.number(epoch["test_loss"]?.double, decimals: 4)), accuracy "
            + TextTable.percent(epoch["test_accuracy"]?.double)
            + (epoch["robust_accuracy"].map { ", moved \(TextTable.percent($0.double))" } ?? "")
    }

    /// The network and its accuracy on the test set.
    package static func present(_ summary: JSON, _ config: Config) -> [String] {
        let accuracy = TextTable.percent(summary["test_accuracy"]?.double)
        let correct = summary["test_correct"]?.int ?? 0
        return [
            "\(summary["architecture"]?.string ?? "") · \(summary["parameters"]?.int ?? 0) parameters · "
                + (summary["epochs"] == 0
                    ? "not trained: its first weights" : "\(summary["epochs"]?.int ?? 0) epochs"),
            "test accuracy \(accuracy) (\(correct) of \(summary["test_images"]?.int ?? 0)), "
                + "loss \(TextTable.number(summary["test_loss"]?.double, decimals: 4))",
        ] + robustLines(summary)
    }

    private static func robustLines(_ summary: JSON) -> [String] {
        guard let test = summary["robust_test"] else { return [] }
        return [
            "robust accuracy \(TextTable.percent(summary["robust_accuracy"]?.double)) of the first "
                + "\(test["images"]?.int ?? 0), pixels moved by up to "
                + "\(test["epsilon"]?.canonical ?? "") in \(test["steps"]?.int ?? 0) steps"
        ]
    }
}
