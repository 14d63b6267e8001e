// Attacks on six images, with figures that can be worked out by hand.

import Tensors

@testable import Report

/// Six images, the last one misread from the start, and attacks on them in L∞.
enum SixImages {
    /// An attack that is given budgets; `hits` says which images it turns at each.
    static func budgeted(
        _ method: String, model: String = "mlp", _ hits: [(epsilon: Double, images: [Int])]
    ) -> AttackRun {
        var attack = Tiny.fgsm
        (attack.name, attack.method, attack.model, attack.sample) = (method, method, model, "6")
        attack.leastEpsilon = nil
        attack.levels = hits.map { epsilon, images in
            Tiny.level(
                epsilon, successes: (0..<6).map(images.contains), step: Float(epsilon), passes: 2)
        }
        return attack
    }

    /// An attack for the least change, with the distances of its successes by image.
    static func minimumNorm(
        _ method: String, model: String = "mlp", _ distances: [Int: Float]
    ) -> AttackRun {
        var attack = Tiny.fgsm
        (attack.name, attack.method, attack.model, attack.sample) = (method, method, model, "6")
        attack.leastEpsilon = nil
        var level = Tiny.level(
            nil, successes: (0..<6).map { distances[$0] != nil }, step: 0.1, passes: 3)
        for (image, distance) in distances { level.outcomes[image].linf = distance }
        attack.levels = [level]
        return attack
    }

    static let fgsm = budgeted("fgsm", [(0.1, [0]), (0.2, [0, 1])])
    static let pgd = budgeted("pgd", [(0.1, [0, 1]), (0.2, [0, 1, 2])])
    static let deepfool = minimumNorm("deepfool", [0: 0.05, 2: 0.15, 3: 0.3])

    static func study(_ attacks: [AttackRun]) -> Study {
        var study = Tiny.study
        study.attacks = attacks
        study.published = nil
        return study
    }
}

extension AttackRun {
    /// The same attack on the first images only.
    func onFirst(_ count: Int) -> AttackRun {
        var attack = self
        attack.sample = "\(count)"
        attack.samples = Array(samples.prefix(count))
        attack.originals = originals.rows(0..<count)
        attack.leastEpsilon = leastEpsilon.map { Array($0.prefix(count)) }
        for level in attack.levels.indices {
            attack.levels[level].outcomes = Array(attack.levels[level].outcomes.prefix(count))
            attack.levels[level].images = levels[level].images.rows(0..<count)
        }
        return attack
    }

    /// The same attack on each image so many times, under numbers of their own.
    func repeated(_ times: Int) -> AttackRun {
        var attack = self
        let count = samples.count
        func repeating<T>(_ values: [T]) -> [T] { (0..<times).flatMap { _ in values } }
        attack.samples = repeating(samples)
        for place in attack.samples.indices {
            attack.samples[place].index += 1000 * (place / max(count, 1))
        }
        attack.originals = Tensor(
            shape: [times * count] + originals.shape.dropFirst(),
            values: repeating(originals.values))
        attack.leastEpsilon = leastEpsilon.map(repeating)
        for level in attack.levels.indices {
            attack.levels[level].outcomes = repeating(levels[level].outcomes)
            attack.levels[level].images = Tensor(
                shape: attack.originals.shape, values: repeating(levels[level].images.values))
        }
        return attack
    }
}
