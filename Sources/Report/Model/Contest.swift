// The attacks on one network and one sample, with the same labels, that measure in the same norm,
// seen together: how many images still stand at a budget, and which attack did what no other could.

/// Attacks that can be compared image by image.
struct Contest {
    /// The norm that they share.
    let norm: String
    /// The network and the sample.
    let model: String, sample: String
    /// The attacks in the order of the page.
    let entries: [Entry]
    /// Whether the network was right before, by image.
    let isRight: [Bool]
    /// The least distance at which any of them fooled the network, by image; infinite for none.
    let worst: [Float]

    /// One attack of the contest.
    struct Entry {
        let attack: AttackResult
        /// The least distance at which it fooled the network, by image; infinite where it did not.
        let least: [Float]

        init(_ attack: AttackResult) {
            self.attack = attack
            var least = Array(repeating: Float.infinity, count: attack.samples.count)
            for level in attack.levels {
                // A success within a budget counts as no farther away than the budget.
                let budget = level.epsilon.map { Float($0) } ?? .infinity
                for position in attack.successes(at: level) {
                    let size = level.outcomes[position].size(in: attack.norm)
                    least[position] = min(least[position], min(size, budget))
                }
            }
            self.least = least
        }

        /// Whether it looks for the least change instead of working within a budget.
        var seeksLeast: Bool { attack.seeksLeast }

        /// The distances of its successes, in sample order.
        var distances: [Double] { least.filter(\.isFinite).map(Double.init) }

        /// How many images it fools at a budget: its own level where it has one, what it found
        /// nearby for one that has no budget, and nil for a budget that it was not given.
        func fooled(at epsilon: Double) -> Int? {
            if seeksLeast { return least.count { $0 <= Float(epsilon) } }
            return attack.level(at: epsilon).map { attack.successes(at: $0).count }
        }
    }

    /// The contests of a study, in the order in which its attacks name them.
    static func all(_ attacks: [AttackResult]) -> [Contest] {
        var order: [String] = []
        var members: [String: [AttackResult]] = [:]
        for attack in attacks where !attack.levels.isEmpty && !attack.samples.isEmpty {
            // Away from other classes is another task.
            let labels = attack.predictedLabels > 0 ? "predicted" : "true"
            // And ε behind a normalisation is another ε.
            let space = attack.isNormalised ? "normalised" : "pixels"
            let key = [attack.model, attack.sample, attack.norm, labels, space].joined(
                separator: "/")
            if members[key] == nil { order.append(key) }
            members[key, default: []].append(attack)
        }
        return order.compactMap { members[$0].flatMap(Contest.init) }
    }

    /// The contest of some attacks of one norm; nil if they did not see the same images.
    init?(_ attacks: [AttackResult]) {
        guard let first = attacks.first else { return nil }
        let count = first.samples.count
        guard attacks.allSatisfy({ $0.samples.count == count }) else { return nil }
        (norm, model, sample) = (first.norm, first.model, first.sample)
        let entries = attacks.map(Entry.init)
        self.entries = entries
        isRight = first.samples.map { $0.answer == $0.label }
        worst = (0..<count).map { image in
            entries.reduce(.infinity) { min($0, $1.least[image]) }
        }
    }

    /// How many images there are.
    var images: Int { isRight.count }

    /// How many the network read correctly before.
    var right: Int { isRight.count { $0 } }

    /// How many of all images no attack turns within a budget.
    func standing(at epsilon: Double) -> Int {
        let epsilon = Float(epsilon)
        return zip(isRight, worst).count { $0 && !($1 <= epsilon) }
    }

    /// How many of all images an attack leaves standing within a budget.
    func standing(at epsilon: Double, under entry: Entry) -> Int? {
        entry.fooled(at: epsilon).map { right - $0 }
    }

    /// The budgets that attacks were given, rising, with how many attacks were given each.
    var budgets: [(epsilon: Double, attacks: Int)] {
        let all = entries.flatMap { Set($0.attack.levels.compactMap(\.epsilon)) }.sorted()
        var found: [(epsilon: Double, attacks: Int)] = []
        for epsilon in all where epsilon > 0 {
            if found.last?.epsilon == epsilon {
                found[found.count - 1].attacks += 1
            } else {
                found.append((epsilon, 1))
            }
        }
        return found
    }

    /// The budget at which attacks are compared: of those given to most attacks the one that leaves
    /// nearest to half of the images; without any budget the median of the least distances.
    var reference: Double? {
        let budgets = budgets
        guard let most = budgets.map(\.attacks).max() else {
            return Statistics.quantile(0.5, of: worst.filter(\.isFinite).map(Double.init))
        }
        let half = Double(right) / 2
        func gap(_ epsilon: Double) -> Double { (Double(standing(at: epsilon)) - half).magnitude }
        return budgets.filter { $0.attacks == most }.map(\.epsilon).min { gap($0) < gap($1) }
    }

    /// For how many images an attack came nearest of all, ties included.
    func nearest(_ entry: Entry) -> Int {
        zip(entry.least, worst).count { $0.isFinite && $0 == $1 }
    }

    /// How many images it alone turned within a budget.
    func alone(_ number: Int, at epsilon: Double) -> Int {
        let epsilon = Float(epsilon)
        return (0..<images).count { image in
            entries[number].least[image] <= epsilon
                && !entries.indices.contains { $0 != number && entries[$0].least[image] <= epsilon }
        }
    }
}

extension AttackResult.Outcome {
    /// The distance from the original in a norm.
    func size(in norm: String) -> Float {
        switch norm {
        case "l0": l0
        case "l1": l1
        case "l2": l2
        default: linf
        }
    }
}

extension AttackResult {
    /// Whether it looks for the least change instead of working within a budget.
    var seeksLeast: Bool { !levels.isEmpty && levels.allSatisfy { $0.epsilon == nil } }

    /// The level of a budget.
    func level(at epsilon: Double) -> Level? { levels.first { $0.epsilon == epsilon } }
}
