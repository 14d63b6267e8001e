// The same attack on both sides, each by itself; and the images that one side alone loses.

extension PairedPage {
    /// Attacks of the same name that do the same.
    var attacks: Markup? {
        guard !study.attacks.isEmpty else { return nil }
        let bounded = study.attacks.filter { !$0.isMinimumNorm }
        let least = study.attacks.filter(\.isMinimumNorm)
        return group {
            paragraph {
                "Attacks that have the same name on both sides and the same method, norm and goal, each on all "
                "images that it saw on both sides. An attack within a budget is counted at that budget alone."
            }
            if !bounded.isEmpty {
                page.table(
                    "Attacks within a budget: the share that stands.",
                    head: ["Attack", "ε", "n"] + heads("stands"),
                    rows: bounded.flatMap { attack in
                        attack.comparison.epsilons.compactMap { epsilon in
                            attack.comparison.ownShares(at: epsilon).map {
                                [attack.name, Numerals.budget(epsilon), Numerals.whole($0.images)]
                                    + cells($0)
                            }
                        }
                    }, sortable: true)
            }
            if !least.isEmpty {
                page.table(
                    "Attacks that look for the least change: the median of the distance, with its 95\u{202F}% "
                        + "interval, over the images that both networks read correctly; a failure counts as "
                        + "infinitely far. Nearer: on how many images that side’s network was turned by a "
                        + "smaller change; p is of the sign test.",
                    head: [
                        "Attack", "Norm", "n", nameA, nameB, "nearer on A", "nearer on B", "p",
                    ], rows: least.map(distances), sortable: true)
            }
            page.figure(
                "wide",
                tag("div", ["class": "multiples"]) {
                    for (number, attack) in study.attacks.enumerated()
                    where !attack.comparison.epsilons.isEmpty {
                        tag("div") {
                            tag("h3", ["class": "minor"]) { attack.name }
                            accuracy(attack.comparison, id: "attack-\(number)", isOwn: true)
                        }
                    }
                }
            ) { "Accuracy against ε, attack by attack." }
        }
    }

    private func distances(_ attack: PairedAttack) -> [String] {
        let (one, other) = (
            attack.distances(attack.comparison.a), attack.distances(attack.comparison.b)
        )
        func median(_ values: [Double]) -> String {
            Statistics.median(of: values).map {
                "\(Numerals.significant($0.middle)) (\(Numerals.significant($0.low)) … "
                    + "\(Numerals.significant($0.high)))"
            } ?? Numerals.none
        }
        let nearerA = zip(one, other).count { $0 < $1 }
        let nearerB = zip(one, other).count { $0 > $1 }
        return [
            attack.name, Wording.norm(attack.comparison.norm), Numerals.whole(one.count),
            median(one), median(other), Numerals.whole(nearerA), Numerals.whole(nearerB),
            Numerals.probability(Statistics.signTest(nearerA, nearerB)),
        ]
    }

    /// Pictures of what one side loses and the other does not, at the budget where that is most.
    var lost: Markup? {
        let parts = study.groups.enumerated().flatMap { number, group -> [Markup] in
            let joint = group.joint
            let most = joint.epsilons.max {
                differing(joint, $0) < differing(joint, $1)
            }
            guard study.pictures > 0, let epsilon = most, differing(joint, epsilon) > 0 else {
                return []
            }
            return [
                pictures(joint, joint.b, joint.a, epsilon, "B", "lost-b-\(number)"),
                pictures(joint, joint.a, joint.b, epsilon, "A", "lost-a-\(number)"),
            ]
        }
        guard !parts.isEmpty else { return nil }
        return group {
            paragraph {
                "Images that both networks read correctly, and that the attacks turn on one side and not on the "
                "other, at the budget of each norm where the sides differ on most. Of the attacks that "
                "turned an image within that budget, the one with the least change is shown."
            }
            for part in parts { part }
        }
    }

    private func differing(_ comparison: PairedComparison, _ epsilon: Double) -> Int {
        let shares = comparison.shares(at: epsilon)
        return shares.onlyA + shares.onlyB
    }

    private func pictures(
        _ comparison: PairedComparison, _ loser: PairedComparison.Side,
        _ other: PairedComparison.Side, _ epsilon: Double, _ name: String, _ id: String
    ) -> Markup {
        let images = comparison.images.filter {
            loser.isRight[$0] && !loser.stands($0, at: epsilon) && other.stands($0, at: epsilon)
        }
        let labels = comparison.pool.identities.map(\.label)
        let chosen = Selection.takingTurns(images, labels: labels, limit: study.pictures)
        let triptychs = chosen.compactMap { loser.nearest($0, page.study) }
        let place = "\(Wording.norm(comparison.norm)), ε \(Numerals.budget(epsilon))"
        guard let first = triptychs.first else {
            return paragraph { "\(place): \(name) alone loses no image." }
        }
        var sheets = TriptychSheets(id: id, like: first.triptych.original)
        var cards: [Markup] = []
        for (triptych, attack) in triptychs {
            guard !first.triptych.isPhotograph || page.photographSize < 3_000_000 else { break }
            let key = "\(id)-\(cards.count)"
            let windows =
                first.triptych.isPhotograph
                ? (
                    original: page.photograph("\(key)-before", triptych.original),
                    perturbation: page.photograph("\(key)-change", triptych.perturbationInColour),
                    adversarial: page.photograph("\(key)-after", triptych.adversarial)
                ) : sheets.add(triptych)
            cards.append(
                group {
                    page.card(triptych, windows)
                    paragraph("sizes") { "\(attack), image \(Numerals.whole(triptych.index))" }
                })
        }
        return group {
            sheets.definitions
            page.figure(
                "wide",
                tag("ul", ["class": "triptychs"]) { for card in cards { tag("li") { card } } }
            ) {
                "\(place): lost by \(name) alone, \(Numerals.whole(cards.count)) of "
                "\(Numerals.count(images.count, "image")). Original, perturbation times the factor under it, "
                "adversarial image; what \(name)’s network says, and how sure it is."
            }
        }
    }
}

extension PairedComparison.Side {
    /// The smallest change that turned an image, as pictures, and what made it.
    func nearest(_ image: Int, _ study: Study) -> (triptych: Triptych, attack: String)? {
        guard let entry = entries.first(where: { $0.least[image] == worst[image] }),
            let place = entry.places[image]
        else { return nil }
        let attack = entry.attack
        let level = attack.levels.filter { $0.outcomes[place].isSuccess }.min {
            let (one, other) = ($0.outcomes[place], $1.outcomes[place])
            return one.size(in: attack.norm) < other.size(in: attack.norm)
        }
        guard let level, let triptych = Triptych(study, attack, level, place) else { return nil }
        return (
            triptych,
            attack.name + (level.epsilon.map { " at ε \(Numerals.epsilon($0))" } ?? "")
        )
    }
}
