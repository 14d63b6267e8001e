// Checks that any evaluation of robustness should pass: where one fails, an attack or its settings
// are to be doubted before the network is praised. Each is decided by the figures of the study.

/// One check, and how it went.
struct SanityCheck: Equatable {
    /// How it went.
    enum Verdict: String {
        case passed = "passed"
        case failed = "failed"
        case notApplicable = "not applicable"
    }

    let rule: String
    let verdict: Verdict
    let evidence: String

    /// All checks on a study.
    static func all(_ study: Study) -> [SanityCheck] {
        let attacks = study.attacks.filter { !$0.eligible.isEmpty }
        return [
            nothing(attacks), steps(attacks), growth(attacks), unbounded(attacks), noise(attacks),
            transfer(attacks, study.transfers), rounding(attacks), gradients,
        ]
    }

    private init(_ rule: String, _ verdict: Verdict, _ evidence: String) {
        (self.rule, self.verdict, self.evidence) = (rule, verdict, evidence)
    }

    /// A verdict over cases: failures are named, else the successes are summed up.
    private init(_ rule: String, cases: [Case], absent: String, sum: (Int) -> String) {
        let failures = cases.filter { !$0.isGood }
        guard !cases.isEmpty else {
            self.init(rule, .notApplicable, absent)
            return
        }
        let shown = (failures.isEmpty ? cases : failures).prefix(4).map(\.text)
        let left = (failures.isEmpty ? cases : failures).count - shown.count
        let list = shown.joined(separator: "; ") + (left > 0 ? "; and \(left) more" : "")
        self.init(
            rule, failures.isEmpty ? .passed : .failed,
            failures.isEmpty
                ? "\(sum(cases.count)) \(list)."
                : "It does not hold in \(failures.count) of \(cases.count) cases: \(list).")
    }

    private struct Case {
        let isGood: Bool
        let text: String
    }

    // MARK: The checks

    private static func nothing(_ attacks: [AttackResult]) -> SanityCheck {
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

    /// Attacks that take one step, and those that take many within the same budget.
    static let singleStep: Set<String> = ["fgsm", "fgm", "r-fgsm"]
    static let manySteps: Set<String> = [
        "bim", "pgd", "mi-fgsm", "ni-fgsm", "di-fgsm", "ti-fgsm", "apgd-ce", "apgd-dlr",
        "apgd-targeted", "autoattack",
    ]
    static let noises: Set<String> = ["uniform-noise", "gaussian-noise", "salt-and-pepper"]

    private static func steps(_ attacks: [AttackResult]) -> SanityCheck {
        let cases = groups(attacks.filter { !$0.isTargeted }).flatMap { group -> [Case] in
            let many = group.filter { manySteps.contains($0.method) }
            return group.filter { singleStep.contains($0.method) }.flatMap { single in
                compare(single, many).map { epsilon, own, best in
                    Case(
                        isGood: 200 * (own - best.hits) <= single.eligible.count,
                        text: "\(place(single))\(name(best.attack)) "
                            + "\(rate(best.attack, best.hits)), \(name(single)) "
                            + "\(rate(single, own)) at ε \(Numerals.epsilon(epsilon))")
                }
            }
        }
        return SanityCheck(
            "Many steps find what one step finds, give or take one image in 200", cases: cases,
            absent: "No network met both kinds of attack at a common ε."
        ) { "In \(Numerals.count($0, "comparison")):" }
    }

    private static func growth(_ attacks: [AttackResult]) -> SanityCheck {
        let cases = attacks.compactMap { attack -> Case? in
            let levels = attack.levels.compactMap { level in level.epsilon.map { ($0, level) } }
                .sorted { $0.0 < $1.0 }
            guard let last = levels.last, levels.count > 1 else { return nil }
            let hits = levels.map { ($0.0, attack.successes(at: $0.1).count) }
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
            absent: "No attack was given more than one ε."
        ) { "For \(Numerals.count($0, "attack")):" }
    }

    private static func unbounded(_ attacks: [AttackResult]) -> SanityCheck {
        let cases = Contest.all(attacks.filter { !$0.isTargeted }).compactMap { contest -> Case? in
            let pixels = contest.entries[0].attack.originals.shape.dropFirst().reduce(1, *)
            let free = Self.free(contest.norm, pixels: pixels)
            // Of one step, however large, and of noise nobody expects it.
            let able = contest.entries.map(\.attack).filter {
                !singleStep.contains($0.method) && !noises.contains($0.method)
            }
            let epsilons = able.flatMap { $0.levels.compactMap(\.epsilon) }.sorted()
            guard let epsilon = epsilons.last(where: { $0 >= free }) else { return nil }
            let left = contest.standing(at: epsilon)
            return Case(
                isGood: left == 0,
                text: "\(contest.model.isEmpty ? "" : contest.model + ": ")"
                    + "\(Numerals.count(left, "image")) of \(Numerals.whole(contest.images)) left at ε "
                    + "\(Numerals.epsilon(epsilon)) in \(Wording.norm(contest.norm))")
        }
        let seekers = attacks.filter { $0.seeksLeast && !$0.isTargeted }
        let best = seekers.max {
            ($0.successRate(at: $0.levels[0]) ?? 0) < ($1.successRate(at: $1.levels[0]) ?? 0)
        }
        let further =
            best.map {
                " Of the attacks without a budget, \(name($0)) turned \(rate($0, $0.successes(at: $0.levels[0]).count))."
            } ?? ""
        return SanityCheck(
            "Without a bound every image falls", cases: cases,
            absent:
                "No attack of many steps was given an ε that could turn any image into any other."
                + further
        ) { _ in "All fell:" }
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

    private static func noise(_ attacks: [AttackResult]) -> SanityCheck {
        let cases = groups(attacks.filter { !$0.isTargeted }).flatMap { group -> [Case] in
            let others = group.filter { !noises.contains($0.method) && !$0.seeksLeast }
            return group.filter { noises.contains($0.method) }.compactMap { noise -> Case? in
                let all = compare(noise, others)
                let eligible = noise.eligible.count
                // Where the attack fools half of the images: far above, noise fools as well.
                guard
                    let (epsilon, own, best) = all.first(where: { 2 * $0.best.hits >= eligible })
                        ?? all.last
                else { return nil }
                return Case(
                    isGood: 2 * own <= best.hits,
                    text: "\(place(noise))\(name(noise)) turned \(rate(noise, own)), "
                        + "\(name(best.attack)) \(rate(best.attack, best.hits)) at ε "
                        + "\(Numerals.epsilon(epsilon)) in \(Wording.norm(noise.norm))")
            }
        }
        return SanityCheck(
            "Random noise of the same size fools less than half as many", cases: cases,
            absent: "No random noise was run beside an attack of the same norm and ε."
        ) { "In \(Numerals.count($0, "comparison")):" }
    }

    private static func transfer(
        _ attacks: [AttackResult], _ transfers: [TransferResult]
    ) -> SanityCheck {
        var cases: [Case] = []
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
            absent:
                "No attack with a budget was judged on another network that met the same attack itself."
        ) { "In \(Numerals.count($0, "comparison")):" }
    }

    private static func rounding(_ attacks: [AttackResult]) -> SanityCheck {
        let rule = "Successes are judged again after rounding to 256 levels, and nine in ten last"
        // A change of less than a level per pixel is what rounding takes away.
        func isCoarse(_ attack: AttackResult, _ level: AttackResult.Level) -> Bool {
            attack.norm != "linf" || (level.epsilon ?? 1) * 255 > 0.999
        }
        func total(_ attacks: [AttackResult]) -> (hits: Int, kept: Int) {
            attacks.reduce((0, 0)) { sum, attack in
                attack.levels.filter { isCoarse(attack, $0) }.reduce(sum) {
                    ($0.0 + attack.successes(at: $1).count, $0.1 + attack.roundedSuccesses(at: $1))
                }
            }
        }
        let isPart = attacks.contains { attack in
            attack.levels.contains { !isCoarse(attack, $0) }
        }
        let (hits, kept) = total(attacks.filter { !$0.seeksLeast })
        let (found, stayed) = total(attacks.filter(\.seeksLeast))
        let least =
            found > 0
            ? " Of those of attacks that look for the least change, which end at the very border, "
                + "\(Numerals.whole(stayed)) of \(Numerals.whole(found))." : ""
        guard hits > 0 else {
            return SanityCheck(
                rule, .notApplicable, "No attack with a budget has a success here." + least)
        }
        return SanityCheck(
            rule, 10 * kept >= 9 * hits ? .passed : .failed,
            "Of all successes within a budget"
                + (isPart ? ", those of less than a level of 256 left out, " : ", ")
                + "\(Numerals.whole(kept)) of \(Numerals.whole(hits)) "
                + "(\(Numerals.percent(Statistics.share(kept, of: hits)))) last." + least)
    }

    private static let gradients = SanityCheck(
        "Gradients agree with central differences", .notApplicable,
        "This needs the network, not the records: the test suite (make test) does it for every "
            + "layer and architecture.")

    // MARK: Common to them

    /// Attacks that saw the same network and images and share a norm.
    private static func groups(_ attacks: [AttackResult]) -> [[AttackResult]] {
        Contest.all(attacks).map { $0.entries.map(\.attack) }
    }

    /// For each budget that an attack shares with others: its successes, and the best of them.
    private static func compare(_ attack: AttackResult, _ others: [AttackResult]) -> [(
        epsilon: Double, own: Int, best: (attack: AttackResult, hits: Int)
    )] {
        attack.levels.compactMap { level in
            guard let epsilon = level.epsilon, epsilon > 0 else { return nil }
            let rivals = others.compactMap { other in
                other.level(at: epsilon).map {
                    (attack: other, hits: other.successes(at: $0).count)
                }
            }
            guard let best = rivals.max(by: { $0.hits < $1.hits }) else { return nil }
            return (epsilon, attack.successes(at: level).count, best)
        }
    }

    private static func name(_ attack: AttackResult) -> String { AttackText(attack).short }

    private static func place(_ attack: AttackResult) -> String {
        attack.model.isEmpty ? "" : "\(attack.model): "
    }

    private static func rate(_ attack: AttackResult, _ hits: Int) -> String {
        Numerals.percent(Statistics.share(hits, of: attack.eligible.count))
    }
}
