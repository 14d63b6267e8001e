// The checks that look into the records of each attack, and at the page itself.

extension SanityCheck {
    static func rounding(_ attacks: [AttackRun]) -> SanityCheck {
        // A change of less than a level per pixel is what rounding takes away.
        func isCoarse(_ attack: AttackRun, _ level: AttackRun.Level) -> Bool {
            attack.norm != "linf" || (level.epsilon ?? 1) * 255 > 0.999
        }
        let isPart = attacks.contains { attack in
            attack.levels.contains { !isCoarse(attack, $0) }
        }
        let found = attacks.compactMap { attack -> (attack: AttackRun, kept: Int, hits: Int)? in
            let levels = attack.levels.filter { isCoarse(attack, $0) }
            let hits = levels.map { attack.successes(at: $0).count }.reduce(0, +)
            let kept = levels.map { attack.roundedSuccesses(at: $0) }.reduce(0, +)
            return hits > 0 ? (attack, kept, hits) : nil
        }.sorted { $0.kept * $1.hits < $1.kept * $0.hits }
        func kept(_ one: (attack: AttackRun, kept: Int, hits: Int)) -> String {
            "\(place(one.attack))\(name(one.attack)) keeps \(Numerals.whole(one.kept)) of "
                + "\(Numerals.whole(one.hits)) (\(rate(one.kept, of: one.hits)))"
        }
        // One that looks for the least change stops at the very border, where rounding decides: that it
        // loses there is its nature and no weakness.
        let judged = found.filter { !$0.attack.isMinimumNorm }
        let atBorder = found.filter { $0.attack.isMinimumNorm && 10 * $0.kept < 9 * $0.hits }
        let border =
            atBorder.isEmpty
            ? ""
            : " Not judged by it are attacks that look for the least change and stop at the very border, "
                + "where rounding decides: \(Wording.list(atBorder.map(kept))). Of pictures that are "
                + "saved, only the column “after 8-bit rounding” holds."
        return SanityCheck(
            "Of the successes within a budget nine in ten last when pixels are rounded to 256 levels",
            cases: judged.map { Case(isGood: 10 * $0.kept >= 9 * $0.hits, text: kept($0)) },
            absent: "No attack with a budget has a success here.",
            limit: judged.contains { 10 * $0.kept < 9 * $0.hits } ? .max : 4,
            further: border
                + (isPart
                    ? " Budgets of less than a level of 256, which rounding takes away, are left out."
                    : "")
        ) { "For \(Numerals.count($0, "attack")), the least first:" }
    }

    static func gradients(_ attacks: [AttackRun]) -> SanityCheck {
        let isTold = attacks.contains { attack in
            attack.levels.contains { attack.gradients(at: $0) != nil }
        }
        let cases = attacks.compactMap { attack -> Case? in
            guard let worst = attack.mostMasked else { return nil }
            return Case(
                isGood: !worst.isMasked,
                text:
                    "\(place(attack))\(name(attack)) took \(Numerals.count(worst.taken, "gradient"))"
                    + "\(worst.level.strength), \(Numerals.percent(worst.share)) of them zero everywhere"
            )
        }
        return SanityCheck(
            "Gradients reach the pixels: no attack’s are zero more often than one in ten",
            cases: cases,
            absent: isTold
                ? "No attack of this experiment took a gradient."
                : "No attack of this experiment has counted its gradients that are zero."
        ) { "For \(Numerals.count($0, "attack")):" }
    }

    /// On the images that it saw, no attack may leave fewer standing than all together do.
    static func together(_ attacks: [AttackRun]) -> SanityCheck {
        let cases = Comparison.all(attacks).filter { $0.entries.count > 1 }.map {
            comparison -> Case in
            let place =
                (comparison.model.isEmpty ? "" : comparison.model + ": ")
                + Wording.norm(comparison.norm)
            var compared = 0
            for entry in comparison.entries {
                let shared = comparison.chosen.images.filter { entry.places[$0] != nil }
                let asked = comparison.budgets.map(\.epsilon).filter { $0 > 0 }
                let found = asked.isEmpty ? entry.distances.sorted() : asked
                for epsilon in found {
                    guard let left = comparison.standing(at: epsilon, under: entry) else {
                        continue
                    }
                    compared += 1
                    let all = comparison.standing(
                        at: epsilon, of: Comparison.ImageSet(images: shared, full: []))
                    guard all > left else { continue }
                    return Case(
                        isGood: false,
                        text: "\(place), \(name(entry.attack)) leaves \(Numerals.whole(left)) of "
                            + "\(Numerals.count(shared.count, "image")) at ε "
                            + "\(Numerals.epsilon(epsilon)), all together \(Numerals.whole(all))")
                }
            }
            return Case(
                isGood: true,
                text: "\(place), \(Numerals.count(comparison.entries.count, "attack")) on "
                    + "\(Numerals.count(comparison.images, "image"))")
        }
        return SanityCheck(
            "No attack leaves fewer standing than all together, on the images that it saw",
            cases: cases, absent: "No two attacks share network, norm and images."
        ) { "In \(Numerals.count($0, "comparison")):" }
    }
}
