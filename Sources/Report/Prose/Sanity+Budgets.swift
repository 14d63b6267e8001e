// The checks that compare attacks and budgets.

extension SanityCheck {
    static func nothing(_ attacks: [AttackRun]) -> SanityCheck {
        let cases = attacks.compactMap { attack -> Case? in
            guard let level = attack.level(at: 0) else { return nil }
            let hits = attack.successes(at: level).count
            let moved = level.outcomes.count { $0.linf != 0 }
            return Case(
                isGood: hits == 0 && moved == 0,
                text: "\(name(attack)) turned \(Numerals.whole(hits)) and moved "
                    + Numerals.count(moved, "image"))
        }
        return SanityCheck(
            "A budget of nothing changes nothing (ε = 0)", cases: cases,
            absent: "No attack was run with ε = 0 here; the test suite does so for each."
        ) { "At ε = 0, \(Numerals.count($0, "attack")):" }
    }

    static func steps(_ attacks: [AttackRun]) -> SanityCheck {
        let pairings = Comparison.all(attacks.filter { !$0.isTargeted }).flatMap { comparison in
            let many = comparison.entries.filter { isOf(.manySteps, $0.attack) }
            return comparison.entries.filter { isOf(.oneStep, $0.attack) }.flatMap {
                single in
                Self.pairings(single, many, comparison).map { (single.attack, $0) }
            }
        }
        let cases = pairings.filter { !$0.1.isSilent }.map { single, pair in
            Case(
                isGood: 200 * (pair.own - pair.best) <= pair.images,
                text: "\(place(single))\(name(pair.rival)) \(rate(pair.best, of: pair.images)), "
                    + "\(name(single)) \(rate(pair.own, of: pair.images)) at ε "
                    + "\(Numerals.epsilon(pair.epsilon)) on \(Numerals.count(pair.images, "image"))"
            )
        }
        return SanityCheck(
            "Many steps find what one step finds, give or take one image in 200", cases: cases,
            absent: pairings.isEmpty
                ? "No network met both kinds of attack at a common ε."
                : "Both kinds of attack were run at a common ε, and neither turned a single image: "
                    + "nothing against nothing is no evidence."
        ) { "In \(Numerals.count($0, "comparison")):" }
    }

    static func growth(_ attacks: [AttackRun]) -> SanityCheck {
        var silent: [String] = []
        let cases = attacks.compactMap { attack -> Case? in
            let levels = attack.levels.compactMap { level in level.epsilon.map { ($0, level) } }
                .sorted { $0.0 < $1.0 }
            guard let last = levels.last, levels.count > 1 else { return nil }
            let hits = levels.map { ($0.0, attack.successes(at: $0.1).count) }
            guard hits.contains(where: { $0.1 > 0 }) else {
                silent.append(name(attack))
                return nil
            }
            let drop = zip(hits, hits.dropFirst()).first {
                200 * ($0.1 - $1.1) > attack.eligible.count
            }
            if let (before, after) = drop {
                return Case(
                    isGood: false,
                    text: "\(place(attack))\(name(attack)) turned \(Numerals.whole(before.1)) at ε "
                        + "\(Numerals.epsilon(before.0)) and \(Numerals.whole(after.1)) at ε "
                        + Numerals.epsilon(after.0))
            }
            return Case(
                isGood: true,
                text: "\(name(attack)) from \(rate(attack, hits[0].1)) to "
                    + "\(rate(attack, hits[hits.count - 1].1)) at ε \(Numerals.epsilon(last.0))")
        }
        return SanityCheck(
            "A larger budget never fools fewer, give or take one image in 200", cases: cases,
            absent: silent.isEmpty
                ? "No attack was given more than one ε."
                : "\(Wording.list(silent)) turned no image at any ε, which is no evidence."
        ) { "For \(Numerals.count($0, "attack")):" }
    }

    static func unbounded(_ attacks: [AttackRun]) -> SanityCheck {
        let open = attacks.filter { !$0.isTargeted }
        let budgets = Comparison.all(open).compactMap { comparison -> Case? in
            let pixels = comparison.entries[0].attack.originals.shape.dropFirst().reduce(1, *)
            let free = Self.free(comparison.norm, pixels: pixels)
            // Of one step, however large, and of noise nobody expects it.
            func largest(of set: Comparison.ImageSet) -> Double? {
                set.full.map { comparison.entries[$0].attack }.filter {
                    !isOf(.oneStep, $0) && !isOf(.noise, $0)
                }.flatMap { $0.levels.compactMap(\.epsilon) }.filter { $0 >= free }.max()
            }
            guard let set = comparison.sets.last(where: { largest(of: $0) != nil }),
                let epsilon = largest(of: set)
            else { return nil }
            let left = comparison.standing(at: epsilon, of: set)
            return Case(
                isGood: left == 0,
                text: "\(comparison.model.isEmpty ? "" : comparison.model + ": ")"
                    + "\(Numerals.count(left, "image")) of \(Numerals.whole(set.images.count)) left at ε "
                    + "\(Numerals.epsilon(epsilon)) in \(Wording.norm(comparison.norm))")
        }
        // An attack without a budget may go as far as it likes, so its success rate is the verdict.
        let minimumNorm = open.filter {
            $0.isMinimumNorm && !isOf(.noise, $0) && !isOf(.bounded, $0)
        }.map { attack in
            let (hits, all) = (attack.successes(at: attack.levels[0]).count, attack.eligible.count)
            return Case(
                isGood: 200 * (all - hits) <= all,
                text: "\(place(attack))\(name(attack)), which has no budget, turned "
                    + "\(rate(hits, of: all)) of \(Numerals.count(all, "image"))")
        }
        return SanityCheck(
            "Without a bound every image falls, give or take one in 200 of a single attack",
            cases: budgets + minimumNorm,
            absent:
                "No attack of many steps was given an ε that could turn any image into any other, "
                + "and none without a budget was run."
        ) { "In \(Numerals.count($0, "case")):" }
    }

    /// A budget that lets every image become the same grey.
    private static func free(_ norm: String, pixels: Int) -> Double {
        switch norm {
        case "l0": Double(pixels)
        case "l1": Double(pixels) / 2
        case "l2": Double(pixels).squareRoot() / 2
        default: 0.5
        }
    }

    static func noise(_ attacks: [AttackRun]) -> SanityCheck {
        var silent = 0
        let cases = Comparison.all(attacks.filter { !$0.isTargeted }).flatMap {
            comparison -> [Case] in
            let others = comparison.entries.filter {
                !isOf(.noise, $0.attack) && !$0.isMinimumNorm
            }
            return comparison.entries.filter { isOf(.noise, $0.attack) }.compactMap {
                noise -> Case? in
                let all = pairings(noise, others, comparison)
                // Where the attack fools half of the images: far above, noise fools as well.
                guard let pair = all.first(where: { 2 * $0.best >= $0.images }) ?? all.last
                else { return nil }
                guard !pair.isSilent else {
                    silent += 1
                    return nil
                }
                return Case(
                    isGood: 2 * pair.own <= pair.best,
                    text: "\(place(noise.attack))\(name(noise.attack)) turned "
                        + "\(rate(pair.own, of: pair.images)), \(name(pair.rival)) "
                        + "\(rate(pair.best, of: pair.images)) at ε \(Numerals.epsilon(pair.epsilon)) in "
                        + "\(Wording.norm(comparison.norm)) on \(Numerals.count(pair.images, "image"))"
                )
            }
        }
        return SanityCheck(
            "Random noise of the same size fools less than half as many", cases: cases,
            absent: silent == 0
                ? "No random noise was run beside an attack of the same norm and ε."
                : "Neither noise nor an attack of the same size turned a single image: nothing against "
                    + "nothing is no evidence."
        ) { "In \(Numerals.count($0, "comparison")):" }
    }

    static func transfer(
        _ attacks: [AttackRun], _ transfers: [TransferResult]
    ) -> SanityCheck {
        var cases: [Case] = []
        var silent = 0
        for transfer in transfers {
            for row in transfer.rows {
                for (column, model) in transfer.models.enumerated() where model != row.source {
                    // The same attack on that network itself.
                    let own = transfer.rows.first {
                        $0.source == model && $0.method == row.method
                            && $0.epsilons == row.epsilons
                    }
                    guard let own, let place = transfer.models.firstIndex(of: own.source) else {
                        continue
                    }
                    for level in row.levels.indices where row.epsilons[level] != nil {
                        let (inside, outside) = (
                            own.levels[level].right[place], row.levels[level].right[column]
                        )
                        if inside == outside && inside == transfer.clean[column] {
                            silent += 1
                            continue
                        }
                        cases.append(
                            Case(
                                isGood: inside <= outside,
                                text:
                                    "\(row.name) leaves \(model) \(Numerals.whole(outside)) right, "
                                    + "\(own.name) \(Numerals.whole(inside))"
                                    + (row.epsilons[level].map { " at ε \(Numerals.epsilon($0))" }
                                        ?? "")))
                    }
                }
            }
        }
        return SanityCheck(
            "Attacking a network itself does more than images made for another", cases: cases,
            absent: silent == 0
                ? "No attack with a budget was judged on another network that met the same attack itself."
                : "Neither images made for a network nor those made for another changed one of its "
                    + "answers, which is no evidence."
        ) { "In \(Numerals.count($0, "comparison")):" }
    }
}
