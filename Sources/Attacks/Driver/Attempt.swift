// An attack within another: its runs on samples of the other's, in a queue of its own.

import Networks
import Tensors

/// What came of an attack that another attack has run.
public struct Attempt: Sendable {
    /// What was proposed, projected, [1, C, H, W].
    public let image: Tensor
    /// Whether it reaches the sample's goal, by a fresh forward pass.
    public let isFooled: Bool
    /// Its distance from the original, in the model's norm.
    public let size: Double
    /// Steps of the other's method.
    public let iterations: Int
}

extension NetworkOracle {
    /// Its passes, and those that judge it, are counted for the samples here.
    public mutating func attempt<State>(
        _ attack: any Attack, on rows: [Int], of batch: Batch<State>, within epsilons: [Float]?
    ) throws -> [Attempt] {
        let kind = type(of: attack)
        guard !kind.dependsOnCompany else { throw AttackFault.dependsOnCompany(attack: kind.name) }
        let samples = rows.enumerated().map { place, row in
            let sample = batch[row].sample
            return AttackSample(
                row: place, key: sample.key, label: sample.label, target: sample.target)
        }
        var model = batch.model
        model.epsilons = Set(epsilons ?? []).sorted()
        let budgets = rows.indices.map { place in
            epsilons.flatMap { model.epsilons.firstIndex(of: $0[place]) } ?? 0
        }
        var isOpen = Array(repeating: false, count: max(1, model.epsilons.count) * rows.count)
        for (place, budget) in budgets.enumerated() { isOpen[budget * rows.count + place] = true }
        let queue = batch.queue.sub(
            images: batch.originals.gather(rows), samples: samples, model: model, isOpen: isOpen)
        try serving(queue) { try queue.run(attack, on: &$0) }
        try queue.requireAll(of: kind.name) { batch[rows[$0]].sample.row }
        batch.queue.take(queue.allFlags().moved(to: rows.map { batch[$0].sample.row }))
        return try judge(
            zip(samples.indices, budgets).map { ($0, $1) }, of: queue,
            for: rows.map { batch.owner(of: $0) })
    }

    /// Judges what was handed in for pairs of a sample and a budget.
    private mutating func judge(
        _ places: [(row: Int, epsilon: Int)], of queue: AttackQueue, for owners: [RowOwner]
    ) throws -> [Attempt] {
        guard !places.isEmpty else { return [] }
        let kept = queue.projected(places)
        let answers = try answers(to: kept, for: owners)
        let unanswered = notFinite
        let sizes = queue.engine.distances(from: queue.images.gather(places.map(\.row)), to: kept)
        return places.enumerated().map { index, place in
            var effort = queue.effort(epsilon: place.epsilon, row: place.row)
            let iterations = effort.iterations
            // Iterations are handed in with the proposal.
            effort.iterations = 0
            tally.add(
                effort, queue.event(epsilon: place.epsilon, row: place.row), for: owners[index])
            return Attempt(
                image: kept.rows(index..<index + 1),
                isFooled: !unanswered.contains(index)
                    && queue.samples[place.row].isFooled(by: answers[index]),
                size: queue.model.norm.size(of: sizes[index]), iterations: iterations)
        }
    }
}
