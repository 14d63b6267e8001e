// What `robust` in a config says to the trainer, and robust accuracy after each epoch.

import Datasets
import Formats
import Networks
import StageWork
import Tensors

extension TrainComputation {
    /// The robust training of a config; none where it says nothing.
    ///
    /// - Throws: `StageFault` for what does not go together.
    static func robust(of config: any ResolvedConfig) throws -> RobustTraining {
        guard config.isSet("robust") else { return .none }
        let own = RobustSettings(try config.structure("robust"))
        let epsilon = own.number("epsilon") ?? 0
        switch own.method {
        case "fgsm":
            return .adversarial(
                walk(
                    epsilon: epsilon, steps: 1, own.number("step_size") ?? 1.25 * epsilon,
                    .uniformBeyond)
            )
        case "pgd":
            let isRandom = own.json["random_start"]?.bool ?? true
            return .adversarial(walk(own, from: isRandom ? .uniform : .image))
        case "trades":
            let deviation = Float(own.number("start_deviation") ?? 0)
            return .trades(
                walk(own, from: .gaussian(deviation: deviation)),
                beta: Float(own.number("beta") ?? 1))
        case "gaussian":
            return .gaussian(deviation: Float(own.number("sigma") ?? 0))
        case "ibp":
            return .intervals(
                IntervalTraining(
                    epsilon: Float(epsilon), kappa: Float(own.number("kappa") ?? 0.5),
                    warmUp: own.number("warm_up") ?? 0, ramp: own.number("ramp") ?? 0))
        default:
            return .none
        }
    }

    /// The network's first weights, as a config draws them.
    ///
    /// - Throws: `StageFault` where it says that they come from a file too.
    static func drawnWeights(
        _ architecture: Architecture, _ config: any ResolvedConfig, isFromFile: Bool
    ) throws -> [String: Tensor] {
        let seed = UInt64(try config.integer("seed"))
        let robust = config.isSet("robust") ? try config.structure("robust") : [:]
        guard robust["first_weights"]?.string == "intervals" else {
            return architecture.initialParameters(seed: seed)
        }
        guard !isFromFile else {
            throw StageFault(
                .usage,
                "\(config.file): robust.first_weights is intervals, and weights names a file that they "
                    + "come from", remedy: "leave one of the two out")
        }
        return architecture.intervalParameters(seed: seed)
    }

    private static func walk(_ own: RobustSettings, from start: BallWalk.Start) -> BallWalk {
        let (epsilon, steps) = (own.number("epsilon") ?? 0, own.json["steps"]?.int ?? 1)
        return walk(
            epsilon: epsilon, steps: steps,
            own.number("step_size") ?? 2.5 * epsilon / Double(steps), start)
    }

    /// The numbers of a config, each rounded once.
    private static func walk(
        epsilon: Double, steps: Int, _ stepSize: Double, _ start: BallWalk.Start
    ) -> BallWalk {
        BallWalk(epsilon: Float(epsilon), steps: steps, stepSize: Float(stepSize), start: start)
    }

    /// How robust accuracy is measured; nil where it is not.
    ///
    /// - Throws: `NetworkFault` for a network without a gradient at the pixels.
    static func robustTest(
        of config: any ResolvedConfig, _ architecture: Architecture, _ test: LabelledImages,
        _ engine: Engine
    ) throws -> RobustTesting? {
        guard config.isSet("robust") else { return nil }
        let own = RobustSettings(try config.structure("robust"))
        let count = min(own.json["test_images"]?.int ?? 0, test.labels.count)
        guard let epsilon = own.number("test_epsilon") ?? own.number("epsilon"), count > 0 else {
            return nil
        }
        let steps = own.json["test_steps"]?.int ?? 1
        let walk = walk(epsilon: epsilon, steps: steps, 2.5 * epsilon / Double(steps), .uniform)
        return RobustTesting(
            test: try RobustTest(
                architecture, walk: walk, seed: UInt64(config.integer("seed")), engine: engine),
            images: test.images.rows(0..<count), labels: Array(test.labels.prefix(count)),
            settings: [
                "epsilon": .number(epsilon), "steps": .integer(Int64(steps)),
                "step_size": .number(2.5 * epsilon / Double(steps)),
                "images": .integer(Int64(count)),
            ])
    }
}

/// `robust` of a checked config: every key has a value, or null.
private struct RobustSettings {
    let json: JSON

    init(_ json: JSON) { self.json = json }

    var method: String { json["method"]?.string ?? "none" }

    func number(_ key: String) -> Double? { json[key]?.double }
}

/// A test that is made after each epoch.
struct RobustTesting {
    var test: RobustTest
    let images: Tensor
    let labels: [Int]
    /// What the learning curve says of it.
    let settings: JSON

    /// What an epoch of the learning curve says.
    mutating func figures(_ parameters: [String: Tensor]) -> JSON {
        let correct = test.correct(parameters, images: images, labels: labels)
        return [
            "robust_correct": .integer(Int64(correct)),
            "robust_accuracy": .number(Double(correct) / Double(labels.count)),
        ]
    }

    /// What the record says at the end.
    func summary(_ lastEpoch: JSON?) -> JSON {
        guard let lastEpoch, let accuracy = lastEpoch["robust_accuracy"] else { return [:] }
        return ["robust_accuracy": accuracy, "robust_test": settings]
    }
}

extension JSON {
    /// An object with the members of another.
    func merging(_ other: JSON?) -> JSON {
        guard let more = other?.object else { return self }
        return .object((object ?? [:]).merging(more) { $1 })
    }
}
