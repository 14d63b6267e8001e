// The figures that follow from an attack's columns.

extension AttackRun {
    /// Positions of the images that the network got right before the attack.
    var eligible: [Int] { samples.indices.filter { samples[$0].isEligible } }

    /// Whether the attack wants one class in particular.
    var isTargeted: Bool { samples.contains { $0.target != nil } }

    /// Positions of the images on which the attack met its goal.
    func successes(at level: Level) -> [Int] { eligible.filter { level.outcomes[$0].isSuccess } }

    /// Positions of the eligible images on which it did not.
    func failures(at level: Level) -> [Int] { eligible.filter { !level.outcomes[$0].isSuccess } }

    /// Successes over eligible images; nil when there are none of those.
    func successRate(at level: Level) -> Double? {
        Statistics.share(successes(at: level).count, of: eligible.count)
    }

    /// The same after pixels were rounded to 256 levels.
    func roundedSuccesses(at level: Level) -> Int {
        eligible.count { level.outcomes[$0].survivesRounding }
    }

    /// Images still answered correctly, over all images: those that were right and held.
    ///
    /// For a targeted attack a wrong answer that is not the target leaves the stored image
    /// untouched, and so counts as held.
    func robustAccuracy(at level: Level) -> Double? {
        let right = samples.count { $0.answer == $0.label }
        return Statistics.share(right - successes(at: level).count, of: samples.count)
    }

    /// The level that pictures are taken from: the weakest that fools at least half of the
    /// images, or else the one that fools most.
    var featured: Level? { levels.isEmpty ? nil : levels[featuredNumber] }

    /// The number of that level; 0 where there is none.
    var featuredNumber: Int {
        levels.firstIndex { (successRate(at: $0) ?? 0) >= 0.5 }
            ?? levels.indices.max {
                successes(at: levels[$0]).count < successes(at: levels[$1]).count
            } ?? 0
    }

    /// A measure of each success, as numbers in sample order.
    func measures(at level: Level, _ measure: (Outcome) -> Float) -> [Double] {
        successes(at: level).map { Double(measure(level.outcomes[$0])) }
    }

    /// The mean over eligible images of some work done.
    func meanWork(at level: Level, _ work: (Outcome) -> Int) -> Double? {
        Statistics.mean(eligible.map { Double(work(level.outcomes[$0])) })
    }

    /// The share of an image's pixels that a success changes, on average.
    func changedShare(at level: Level) -> Double? {
        let pixels = level.images.shape.dropFirst().reduce(1, *)
        guard pixels > 0 else { return nil }
        return Statistics.mean(measures(at: level, \.l0)).map { $0 / Double(pixels) }
    }

    /// The least epsilons that exist, for eligible images.
    var finiteLeastEpsilons: [Double] {
        guard let leastEpsilon else { return [] }
        return eligible.map { Double(leastEpsilon[$0]) }.filter(\.isFinite)
    }

    /// Counts by true class (row) and the answer after the attack (column).
    func answers(at level: Level, classes: Int) -> [[Int]] {
        var table = Array(repeating: Array(repeating: 0, count: classes), count: classes)
        for position in successes(at: level) {
            let (row, column) = (samples[position].label, level.outcomes[position].answer)
            if row < classes && column < classes { table[row][column] += 1 }
        }
        return table
    }

    /// Successes and tries by true class (row) and wanted class (column).
    func targetTable(at level: Level, classes: Int) -> [[(hits: Int, tries: Int)]] {
        var table = Array(
            repeating: Array(repeating: (hits: 0, tries: 0), count: classes), count: classes)
        for position in eligible {
            let sample = samples[position]
            guard let target = sample.target, sample.label < classes, target < classes else {
                continue
            }
            table[sample.label][target].tries += 1
            if level.outcomes[position].isSuccess { table[sample.label][target].hits += 1 }
        }
        return table
    }
}
