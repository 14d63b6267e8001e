// An epoch as JSON, and as a line on the terminal.

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

    /// A Float's shortest decimal, as a Double: 0.1, not 0.10000000149.
    private static func shortest(_ value: Float) -> Double {
        Double(value.description) ?? Double(value)
    }
}
