// Which images are shown. By rule, so that nobody has to trust a hand: classes take turns, and
// within a class the order is that of the sample, which was drawn by lot.

enum Selection {
    /// Up to `limit` of the positions, classes taking turns, then in sample order within a class.
    static func takingTurns(_ positions: [Int], labels: [Int], limit: Int) -> [Int] {
        var queues: [Int: [Int]] = [:]
        for position in positions { queues[labels[position], default: []].append(position) }
        var chosen: [Int] = []
        var turn = 0
        while chosen.count < limit {
            let round = queues.keys.sorted().compactMap { label in
                queues[label].flatMap { turn < $0.count ? $0[turn] : nil }
            }
            if round.isEmpty { break }
            chosen += round.prefix(limit - chosen.count)
            turn += 1
        }
        return chosen
    }

    /// An example on the page: which attack, at which level, on which image.
    struct Example {
        let attack: AttackRun
        let level: AttackRun.Level
        let position: Int
        /// The confidence that was asked for, before and after the attack.
        let clean: Double, final: Double
        /// Whether the new answer had to be none of the five likeliest before.
        let isFar: Bool
    }

    /// How much a headline asks for: confidences before and after the attack, and that the new answer
    /// is a class that the network had not even thought of.
    private typealias Standard = (clean: Double, final: Double, isFar: Bool)

    /// With ten classes nearly every one is among the five likeliest; with a thousand it means
    /// something to be none of them.
    private static let standards: [Standard] = [
        (0.99, 0.95, false), (0.95, 0.8, false), (0.8, 0.5, false), (0, 0, false),
    ]
    private static let standardsOfMany: [Standard] = [
        (0.9, 0.9, true), (0.8, 0.5, true), (0.5, 0.25, true), (0, 0, true), (0, 0, false),
    ]

    /// The picture at the top of the page: both answers very sure, the success kept when the
    /// image is saved, and then the smallest distance. Less sure ones only if there are no others.
    /// - Parameters:
    ///   - attacks: Where to choose from.
    ///   - classes: How many classes there are.
    /// - Returns: The example; nil if there is no success that survives rounding.
    static func headline(_ attacks: [AttackRun], classes: Int) -> Example? {
        for (clean, final, isFar) in classes > 100 ? standardsOfMany : standards {
            var best: Example?
            for attack in attacks {
                for level in attack.levels {
                    for position in attack.successes(at: level) {
                        let outcome = level.outcomes[position]
                        guard outcome.survivesRounding,
                            Double(attack.samples[position].confidence) >= clean,
                            Double(outcome.confidence) >= final,
                            !isFar
                                || !attack.samples[position].top.contains(where: {
                                    $0.label == outcome.answer
                                })
                        else { continue }
                        if let best, best.level.outcomes[best.position].l2 <= outcome.l2 {
                            continue
                        }
                        best = Example(
                            attack: attack, level: level, position: position, clean: clean,
                            final: final, isFar: isFar)
                    }
                }
            }
            if let best { return best }
        }
        return nil
    }
}
