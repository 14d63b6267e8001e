// The attack's artifact: images and one record a sample and epsilon, as named tensors.

import Attacks
import Formats
import Networks
import StageWork
import Tensors

extension AttackComputation {
    static func write(
        _ result: AttackResult, _ config: any ResolvedConfig, sample: SafeTensors,
        limits: AttackLimits, predictedLabels: Int, _ work: any Workspace
    ) throws {
        let count = result.samples
        let both = [max(1, result.model.epsilons.count), count]
        let image = Array(result.adversarial.shape.dropFirst())
        func distances(_ name: String, _ value: (Distances) -> Double) -> Column {
            Column(name, result.distances.map { Float(value($0)) }, shape: both)
        }
        func rankings(_ name: String, _ values: [Ranking], _ shape: [Int]) -> [Column] {
            let shape = shape + [values.first?.classes.count ?? 0]
            return [
                Column("\(name)_top_class", values.flatMap(\.classes), shape: shape),
                Column("\(name)_top_confidence", values.flatMap(\.confidences), shape: shape),
            ]
        }
        func efforts(_ name: String, _ value: (Effort) -> Int) -> Column {
            Column(name, result.efforts.map(value), shape: both)
        }
        let columns = [
            Column("adversarial", result.adversarial, shape: both + image),
            Column("success", result.success, shape: both),
            Column("success_8bit", result.successIn8Bit, shape: both),
            Column("eligible", result.isEligible),
            Column("label", result.labels),
            Column("target", result.targets.map { $0 ?? -1 }),
            Column("index", result.keys),
            Column("clean_class", result.cleanClasses),
            Column("clean_confidence", result.cleanConfidences),
            Column("final_class", result.finalClasses, shape: both),
            Column("final_confidence", result.finalConfidences, shape: both),
            Column("proposed_class", result.proposedClasses, shape: both),
            Column("proposed_confidence", result.proposedConfidences, shape: both),
            distances("l0", \.l0), distances("l1", \.l1), distances("l2", \.l2),
            distances("linf", \.linf),
            efforts("iterations", \.iterations), efforts("forward_passes", \.forwardPasses),
            efforts("backward_passes", \.backwardPasses),
            efforts("zero_gradients", \.zeroGradients),
            Column("event", result.events.map(\.rawValue), shape: both),
        ]
        let tops =
            rankings("clean", result.cleanRankings, [count])
            + rankings("final", result.finalRankings, both)
        let extras = result.notes.map { note in
            Column(
                "extra.\(note.key)", note.value,
                shape: result.notesByEpsilon.contains(note.key) ? both : [count])
        }
        let classes = result.samples == 0 ? 0 : result.eachSuccess.count / (both[0] * count)
        let each =
            result.model.goal == .eachOther
            ? [
                Column("each.success", result.eachSuccess, shape: both + [classes]),
                Column("each.distance", result.eachDistance, shape: both + [classes]),
            ] : []
        let words = try AttackCatalogue.named(config.text("attack")).words
        let epsilons = try config.numbers("epsilons")
        let settings = (config.json.object ?? [:]).filter { Self.saysSomething($0.key, $0.value) }
        try work.write(
            work.output(endingIn: ".safetensors"), schema: "mirage.attack",
            metadata: [
                "attack": try config.text("attack"),
                "norm": result.model.norm.rawValue,
                "goal": try config.text("goal"),
                "epsilons": JSON.array(epsilons.map(JSON.number)).canonical,
                "config": JSON.object(settings).canonical,
                "model_sha256": try work.digest(of: "model").hex,
                "sample_sha256": try work.digest(of: "sample").hex,
                "classes": try sample.text("classes"),
                "predicted_labels": "\(predictedLabels)",
                "warnings": JSON.array(result.warnings.map(JSON.string)).canonical,
                "events": JSON.array(AttackEvent.allCases.map { .string($0.word) }).canonical,
                "words": JSON.object(words.mapValues { .array($0.map(JSON.string)) }).canonical,
            ].merging(limits.metadata(work)) { $1 },
            columns: columns + tops + extras + each + lines(of: result))
    }

    /// Whether a setting has a part in an artifact: one that came later and is off has none, so that what was
    /// made before there was one is the same to the bit.
    private static func saysSomething(_ key: String, _ value: JSON) -> Bool {
        if AttackLimits.keys.contains(key) { return !value.isNull }
        return key != "answers" || value.int != 0
    }

    /// The answers along a line: the ε, and of each image the likeliest classes and the direction. Of one that
    /// was not attacked the class is −1, the confidence NaN, and no value goes up or down.
    private static func lines(of result: AttackResult) -> [Column] {
        guard let epsilons = result.lines.first?.value.epsilons else { return [] }
        let (count, top) = (result.samples, result.cleanRankings.first?.classes.count ?? 0)
        let none = epsilons.count * top
        let answers = (0..<count).map { result.lines[$0]?.answers }
        let image = Array(result.adversarial.shape.dropFirst())
        let signs = (0..<count).flatMap {
            result.lines[$0]?.signs ?? Array(repeating: 0, count: image.reduce(1, *))
        }
        return [
            Column("answers.epsilon", epsilons),
            Column(
                "answers.class",
                answers.flatMap {
                    $0?.flatMap(\.classes) ?? Array(repeating: -1, count: none)
                }, shape: [count, epsilons.count, top]),
            Column(
                "answers.confidence",
                answers.flatMap {
                    $0?.flatMap(\.confidences) ?? Array(repeating: .nan, count: none)
                }, shape: [count, epsilons.count, top]),
            Column("answers.up", signs.map { $0 > 0 }, shape: [count] + image),
            Column("answers.down", signs.map { $0 < 0 }, shape: [count] + image),
        ]
    }
}
