// What a comparison says of its images: how many stand, at which budgets, and who found what.

extension Comparison {
    /// How many images the set has.
    var images: Int { chosen.images.count }

    /// How many of them the network read correctly before.
    var right: Int { right(of: chosen) }

    /// How many of a set the network read correctly before.
    func right(of set: ImageSet) -> Int { set.images.count { isRight[$0] } }

    /// The images that every attack saw.
    var common: [Int] {
        isRight.indices.filter { image in entries.allSatisfy { $0.places[image] != nil } }
    }

    /// How many of a set no attack turns within a budget.
    func standing(at epsilon: Double, of set: ImageSet) -> Int {
        let epsilon = Float(epsilon)
        return set.images.count { isRight[$0] && !(worst[$0] <= epsilon) }
    }

    /// How many of the images no attack turns within a budget.
    func standing(at epsilon: Double) -> Int { standing(at: epsilon, of: chosen) }

    /// How many of the images that it saw an attack leaves standing within a budget.
    func standing(at epsilon: Double, under entry: Entry) -> Int? {
        entry.fooled(at: epsilon, of: chosen.images).map { fooled in
            chosen.images.count { entry.places[$0] != nil && isRight[$0] } - fooled
        }
    }

    /// The strongest of the attacks that saw all of a set.
    func strongest(of set: ImageSet) -> Entry? {
        order.last { set.full.contains($0) }.map { entries[$0] }
    }

    /// Up to which ε what all attacks together leave of a set is worth drawing: the largest budget of
    /// the strongest attack that saw the whole set, or of one as good, which at every budget that both
    /// were given leaves at most one image in a hundred more than all together; infinite if one of
    /// these looks for the least change.
    ///
    /// Between the budgets of that attack what it found at the smaller one counts, so that no line of
    /// another attack runs below.
    func reach(of set: ImageSet) -> Double {
        guard let strongest = strongest(of: set) else { return 0 }
        func reach(_ entry: Entry) -> Double {
            entry.isMinimumNorm ? .infinity : entry.attack.levels.compactMap(\.epsilon).max() ?? 0
        }
        let asked = budgets.map(\.epsilon).filter { strongest.hasResult(at: $0) }
        let asGood = set.full.map { entries[$0] }.filter { entry in
            let shared = asked.filter { entry.hasResult(at: $0) }
            return !shared.isEmpty
                && shared.allSatisfy { epsilon in
                    let fooled = entry.fooled(at: epsilon, of: set.images) ?? 0
                    let more = right(of: set) - fooled - standing(at: epsilon, of: set)
                    return 100 * more <= set.images.count
                }
        }
        return ([strongest] + asGood).map(reach).max() ?? 0
    }

    /// Whether what all attacks together leave of a set at a budget is worth drawing: within reach, or
    /// nothing is left that a stronger attack could turn.
    func isFair(at epsilon: Double, of set: ImageSet) -> Bool {
        epsilon <= reach(of: set) || standing(at: epsilon, of: set) == 0
    }

    /// The same of the set of the comparison.
    func isFair(at epsilon: Double) -> Bool { isFair(at: epsilon, of: chosen) }

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
            return Statistics.quantile(
                0.5, of: chosen.images.map { Double(worst[$0]) }.filter(\.isFinite))
        }
        let half = Double(right) / 2
        func gap(_ epsilon: Double) -> Double { (Double(standing(at: epsilon)) - half).magnitude }
        return budgets.filter { $0.attacks == most }.map(\.epsilon).min { gap($0) < gap($1) }
    }

    /// For how many of the images that every attack saw it came nearest of all, ties included.
    func nearest(_ entry: Entry) -> Int {
        common.count { entry.least[$0].isFinite && entry.least[$0] == worst[$0] }
    }

    /// How many of the images that every attack saw it alone turned within a budget.
    func alone(_ number: Int, at epsilon: Double) -> Int {
        let epsilon = Float(epsilon)
        return common.count { image in
            entries[number].least[image] <= epsilon
                && !entries.indices.contains { $0 != number && entries[$0].least[image] <= epsilon }
        }
    }
}
