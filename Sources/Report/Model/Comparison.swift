// The attacks on one network, with the same labels, that measure in the same norm, joined image by
// image: how many images still stand at a budget, and which attack did what no other could.
//
// Attacks may have seen different samples. An image is known by its data set, its number there and
// its label, so samples that overlap are joined over the images that they share. What is said of all
// attacks together is said of one set of images:
//
// - A set qualifies if two attacks at least saw all of it; attacks that saw a part of it add what they
//   found there, since an image that fell has fallen, whoever else was asked.
// - Of the sets that qualify the one is taken on which most is shown: where the upper end of Wilson's
//   interval of the share that stands is lowest, on average over the budgets. A small set that a strong
//   attack saw loses by its wide interval, a large set that only weak attacks saw by what it leaves.
// - A point is drawn only as far as the strongest of the attacks that saw the whole set was run
//   (`reach`): a weaker attack that was given more says nothing of what is left.
//
// On every image of the set the count of all together is at most that of any attack, at any budget.

/// Attacks that can be compared image by image.
struct Comparison {
    /// The norm that they share.
    let norm: String
    /// The network that they attacked, by the stem of its node: `mlp`.
    let model: String
    /// The attacks in the order of the page.
    let entries: [Entry]
    /// Whether the network was right before, by image, of all images that any attack saw.
    let isRight: [Bool]
    /// The least distance at which any of them fooled the network, by image; infinite for none.
    let worst: [Float]
    /// The attacks, by number, from the weakest to the strongest: see `Comparison+Ranking.swift`.
    let order: [Int]
    /// The images of which all attacks together are said to leave some standing.
    let chosen: ImageSet
    /// All sets that qualify, the smallest first.
    let sets: [ImageSet]

    /// Some of the images, and which attacks saw all of them.
    struct ImageSet {
        /// Images by their number in the comparison, rising.
        let images: [Int]
        /// The attacks, by number, that saw them all.
        let full: [Int]
    }

    /// One attack of the comparison.
    struct Entry {
        let attack: AttackRun
        /// Where each image of the comparison lies in its sample; nil for an image that it did not see.
        let places: [Int?]
        /// The least distance at which it fooled the network, by image; infinite where it did not.
        let least: [Float]

        /// An attack and the places of the comparison's images in its sample.
        init(_ attack: AttackRun, places: [Int?]) {
            self.attack = attack
            self.places = places
            var found = Array(repeating: Float.infinity, count: attack.samples.count)
            for level in attack.levels {
                // A success within a budget counts as no farther away than the budget.
                let budget = level.epsilon.map { Float($0) } ?? .infinity
                for position in attack.successes(at: level) {
                    let size = level.outcomes[position].size(in: attack.norm)
                    found[position] = min(found[position], min(size, budget))
                }
            }
            least = places.map { place in place.map { found[$0] } ?? .infinity }
        }

        /// Whether it looks for the least change instead of working within a budget.
        var isMinimumNorm: Bool { attack.isMinimumNorm }

        /// The distances of its successes.
        var distances: [Double] { least.filter(\.isFinite).map(Double.init) }

        /// Whether it has something to say at a budget.
        func hasResult(at epsilon: Double) -> Bool {
            isMinimumNorm || attack.level(at: epsilon) != nil
        }

        /// How many of some images it saw.
        func seen(of images: [Int]) -> Int { images.count { places[$0] != nil } }

        /// How many of some images it fools at a budget: at its own level where it has one, what it
        /// found nearby for one that has no budget, and nil for a budget that it was not given.
        func fooled(at epsilon: Double, of images: [Int]) -> Int? {
            if isMinimumNorm { return images.count { least[$0] <= Float(epsilon) } }
            guard let level = attack.level(at: epsilon) else { return nil }
            return images.count { image in
                places[image].map {
                    attack.samples[$0].isEligible && level.outcomes[$0].isSuccess
                } ?? false
            }
        }

        /// The same of all images that it saw.
        func fooled(at epsilon: Double) -> Int? { fooled(at: epsilon, of: Array(least.indices)) }
    }

    /// What makes an image the same one in two samples of a data set: its number and its label, and
    /// which of several such it is.
    struct Identity: Hashable {
        let index: Int, label: Int, copy: Int

        /// Those of an attack's images, in the order of its sample.
        static func all(_ attack: AttackRun) -> [Identity] {
            var seen: [[Int]: Int] = [:]
            return attack.samples.map { sample in
                let copy = seen[[sample.index, sample.label], default: 0]
                seen[[sample.index, sample.label]] = copy + 1
                return Identity(index: sample.index, label: sample.label, copy: copy)
            }
        }
    }

    /// The comparisons of a study, in the order in which its attacks name them.
    ///
    /// Attacks of one network, norm, data set, kind of labels, space of ε and limits of pixels belong together as far
    /// as shared images lead from one to the next.
    static func all(_ attacks: [AttackRun]) -> [Comparison] {
        var order: [String] = []
        var members: [String: [AttackRun]] = [:]
        for attack in attacks where !attack.levels.isEmpty && !attack.samples.isEmpty {
            // Away from other classes is another task.
            let labels = attack.predictedLabels > 0 ? "predicted" : "true"
            // And ε behind a normalisation is another ε.
            let space = attack.isNormalised ? "normalised" : "pixels"
            // And so is one that some pixels alone may use.
            let limits = "\(attack.limits.mask?.digest ?? "") \(attack.limits.bounds)"
            let key = [attack.model, attack.dataset, attack.norm, labels, space, limits].joined(
                separator: "/")
            if members[key] == nil { order.append(key) }
            members[key, default: []].append(attack)
        }
        return order.flatMap { connected(members[$0] ?? []) }
    }

    /// Attacks of one kind, parted where no shared image leads from some to the others.
    private static func connected(_ attacks: [AttackRun]) -> [Comparison] {
        var groups: [(attacks: [(AttackRun, [Identity])], images: Set<Identity>)] = []
        for (number, attack) in attacks.enumerated() {
            let images = Identity.all(attack)
            var joined: (attacks: [(AttackRun, [Identity])], images: Set<Identity>) = (
                [(attack, images)], Set(images)
            )
            var apart = groups
            apart.removeAll { !$0.images.isDisjoint(with: joined.images) }
            for group in groups.reversed() where !group.images.isDisjoint(with: images) {
                joined = (group.attacks + joined.attacks, joined.images.union(group.images))
            }
            groups = number == 0 ? [joined] : apart + [joined]
        }
        return groups.map { Comparison($0.attacks) }
    }

    private init(_ attacks: [(attack: AttackRun, images: [Identity])]) {
        var numbers: [Identity: Int] = [:]
        var isRight: [Bool] = []
        for (attack, images) in attacks {
            for (identity, sample) in zip(images, attack.samples) where numbers[identity] == nil {
                numbers[identity] = isRight.count
                isRight.append(sample.answer == sample.label)
            }
        }
        let entries = attacks.map { attack, images in
            var places = [Int?](repeating: nil, count: isRight.count)
            for (place, identity) in images.enumerated() {
                if let number = numbers[identity] { places[number] = place }
            }
            return Entry(attack, places: places)
        }
        let worst = isRight.indices.map { image in
            entries.reduce(.infinity) { min($0, $1.least[image]) }
        }
        (norm, model) = (attacks[0].attack.norm, attacks[0].attack.model)
        (self.entries, self.isRight, self.worst) = (entries, isRight, worst)
        order = Self.ranked(entries, isRight)
        sets = Self.sets(entries)
        chosen = Self.mostInformative(sets, entries, isRight, worst)
    }

    /// The sets of images that qualify, the smallest first.
    static func sets(_ entries: [Entry]) -> [ImageSet] {
        let seen = entries.map { entry in
            entry.places.indices.filter { entry.places[$0] != nil }
        }
        func full(_ images: [Int]) -> [Int] {
            entries.indices.filter { entries[$0].seen(of: images) == images.count }
        }
        func qualified(_ candidates: [[Int]]) -> [ImageSet] {
            Set(candidates).filter { !$0.isEmpty }
                .sorted {
                    $0.count == $1.count ? $0.lexicographicallyPrecedes($1) : $0.count < $1.count
                }
                .map { ImageSet(images: $0, full: full($0)) }
                .filter { $0.full.count >= min(2, entries.count) }
        }
        let common = seen.dropFirst().reduce(Set(seen[0])) { $0.intersection($1) }
        let found = qualified(seen + [common.sorted()])
        guard found.isEmpty else { return found }
        // Samples that overlap without one being a part of another.
        return qualified(
            seen.indices.flatMap { one in
                seen[..<one].map { Set($0).intersection(seen[one]).sorted() }
            })
    }

    /// The set on which most is shown.
    private static func mostInformative(
        _ sets: [ImageSet], _ entries: [Entry], _ isRight: [Bool], _ worst: [Float]
    ) -> ImageSet {
        let budgets = Set(entries.flatMap { $0.attack.levels.compactMap(\.epsilon) })
        let found = worst.filter(\.isFinite).map(Double.init)
        let places =
            budgets.isEmpty
            ? (1...9).compactMap { Statistics.quantile(Double($0) / 10, of: found) }
            : budgets.sorted()
        func end(_ set: ImageSet) -> Double {
            places.reduce(0) { sum, epsilon in
                let left = set.images.count { isRight[$0] && !(worst[$0] <= Float(epsilon)) }
                return sum + Statistics.wilson(left, of: set.images.count).high
            }
        }
        let ends = sets.map(end)
        let best = sets.indices.reversed().min { ends[$0] < ends[$1] }
        return best.map { sets[$0] } ?? ImageSet(images: [], full: [])
    }
}

extension AttackRun.Outcome {
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

extension AttackRun {
    /// Whether it looks for the least change instead of working within a budget.
    var isMinimumNorm: Bool { !levels.isEmpty && levels.allSatisfy { $0.epsilon == nil } }

    /// The level of exactly that budget; nil where it was not run.
    func level(at epsilon: Double) -> Level? { levels.first { $0.epsilon == epsilon } }
}
