// What the config of a training says to the trainer, and what its keys mean together.

import Formats
import Networks
import StageWork

extension TrainComputation {
    /// What a config tells the trainer.
    ///
    /// - Throws: `StageFault` where keys do not fit each other.
    static func settings(of config: any ResolvedConfig) throws -> TrainingSettings {
        let (epochs, seed) = try (config.integer("epochs"), UInt64(config.integer("seed")))
        guard epochs > 0 else {
            return TrainingSettings(
                epochs: 0, batch: 1, schedule: .byEpoch(first: 0, last: 0),
                rule: .sgd(momentum: 0, nesterov: false), weightDecay: 0, seed: seed)
        }
        let momentum = { try config.float("momentum") }
        let rule: UpdateRule =
            try config.text("optimizer") == "adam"
            ? .adam(
                beta1: config.number("beta1"), beta2: config.number("beta2"),
                epsilon: config.float("adam_epsilon"))
            : .sgd(momentum: momentum(), nesterov: config.flag("nesterov"))
        if case .sgd(0, true) = rule {
            throw StageFault(
                .usage, "\(config.file): nesterov needs a momentum above 0",
                remedy: "give a momentum such as 0.9, or leave nesterov out")
        }
        var settings = TrainingSettings(
            epochs: epochs, batch: try config.integer("batch_size"),
            schedule: try schedule(of: config), rule: rule,
            weightDecay: try config.float("weight_decay"), seed: seed)
        settings.robust = try robust(of: config)
        return settings
    }

    private static func schedule(of config: any ResolvedConfig) throws -> Schedule {
        switch try config.text("schedule") {
        case "piecewise":
            return .piecewise(try knots(of: config))
        case "cyclic":
            return .cyclic(
                low: try config.float("final_learning_rate"),
                high: try config.float("learning_rate"), cycles: try config.integer("cycles"),
                peak: try config.number("cycle_peak"))
        default:
            let first = try config.float("learning_rate")
            return .byEpoch(
                first: first,
                last: try config.isSet("final_learning_rate")
                    ? config.float("final_learning_rate") : first)
        }
    }

    private static func knots(of config: any ResolvedConfig) throws -> [Schedule.Knot] {
        let epochs = try config.numbers("knot_epochs")
        let rates = try config.numbers("knot_rates")
        guard epochs.count == rates.count, !epochs.isEmpty else {
            throw StageFault(
                .usage,
                "\(config.file): knot_epochs has \(epochs.count) values, knot_rates \(rates.count)",
                remedy: "give one rate for each time, and at least one of each")
        }
        for (earlier, later) in zip(epochs, epochs.dropFirst()) where !(earlier < later) {
            throw StageFault(
                .usage,
                "\(config.file): knot_epochs does not rise: \(later) comes after \(earlier)",
                remedy: "list the times in order, each once")
        }
        return zip(epochs, rates).map { Schedule.Knot(epoch: $0, rate: $1) }
    }
}
