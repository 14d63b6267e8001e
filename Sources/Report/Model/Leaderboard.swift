// The attacks of a comparison from the strongest to the weakest, at the budget at which they are
// compared, and which of them another one makes superfluous.

/// A comparison as a list of ranks.
struct Leaderboard {
    let comparison: Comparison
    /// The budget at which accuracy is told.
    let epsilon: Double
    /// The strongest attack first.
    let rows: [Row]

    /// An attack of the list, on those images of the comparison's set that it saw.
    struct Row {
        let attack: AttackRun
        /// How many of those images it leaves standing at the budget, and how many there are; nil for
        /// an attack that was not given this budget.
        let left: Int?, images: Int
        /// How many of the same images all attacks together leave.
        let worst: Int
        /// Forward and backward passes for one image at that budget.
        let passes: Double?
        /// For how many images it found the least change, of those that every attack saw and one turned;
        /// where several found the same, each of them.
        let wins: Int
        /// The median distance of its successes at that budget.
        let median: Double?
        /// The strongest of the attacks that make it superfluous: see `supersedes`.
        let superseding: AttackRun?
    }

    /// Of how many images the wins are a part.
    var turned: Int { comparison.common.count { comparison.worst[$0].isFinite } }

    /// The list of a comparison; nil where there is no budget to compare at.
    init?(_ comparison: Comparison) {
        guard let epsilon = comparison.reference else { return nil }
        (self.comparison, self.epsilon) = (comparison, epsilon)
        let chosen = comparison.chosen.images
        let strongestFirst = comparison.order.reversed().map { comparison.entries[$0] }
        rows = strongestFirst.map { entry in
            let attack = entry.attack
            let seen = chosen.filter { entry.places[$0] != nil }
            let level =
                attack.level(at: epsilon) ?? (entry.isMinimumNorm ? attack.levels.first : nil)
            let sizes = seen.compactMap { image -> Double? in
                guard let level, let place = entry.places[image],
                    attack.samples[place].isEligible, level.outcomes[place].isSuccess
                else { return nil }
                return Double(level.outcomes[place].size(in: comparison.norm))
            }
            return Row(
                attack: attack, left: comparison.standing(at: epsilon, under: entry),
                images: seen.count,
                worst: seen.count {
                    comparison.isRight[$0] && !(comparison.worst[$0] <= Float(epsilon))
                },
                passes: level.flatMap { attack.passes(at: $0) }, wins: comparison.nearest(entry),
                median: Statistics.quantile(0.5, of: sizes),
                superseding: strongestFirst.first { $0.supersedes(entry) }?.attack)
        }
    }
}

extension Comparison.Entry {
    /// Whether this attack makes another one superfluous: on all images that the other saw it leaves no
    /// more standing at any budget at which both have a result, at no more passes, and somewhere less
    /// or at fewer. It must want the same and ask no more of the network, and there must be two such
    /// budgets at least: by one alone, curves that cross would look as if one lay below.
    func supersedes(_ other: Comparison.Entry) -> Bool {
        let images = other.places.indices.filter { other.places[$0] != nil }
        guard attack.name != other.attack.name, attack.isTargeted == other.attack.isTargeted,
            attack.sight <= other.attack.sight, images.allSatisfy({ places[$0] != nil })
        else { return false }
        // Two attacks without a budget are compared at every distance at which one of them found something.
        let budgets =
            isMinimumNorm && other.isMinimumNorm
            ? Set(images.flatMap { [least[$0], other.least[$0]] }.filter(\.isFinite)).map(
                Double.init)
            : (isMinimumNorm ? other : self).attack.levels.compactMap(\.epsilon).filter {
                $0 > 0 && hasResult(at: $0) && other.hasResult(at: $0)
            }
        guard budgets.count > 1 else { return false }
        var isBetter = false
        for epsilon in budgets {
            let (own, others) = (
                fooled(at: epsilon, of: images) ?? 0, other.fooled(at: epsilon, of: images) ?? 0
            )
            guard own >= others, let spent = passes(at: epsilon),
                let otherSpent = other.passes(at: epsilon), spent <= otherSpent
            else { return false }
            if own > others || spent < otherSpent { isBetter = true }
        }
        return isBetter
    }

    /// Passes for one image at a budget.
    private func passes(at epsilon: Double) -> Double? {
        (attack.level(at: epsilon) ?? (isMinimumNorm ? attack.levels.first : nil))
            .flatMap { attack.passes(at: $0) }
    }
}

extension AttackRun {
    /// What it asks of the network: 0 nothing, 1 answers, 2 scores, 3 gradients; 3 where no card says.
    var sight: Int {
        switch card?.family {
        case .noise: 0
        case .decisions: 1
        case .scores: 2
        default: 3
        }
    }
}
