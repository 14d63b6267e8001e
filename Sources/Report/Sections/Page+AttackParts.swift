// What an attack says of its own workings: which of its parts broke an image, and how hard each
// class was to reach.

import AttackCards

extension Page {
    /// For each note whose values stand for something: how often each was the case, by ε.
    func parts(_ attack: AttackRun) -> Markup {
        group {
            for (note, words) in attack.words.sorted(by: { $0.key < $1.key }) {
                if let values = attack.notes[note], !attack.levels.isEmpty {
                    shares(attack, note, words, values)
                }
            }
        }
    }

    private func shares(
        _ attack: AttackRun, _ note: String, _ words: [String], _ values: [Float]
    ) -> Markup {
        let count = attack.samples.count
        let isByLevel = values.count == count * attack.levels.count
        guard count > 0, isByLevel || values.count == count else { return .nothing }
        let levels = isByLevel ? attack.levels.indices.map { $0 } : [0]
        let rows = words.enumerated().map { word, name in
            [AttackCards.named(name)?.short ?? Wording.label(name)]
                + levels.map { level in
                    let hits = attack.eligible.count { image in
                        let outcome = attack.levels[level].outcomes[image]
                        let value = values[isByLevel ? level * count + image : image]
                        return (!isByLevel || outcome.isSuccess) && value == Float(word)
                    }
                    return Numerals.percent(Statistics.share(hits, of: attack.eligible.count))
                }
        }
        let head = levels.map { level in
            let epsilon = isByLevel ? attack.levels[level].epsilon : nil
            return epsilon.map { "ε \(Numerals.epsilon($0))" } ?? "Share"
        }
        let meaning =
            attack.card?.notes.first { $0.name == note }.map { ", \($0.meaning)" } ?? ""
        return table(
            "\(AttackText(attack).title): \(Wording.label(note))\(meaning), as a share of the images "
                + "attacked.",
            head: [Wording.label(note)] + head, rows: rows)
    }

    /// What else the attack's file holds of each image, as its card says it.
    func storedNotes(_ attack: AttackRun) -> Markup {
        let told = attack.card?.notes.filter { attack.notes[$0.name] != nil } ?? []
        guard !told.isEmpty else { return .nothing }
        return paragraph {
            "The attack’s file also holds, for each image: "
            for (place, note) in told.enumerated() {
                if place > 0 { "; " }
                code("extra.\(note.name)")
                ", "
                for (place, words) in note.meaning.split(separator: "`").enumerated() {
                    if place.isMultiple(of: 2) { String(words) } else { code(String(words)) }
                }
            }
            "."
        }
    }

    /// The best, the mean and the worst case over all other classes.
    func eachClass(_ attack: AttackRun) -> Markup {
        let cases = attack.levels.indices.compactMap { level in
            attack.targetCases(at: level).map { (level, $0) }
        }
        guard !cases.isEmpty else { return .nothing }
        let rows = cases.map { level, cases in
            [
                attack.levels[level].epsilon.map { "ε \(Numerals.epsilon($0))" } ?? "least",
                Numerals.percent(Statistics.share(cases.reached, of: cases.pairs)),
                Numerals.significant(cases.best), Numerals.significant(cases.mean),
                Numerals.significant(cases.worst),
                Numerals.percent(Statistics.share(cases.complete, of: attack.eligible.count)),
            ]
        }
        return table(
            "\(AttackText(attack).title): every other class in turn, distances in "
                + "\(Wording.norm(attack.norm)). Best and worst case are, for each image, the nearest "
                + "and the farthest class that was reached.",
            head: [
                "Budget", "Pairs reached", "Best case, mean", "Average case, mean",
                "Worst case, mean", "Images with all classes reached",
            ], rows: rows)
    }
}

extension AttackRun {
    /// What every other class took as a target.
    struct TargetCases {
        /// Pairs of an image and another class, and those that were reached.
        let pairs: Int, reached: Int
        /// Images of which every other class was reached.
        let complete: Int
        /// Means over images of the nearest and the farthest class, and over all pairs.
        let best: Double?, worst: Double?, mean: Double?
    }

    /// The cases of a level; nil if the attack did not try each class.
    func targetCases(at level: Int) -> TargetCases? {
        guard let each, each.classes > 1,
            each.isReached.count == levels.count * samples.count * each.classes,
            each.distances.count == each.isReached.count
        else { return nil }
        var best: [Double] = []
        var worst: [Double] = []
        var all: [Double] = []
        var complete = 0
        for image in eligible {
            let start = (level * samples.count + image) * each.classes
            let sizes = (start..<start + each.classes).filter { each.isReached[$0] }
                .map { Double(each.distances[$0]) }
            all += sizes
            if let least = sizes.min(), let most = sizes.max() {
                best.append(least)
                worst.append(most)
            }
            if sizes.count == each.classes - 1 { complete += 1 }
        }
        return TargetCases(
            pairs: eligible.count * (each.classes - 1), reached: all.count, complete: complete,
            best: Statistics.mean(best), worst: Statistics.mean(worst), mean: Statistics.mean(all))
    }
}
