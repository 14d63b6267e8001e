// The checks that any evaluation should pass: each passes, fails and stays silent where it should.

import Testing

@testable import Report

@Suite struct SanityTests {
    private typealias Verdict = SanityCheck.Verdict

    private func checks(
        _ attacks: [AttackResult], transfers: [TransferResult] = []
    ) -> [SanityCheck] {
        var study = Contested.study(attacks)
        study.transfers = transfers
        return SanityCheck.all(study)
    }

    @Test func withoutAttacksNothingApplies() {
        #expect(Set(checks([]).map(\.verdict)) == [.notApplicable])
    }

    @Test func aBudgetOfNothing() {
        let good = Contested.budgeted("fgsm", [(0, []), (0.1, [0])])
        #expect(checks([good])[0].verdict == .passed)
        let bad = Contested.budgeted("fgsm", [(0, [0])])
        #expect(checks([bad])[0].verdict == .failed)
        #expect(checks([Contested.fgsm])[0].verdict == .notApplicable)
    }

    @Test func manySteps() {
        #expect(checks([Contested.fgsm, Contested.pgd])[1].verdict == .passed)
        let weak = Contested.budgeted("pgd", [(0.1, []), (0.2, [0, 1])])
        let found = checks([Contested.fgsm, weak])[1]
        #expect(found.verdict == .failed)
        #expect(found.evidence.contains("PGD 0\u{202F}%, FGSM 20.0\u{202F}% at ε 0.1"))
        #expect(found.evidence.hasPrefix("It does not hold in 1 of 2 cases"))
        // Another network is another matter.
        let elsewhere = Contested.budgeted("pgd", model: "other", [(0.1, [])])
        #expect(checks([Contested.fgsm, elsewhere])[1].verdict == .notApplicable)
    }

    @Test func growth() {
        #expect(checks([Contested.pgd])[2].verdict == .passed)
        let odd = Contested.budgeted("pgd", [(0.2, [0]), (0.1, [0, 1])])
        #expect(checks([odd])[2].verdict == .failed)
        #expect(checks([odd])[2].evidence.contains("turned 2 at ε 0.1 and 1 at ε 0.2"))
    }

    @Test func unbounded() {
        let all = Contested.budgeted("pgd", [(0.1, [0]), (1, [0, 1, 2, 3, 4])])
        #expect(checks([all])[3].verdict == .passed)
        let masked = Contested.budgeted("pgd", [(0.1, [0]), (0.5, [0, 1, 2, 3])])
        #expect(checks([masked])[3].verdict == .failed)
        #expect(checks([masked])[3].evidence.contains("mlp: 1 image of 6 left at ε 0.5"))
        // One step is not expected to get there.
        let single = Contested.budgeted("fgsm", [(1, [0])])
        #expect(checks([single])[3].verdict == .notApplicable)
        // Another attack of the norm may fill the gap.
        let fab = Contested.seeking("fab", [0: 0.1, 1: 0.1, 2: 0.1, 3: 0.1, 4: 0.4])
        #expect(checks([masked, fab])[3].verdict == .passed)
        // Without a budget an attack is judged by its success rate.
        #expect(checks([fab])[3].evidence.contains("FAB, which has no budget, turned 100"))
        let small = checks([Contested.pgd, Contested.deepfool])[3]
        #expect(small.verdict == .failed && small.evidence.contains("turned 60.0"))
        #expect(checks([Contested.pgd])[3].verdict == .notApplicable)
        // A bound of another kind is a bound.
        #expect(checks([Contested.seeking("jsma", [0: 1])])[3].verdict == .notApplicable)
    }

    @Test func noise() {
        let quiet = Contested.budgeted("uniform-noise", [(0.1, []), (0.2, [0])])
        #expect(checks([quiet, Contested.pgd])[4].verdict == .passed)
        // At ε 0.2 the attack turns three of five, noise two.
        let loud = Contested.budgeted("uniform-noise", [(0.1, []), (0.2, [0, 1])])
        #expect(checks([loud, Contested.pgd])[4].verdict == .failed)
        #expect(checks([quiet])[4].verdict == .notApplicable)
    }

    @Test func transfer() {
        func row(_ name: String, _ source: String, right: [Int]) -> TransferResult.Row {
            .init(
                name: name, method: "pgd", source: source, epsilons: [0.1],
                levels: [
                    .init(
                        successes: 3, wrong: [3, 1], before: [3, 3], fooled: [3, 1], right: right)
                ])
        }
        func result(_ leftOnOther: Int) -> TransferResult {
            TransferResult(
                name: "t", models: ["a", "b"], clean: [5, 5], images: 6,
                rows: [
                    row("pgd-a", "a", right: [1, leftOnOther]), row("pgd-b", "b", right: [4, 2]),
                ])
        }
        #expect(checks([Contested.pgd], transfers: [result(4)])[5].verdict == .passed)
        // Images made for a leave b one right, its own attack two.
        let bad = checks([Contested.pgd], transfers: [result(1)])[5]
        #expect(bad.verdict == .failed)
        #expect(bad.evidence.contains("pgd-a leaves b 1 right, pgd-b 2 at ε 0.1"))
        var study = Contested.study([Contested.pgd])
        study.transfers = [result(4)]
        let html = study.rendered().html
        #expect(faults(in: html) == [])
        #expect(words(of: html).contains("pgd-a, ε 0.1 (a)"))
        #expect(html.contains("b misreads 1 of 3 images of pgd-a, ε 0.1"))
    }

    @Test func rounding() {
        // In the tiny study rounding undoes what happened to image 1.
        #expect(checks([Contested.budgeted("pgd", [(0.1, [0, 2])])])[6].verdict == .passed)
        let lost = checks([Contested.budgeted("pgd", [(0.1, [0, 1])]), Contested.deepfool])[6]
        #expect(lost.verdict == .failed)
        #expect(lost.evidence.contains("1 of 2 (50.0\u{202F}%)"))
        #expect(!lost.evidence.contains("3 of 3"))
    }

    @Test func roundingIsJudgedAttackByAttack() {
        // Twenty successes that last do not carry the two of another attack that do not.
        let good = Contested.budgeted("fgsm", [(0.1, [0, 2, 3, 4])]).repeated(10)
        var bad = Contested.seeking("deepfool", [0: 0.05, 1: 0.1])
        for place in bad.levels[0].outcomes.indices {
            bad.levels[0].outcomes[place].survivesRounding = false
        }
        let found = checks([good, bad])[6]
        #expect(found.verdict == .failed)
        #expect(found.evidence.contains("DeepFool keeps 0 of 2"))
        #expect(found.evidence.contains("1 of 2 cases"))
        #expect(checks([good])[6].evidence.contains("FGSM keeps 40 of 40"))
    }

    @Test func nothingAgainstNothingIsNoEvidence() {
        let single = Contested.budgeted("fgsm", [(0.1, []), (0.2, [])])
        let many = Contested.budgeted("pgd", [(0.1, []), (0.2, [])])
        let noise = Contested.budgeted("uniform-noise", [(0.1, []), (0.2, [])])
        let found = checks([single, many, noise])
        for place in [1, 2, 4] {
            #expect(found[place].verdict == .notApplicable, "\(found[place])")
            #expect(found[place].evidence.contains("no evidence"), "\(found[place])")
        }
        // Where one of them found something there is a case again.
        let one = Contested.budgeted("pgd", [(0.1, []), (0.2, [0])])
        #expect(checks([single, one])[1].evidence.hasPrefix("In 1 comparison:"))
        // A transfer in which nobody fell.
        func row(_ name: String, _ source: String) -> TransferResult.Row {
            .init(
                name: name, method: "pgd", source: source, epsilons: [0.1],
                levels: [
                    .init(
                        successes: 0, wrong: [0, 0], before: [0, 0], fooled: [0, 0], right: [5, 5])
                ])
        }
        let silent = TransferResult(
            name: "t", models: ["a", "b"], clean: [5, 5], images: 6,
            rows: [row("pgd-a", "a"), row("pgd-b", "b")])
        let transfer = checks([Contested.pgd], transfers: [silent])[5]
        #expect(transfer.verdict == .notApplicable && transfer.evidence.contains("no evidence"))
    }

    private func counting(_ zero: [Int?], method: String = "pgd") -> AttackResult {
        var attack = Contested.budgeted(method, [(0.1, [0]), (0.2, [0, 1])])
        for level in attack.levels.indices {
            for place in attack.levels[level].outcomes.indices {
                attack.levels[level].outcomes[place].backwardPasses = 10
                attack.levels[level].outcomes[place].zeroGradients = zero[level]
            }
        }
        return attack
    }

    @Test func gradientsThatAreZeroAreSaid() {
        #expect(checks([counting([nil, nil])])[7].verdict == .notApplicable)
        #expect(checks([counting([0, 1])])[7].verdict == .passed)
        let blind = counting([0, 2])
        let found = checks([blind])[7]
        #expect(found.verdict == .failed)
        #expect(
            found.evidence.contains("PGD took 50 gradients at ε 0.2, 20.0\u{202F}% of them zero"))
        let text = words(of: Contested.study([blind]).rendered().html)
        #expect(text.contains("Gradients are zero, so this attack cannot see: 20.0"))
        #expect(
            !words(of: Contested.study([counting([0, 1])]).rendered().html).contains("cannot see"))
        // Noise takes none, and has counted.
        var noise = counting([0, 0], method: "uniform-noise")
        for level in noise.levels.indices {
            for place in noise.levels[level].outcomes.indices {
                noise.levels[level].outcomes[place].backwardPasses = 0
            }
        }
        #expect(checks([noise])[7].evidence == "No attack of this experiment took a gradient.")
    }

    @Test func imagesOnWhichSomethingWentWrongAreNamed() {
        var attack = Contested.pgd
        attack.events = ["", "gradient-vanished", "not-a-number"]
        attack.levels[0].outcomes[3].event = 1
        attack.levels[1].outcomes[3].event = 1
        attack.levels[1].outcomes[4].event = 2
        let text = words(of: Contested.study([attack]).rendered().html)
        for part in [
            "1 image: the gradient vanished, which leaves no direction (103)",
            "1 image: a value arose that is not a number (104)",
        ] { #expect(text.contains(part), "\(part)") }
        #expect(Contested.pgd.incidentText == nil)
    }

    @Test func noAttackLeavesFewerThanAllTogether() {
        let strong = Contested.budgeted("apgd-ce", [(0.1, [0, 1, 2])]).onFirst(4)
        let found = checks([Contested.fgsm, Contested.pgd, strong, Contested.deepfool])[8]
        #expect(found.verdict == .passed && found.evidence.contains("mlp: L∞, 4 attacks on"))
        #expect(checks([Contested.fgsm])[8].verdict == .notApplicable)
    }

    @Test func everyVerdictIsDecided() {
        // No check is about something that records cannot tell.
        let rules = checks([Contested.fgsm]).map(\.rule)
        #expect(!rules.contains { $0.contains("central differences") })
        #expect(
            words(of: Contested.study([Contested.fgsm]).rendered().html)
                .contains("the test suite (make test) checks it"))
    }
}
