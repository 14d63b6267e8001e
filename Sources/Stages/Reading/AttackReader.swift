// Reads an attack: its per-sample columns from safetensors, its noise and cost from the record.

import Formats
import Report
import Tensors

/// Reads one attack of the schema mirage.attack.
package struct AttackReader {
    private let file: SafeTensors
    private let summary: JSON
    private let config: JSON
    private let name: String

    /// An attack's file, and the record of the node that ran it.
    package init(_ mapped: MappedFile, record: JSON, node: String) throws {
        file = try SafeTensors(mapped)
        try file.requireSchema("mirage.attack")
        summary = record["summary"] ?? .null
        config = record["config"] ?? .null
        name = NodeName.stem(node)
    }

    /// The attack's result, of one of the experiment's samples.
    package func result(of origins: SampleOrigins) throws -> AttackRun {
        let origin = try origins.origin(try file.text("sample_sha256"), of: file.file.name)
        let (source, images) = (origin.artifact, origin.images)
        let count = try file.entry("label", .i64, shape: [nil]).count
        guard images.shape.first == count else {
            throw ReadingFault.malformed(
                file: file.file.name, what: "the number of images",
                expected: "\(images.shape.first ?? 0), as in \(source)", found: "\(count)")
        }
        var result = AttackRun(
            name: name, method: try file.text("attack"), norm: try file.text("norm"),
            goal: try file.text("goal"), config: settings(from: config), originals: images,
            samples: try samples(count), levels: try levels(count, like: images),
            leastEpsilon: file["extra.least_epsilon"] == nil
                ? nil : try file.floats("extra.least_epsilon", shape: [count]))
        result.resolved = try metadata("config") ?? .null
        (result.model, result.sample) = (
            try metadata("config")?["model"]?.string ?? "", Self.stem(source)
        )
        (result.origin, result.fileNames) = (source, origin.names)
        result.dataset = origin.dataset
        result.warnings = try metadata("warnings")?.array?.compactMap(\.string) ?? []
        result.words = (try metadata("words")?.object ?? [:]).mapValues {
            ($0.array ?? []).map { $0.string ?? "" }
        }
        result.events = try metadata("events")?.array?.map { $0.string ?? "" } ?? []
        result.predictedLabels = Int(file.metadata["predicted_labels"] ?? "") ?? 0
        result.notes = try notes(count, levels: result.levels.count)
        result.each = try eachClass(count, levels: result.levels.count)
        result.limits = try limits()
        result.line = try line(like: images)
        return result
    }

    /// `mlp` of `model/papers/mlp.safetensors`.
    package static func stem(_ artifact: String) -> String {
        let file = artifact.split(separator: "/").last ?? ""
        return String(file.prefix { $0 != "." })
    }

    /// A part of the metadata that is JSON; nil where there is none.
    private func metadata(_ key: String) throws -> JSON? {
        try file.metadata[key].map {
            try JSON.parse($0, named: "\(file.file.name), metadata `\(key)`")
        }
    }

    /// The mask and the bounds of channels.
    private func limits() throws -> AttackRun.Limits {
        var limits = AttackRun.Limits()
        if let mask = try metadata("mask") {
            limits.mask = .init(
                digest: mask["sha256"]?.string ?? "", mayChange: mask["may_change"]?.int ?? 0,
                values: mask["values"]?.int ?? 0)
        }
        limits.bounds = (try metadata("config")?["channel_bounds"]?.array ?? []).compactMap {
            guard let low = $0[0]?.double, let high = $0[1]?.double, low <= high else { return nil }
            return low...high
        }
        return limits
    }

    /// The attack's own numbers: one an image, or one a level and image.
    private func notes(_ count: Int, levels: Int) throws -> [String: [Float]] {
        var notes: [String: [Float]] = [:]
        for entry in file.entries where entry.name.hasPrefix("extra.") {
            let isByImage = entry.shape.count == 1
            notes[String(entry.name.dropFirst("extra.".count))] = try file.floats(
                entry.name, shape: isByImage ? [count] : [levels, count])
        }
        return notes
    }

    /// What became of each class in turn, where each was tried.
    private func eachClass(_ count: Int, levels: Int) throws -> AttackRun.EachClass? {
        guard file["each.success"] != nil else { return nil }
        let entry = try file.entry("each.success", .u8, shape: [levels, count, nil])
        return AttackRun.EachClass(
            classes: entry.shape[2],
            isReached: try file.uint8s("each.success").map { $0 != 0 },
            distances: try file.floats("each.distance", shape: entry.shape.map { $0 }))
    }

    /// The answers between the budgets, where they were recorded.
    private func line(like images: Tensor) throws -> AnswerLine? {
        guard file["answers.epsilon"] != nil else { return nil }
        let count = images.shape[0]
        let epsilons = try file.floats("answers.epsilon", shape: [nil])
        let entry = try file.entry("answers.class", .i64, shape: [count, epsilons.count, nil])
        let labels = try file.int64s(entry.name)
        let confidences = try file.floats("answers.confidence", shape: entry.shape.map { $0 })
        let (each, top) = (entry.shape[1] * entry.shape[2], entry.shape[2])
        let answers = (0..<count).map { image -> [[Guess]] in
            guard each > 0, labels[image * each] >= 0 else { return [] }
            return stride(from: image * each, to: (image + 1) * each, by: top).map { start in
                (start..<start + top).map {
                    Guess(label: Int(labels[$0]), confidence: confidences[$0])
                }
            }
        }
        let shape: [Int?] = images.shape
        return AnswerLine(
            epsilons: epsilons, answers: answers, up: try file.uint8s("answers.up", shape: shape),
            down: try file.uint8s("answers.down", shape: shape))
    }

    private func samples(_ count: Int) throws -> [AttackRun.Sample] {
        func whole(_ name: String) throws -> [Int] {
            try file.int64s(name, shape: [count]).map { Int($0) }
        }
        let (index, label, target) = (try whole("index"), try whole("label"), try whole("target"))
        let answer = try whole("clean_class")
        let confidence = try file.floats("clean_confidence", shape: [count])
        let eligible = try file.uint8s("eligible", shape: [count])
        let tops = try guesses("clean", shape: [count])
        return (0..<count).map {
            var sample = AttackRun.Sample(
                index: index[$0], label: label[$0], target: target[$0] < 0 ? nil : target[$0],
                isEligible: eligible[$0] != 0, answer: answer[$0], confidence: confidence[$0])
            sample.top = tops[$0]
            return sample
        }
    }

    /// The likeliest classes, place by place.
    private func guesses(_ name: String, shape: [Int?]) throws -> [[Guess]] {
        let classes = try file.entry("\(name)_top_class", .i64, shape: shape + [nil])
        let labels = try file.int64s(classes.name)
        let confidences = try file.floats(
            "\(name)_top_confidence", shape: classes.shape.map { $0 })
        let length = classes.shape.last ?? 0
        return (0..<(shape.compactMap { $0 }.reduce(1, *))).map { place in
            (place * length..<(place + 1) * length).map {
                Guess(label: Int(labels[$0]), confidence: confidences[$0])
            }
        }
    }

    private func levels(_ count: Int, like images: Tensor) throws -> [AttackRun.Level] {
        let text = try file.text("epsilons")
        let json = try JSON.parse(text, named: "\(file.file.name), metadata `epsilons`")
        let epsilons: [Double?] = (json.array ?? []).map(\.double)
        let strengths = epsilons.isEmpty ? [nil] : epsilons
        let rounds = strengths.count
        let pictures = try file.entry(
            "adversarial", .f32, shape: ([rounds, count] + images.shape.dropFirst()).map { $0 })
        let columns = try Columns(file, shape: [rounds, count])
        let tops = try guesses("final", shape: [rounds, count])
        let size = images.count * MemoryLayout<Float>.stride
        return strengths.enumerated().map { round, epsilon in
            let row = summary["rows"]?[round] ?? .null
            return AttackRun.Level(
                epsilon: epsilon,
                outcomes: (0..<count).map {
                    var outcome = columns.outcome(round * count + $0)
                    outcome.top = tops[round * count + $0]
                    return outcome
                },
                images: Tensor(
                    mapping: UnsafeRawBufferPointer(
                        rebasing: file.bytes(of: pictures)[round * size..<(round + 1) * size]),
                    shape: images.shape, owner: file.file),
                noise: Noise(row, prefix: "noise"), rawNoise: Noise(row, prefix: "raw_noise"),
                flops: row["flops"]?.double)
        }
    }

    /// The columns that have a value for each strength and image.
    private struct Columns {
        let success, rounded: [UInt8]
        let answer, proposed, iterations, forward, backward: [Int64]
        let confidence, proposedConfidence, l0, l1, l2, linf: [Float]
        /// Nil in files that do not tell.
        let zeroGradients, event: [Int64]?

        init(_ file: SafeTensors, shape: [Int]) throws {
            let shape: [Int?] = shape
            success = try file.uint8s("success", shape: shape)
            rounded = try file.uint8s("success_8bit", shape: shape)
            answer = try file.int64s("final_class", shape: shape)
            proposed = try file.int64s("proposed_class", shape: shape)
            iterations = try file.int64s("iterations", shape: shape)
            forward = try file.int64s("forward_passes", shape: shape)
            backward = try file.int64s("backward_passes", shape: shape)
            confidence = try file.floats("final_confidence", shape: shape)
            proposedConfidence = try file.floats("proposed_confidence", shape: shape)
            l0 = try file.floats("l0", shape: shape)
            l1 = try file.floats("l1", shape: shape)
            l2 = try file.floats("l2", shape: shape)
            linf = try file.floats("linf", shape: shape)
            func optional(_ name: String) throws -> [Int64]? {
                try file[name] == nil ? nil : file.int64s(name, shape: shape)
            }
            zeroGradients = try optional("zero_gradients")
            event = try optional("event")
        }

        func outcome(_ place: Int) -> AttackRun.Outcome {
            var outcome = AttackRun.Outcome(
                isSuccess: success[place] != 0, survivesRounding: rounded[place] != 0,
                answer: Int(answer[place]), confidence: confidence[place],
                proposedAnswer: Int(proposed[place]), proposedConfidence: proposedConfidence[place],
                l0: l0[place], l1: l1[place], l2: l2[place], linf: linf[place],
                iterations: Int(iterations[place]), forwardPasses: Int(forward[place]),
                backwardPasses: Int(backward[place]))
            outcome.zeroGradients = zeroGradients.map { Int($0[place]) }
            outcome.event = event.map { Int($0[place]) } ?? 0
            return outcome
        }
    }
}

extension Noise {
    /// The three figures `<prefix>_mean`, `_max` and `_min` of a summary's row, if all are there.
    init?(_ row: JSON, prefix: String) {
        guard let mean = row["\(prefix)_mean"]?.double, let max = row["\(prefix)_max"]?.double,
            let min = row["\(prefix)_min"]?.double
        else { return nil }
        self.init(mean: mean, max: max, min: min)
    }
}
