// Method 2 of the original scripts.

import Networks
import Tensors

/// The fast gradient sign method of Goodfellow, Shlens and Szegedy, "Explaining and Harnessing
/// Adversarial Examples" (2014):
///
///     x′ = clamp(x + ε·sign(∂L/∂x), 0, 1)
///
/// with L the cross-entropy of the label; for a targeted goal, minus that of the target. One
/// gradient serves every ε. A pixel whose gradient is exactly 0 is left alone.
///
/// With `space` "normalised" the step is taken, as many scripts for ImageNet do it, after the
/// network's own normalisation: ε·deviation[c] in channel c of the pixels. What comes out is
/// proposed unclipped, and the notes `unclipped_class` and `unclipped_confidence` are the answers to
/// it. The image that is stored is clamped as always, and judged as such. ε still bounds the change
/// of a pixel, since deviations are at most 1.
///
/// With `least_epsilon`, in pixels, it also walks along the same direction for the least ε that reaches the
/// goal: first in `search_steps` equal steps to 1, stopping at the first that does, since the
/// answer along a line need not stay wrong once it is; then by `search_bisections` halvings of
/// that step. The ε found is a tested one: it does reach the goal. The forward passes of the search
/// are noted by themselves, so that the effort of an epsilon stays that of one gradient.
public struct FastGradientSign: Attack {
    /// "fgsm".
    public static let name = "fgsm"
    /// One line.
    public static let summary =
        "Fast gradient sign: one step of ε along the sign of the loss gradient (Goodfellow 2014)."
    /// One gradient, any number of budgets.
    public static let usesEpsilons = true
    /// The sign step is the steepest one in this norm.
    public static let norms = [Norm.linf]
    /// The search for the least epsilon.
    public static let settings = [
        Setting(
            "space", .choice(["pixels", "normalised"]), default: .text("pixels"),
            help: "where the step of ε is taken: in pixels, or behind the network's normalisation"),
        Setting(
            "least_epsilon", .flag, default: .flag(true),
            help: "also search, image by image, for the least epsilon that reaches the goal"),
        Setting(
            "search_steps", .integer(1...10_000), default: .integer(255),
            help: "equal steps from 0 to 1 in that search"),
        Setting(
            "search_bisections", .integer(0...24), default: .integer(8),
            help: "halvings of the step in which the answer first changes"),
    ]

    private let isNormalised: Bool
    private let findsLeastEpsilon: Bool
    private let steps: Int
    private let bisections: Int

    /// Takes its settings.
    public init(_ values: SettingValues) {
        isNormalised = values.text("space") == "normalised"
        findsLeastEpsilon = values.flag("least_epsilon") && !isNormalised
        steps = values.integer("search_steps")
        bisections = values.integer("search_bisections")
    }

    /// One gradient a sample, one step an epsilon.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        while true {
            let batch = queue.take(queue.window)
            guard !batch.samples.isEmpty else { return }
            var flow = try oracle.logits(of: batch.images, for: batch.owners(nil))
            _ = CrossEntropy.gradient(
                inPlaceOf: &flow, targets: batch.samples.map(\.lossClass), scale: 1)
            let gradient = try oracle.pixelGradient(flow, for: batch.owners(nil))
            var proposal = Tensor(shape: [0])
            for (index, epsilon) in queue.epsilons.enumerated() {
                let steps = batch.samples.map { $0.direction * epsilon }
                if isNormalised {
                    proposal = try unclippedStep(batch, gradient, steps, index, queue, &oracle)
                } else {
                    queue.engine.signStep(batch.images, along: gradient, by: steps, into: &proposal)
                }
                for (row, sample) in batch.samples.enumerated() {
                    queue.deliver(
                        sample, epsilon: index, image: proposal, row: row, iterations: 1)
                }
            }
            if findsLeastEpsilon {
                try search(batch, along: gradient, for: queue, on: &oracle)
            }
        }
    }

    /// The step behind the normalisation, and what the network says to it.
    private func unclippedStep(
        _ batch: AttackQueue.Batch, _ gradient: Tensor, _ steps: [Float], _ index: Int,
        _ queue: AttackQueue, _ oracle: inout Oracle<some ClassifierPass>
    ) throws -> Tensor {
        let channels = oracle.deviations
        var moved = batch.images
        let area = batch.images.rowLength / max(1, channels.count)
        gradient.withFloats { gradient in
            moved.withMutableFloats { pixels in
                for (row, step) in steps.enumerated() {
                    for (channel, deviation) in channels.enumerated() {
                        let size = Float(Double(step) * deviation)
                        let start = (row * channels.count + channel) * area
                        for place in start..<start + area where gradient[place] != 0 {
                            pixels[place] += gradient[place] > 0 ? size : -size
                        }
                    }
                }
            }
        }
        let logits = try oracle.logits(of: moved, for: batch.owners(index))
        let rankings = Ranking.ofRows(logits)
        for (sample, ranking) in zip(batch.samples, rankings) {
            queue.note("unclipped_class", Float(ranking.classes[0]), for: sample, epsilon: index)
            queue.note(
                "unclipped_confidence", ranking.confidences[0], for: sample, epsilon: index)
        }
        return moved
    }

    private func search(
        _ batch: AttackQueue.Batch, along gradient: Tensor, for queue: AttackQueue,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws {
        var least = [Float](repeating: .infinity, count: batch.samples.count)
        let width = 1 / Float(steps)

        /// The rows among `rows` that reach the goal at their epsilon.
        func fooled(_ rows: [Int], at epsilon: (Int) -> Float) throws -> [Bool] {
            var moved = Tensor(shape: [0])
            queue.engine.signStep(
                batch.images.gather(rows), along: gradient.gather(rows),
                by: rows.map { batch.samples[$0].direction * epsilon($0) }, into: &moved)
            let owners = rows.map { RowOwner(batch.samples[$0], isAside: true) }
            let answers = try oracle.answers(to: moved, for: owners)
            return zip(rows, answers).map { batch.samples[$0].isFooled(by: $1) }
        }

        var open = Array(batch.samples.indices)
        for step in 1...steps where !open.isEmpty {
            let epsilon = step == steps ? 1 : Float(step) * width
            let hits = try fooled(open, at: { _ in epsilon })
            for (row, isHit) in zip(open, hits) where isHit { least[row] = epsilon }
            open = zip(open, hits).filter { !$1 }.map(\.0)
        }

        let found = batch.samples.indices.filter { least[$0].isFinite }
        var half = width
        for _ in 0..<bisections where !found.isEmpty {
            half *= 0.5
            let hits = try fooled(found, at: { max(0, least[$0] - half) })
            for (row, isHit) in zip(found, hits) where isHit {
                least[row] = max(0, least[row] - half)
            }
        }
        for (row, sample) in batch.samples.enumerated() {
            queue.note("least_epsilon", least[row], for: sample, keeping: .least)
            queue.note(
                "least_epsilon_passes", Float(queue.passesAside(of: sample)), for: sample,
                keeping: .total)
        }
    }
}
