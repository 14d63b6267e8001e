// The config of a training: which keys there are. What they mean together, `TrainComputation` knows.

import Artifacts
import Formats
import Networks
import StageKit

extension TrainStage {
    /// The settings. Optimiser and schedule each bring keys of their own; without epochs there are no
    /// steps, so that nothing which is said of them must be given.
    package static func schema(_ json: JSON) throws -> Schema {
        let optimiser = json["optimizer"]?.string ?? "sgd"
        let schedule = json["schedule"]?.string ?? "linear"
        let hasLayers = json["layers"].map { !$0.isNull } ?? false
        let parameters = common(hasLayers: hasLayers) + steps(schedule) + moves(optimiser)
        return Schema(
            optimiser == "sgd" && schedule == "linear"
                ? "training" : "training with \(optimiser) and the schedule \(schedule)",
            (hasNoEpochs(json) ? parameters.map(spared) : parameters) + start)
    }

    /// Whether a config asks for the first weights as they are: a flag may have put a text there.
    private static func hasNoEpochs(_ json: JSON) -> Bool {
        let epochs = json["epochs"]
        return (epochs?.double ?? epochs?.string.flatMap { Double($0) }) == 0
    }

    /// The parameter, which need not be given if it is about steps.
    private static func spared(_ parameter: Parameter) -> Parameter {
        let isNeeded = ["dataset", "architecture", "epochs"].contains(parameter.name)
        return isNeeded || parameter.defaultValue != nil
            ? parameter
            : Parameter(
                parameter.name, parameter.kind, default: .null, unit: parameter.unit,
                help: parameter.help)
    }

    /// One schema an optimiser and schedule.
    package static var helpSchemas: [Schema] {
        let pairs = [("sgd", "linear"), ("sgd", "piecewise"), ("adam", "cyclic")]
        return pairs.compactMap {
            try? schema(["optimizer": .string($0.0), "schedule": .string($0.1)])
        }
    }

    /// With layers of its own the network has any name; else one of the catalogue.
    private static func common(hasLayers: Bool) -> [Parameter] {
        [
            Parameter("dataset", .text, help: "the data set, as fetched by fetch-<dataset>"),
            Parameter(
                "architecture",
                hasLayers ? .text : .choice(Architecture.all.map(\.name)),
                default: hasLayers ? "own" : nil,
                help: hasLayers ? "what the network is called" : "the network"),
            Parameter(
                "layers", .structure, default: .null,
                help: "a network of your own in place of one of the catalogue: [{\"conv\": 16, "
                    + "\"kernel\": 3, \"stride\": 2}, \"relu\", {\"dense\": 10}]; there are "
                    + Layers.words.joined(separator: ", ")),
            Parameter(
                "image", .numbers(1...65_536), default: .null, unit: "pixels",
                help: "[channels, height, width] for layers; default: as the data set's images are"),
            Parameter(
                "epochs", .integer(0...100_000),
                help: "passes over the training images; with 0 the first weights stay, and "
                    + "nothing else about steps need be given"),
            Parameter(
                "batch_size", .integer(1...1_000_000), unit: "images", help: "images a step"),
            Parameter(
                "schedule", .choice(["linear", "piecewise", "cyclic"]), default: "linear",
                help: "how the step size changes: by epoch from learning_rate to "
                    + "final_learning_rate; by step along straight lines between knots; or by step "
                    + "up to learning_rate and down again, once or more often"),
        ]
    }

    private static func steps(_ schedule: String) -> [Parameter] {
        let rates = 0.0...1e6
        switch schedule {
        case "piecewise":
            return [
                Parameter(
                    "knot_epochs", .numbers(0...100_000), unit: "epochs",
                    help: "times of the knots, rising; fractions of an epoch are fine"),
                Parameter(
                    "knot_rates", .numbers(rates), help: "step sizes at the knots, one for each"),
            ]
        case "cyclic":
            return [
                Parameter(
                    "learning_rate", .number(.leastNonzeroMagnitude...1e6),
                    help: "step size at the peak of a cycle"),
                Parameter(
                    "final_learning_rate", .number(rates), default: 0,
                    help: "step size at both ends of a cycle"),
                Parameter("cycles", .integer(1...100_000), default: 1, help: "cycles in all"),
                Parameter(
                    "cycle_peak", .number(0...1), default: 0.4,
                    help: "where in a cycle the peak is"),
            ]
        default:
            return [
                Parameter(
                    "learning_rate", .number(.leastNonzeroMagnitude...1e6),
                    help: "step size in the first epoch"),
                Parameter(
                    "final_learning_rate", .number(rates), default: .null,
                    help: "step size in the last epoch, linear in between; default: no change"),
            ]
        }
    }

    private static func moves(_ optimiser: String) -> [Parameter] {
        let choice = Parameter(
            "optimizer", .choice(["sgd", "adam"]), default: "sgd",
            help: "stochastic gradient descent with momentum, or Adam")
        let decay = Parameter(
            "weight_decay", .number(0...1e3), help: "pull of every parameter towards 0")
        let share = 0...0.999_999
        switch optimiser {
        case "adam":
            return [
                choice,
                Parameter(
                    "beta1", .number(share), default: 0.9,
                    help: "share of the mean gradient that is kept"),
                Parameter(
                    "beta2", .number(0...0.999_999_9), default: 0.999,
                    help: "share of the mean squared gradient that is kept"),
                Parameter(
                    "adam_epsilon", .number(.leastNonzeroMagnitude...1), default: 1e-8,
                    help: "added to the root of the mean squared gradient"),
                Parameter(
                    decay.name, decay.kind, default: 0, help: decay.help),
            ]
        default:
            return [
                choice,
                Parameter(
                    "momentum", .number(share), help: "share of the last velocity that is kept"),
                Parameter(
                    "nesterov", .flag, default: false,
                    help: "look ahead along the velocity (Nesterov)"),
                decay,
            ]
        }
    }

    private static var start: [Parameter] {
        [
            Parameter(
                "seed", .integer(0...Int64.max),
                help: "first weights, the order of images, dropout"),
            robust,
            Parameter(
                "weights", .text, default: .null,
                help: "a PyTorch checkpoint or safetensors to start from"),
        ]
    }
}
