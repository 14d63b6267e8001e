// The checks that any evaluation should pass: each passes, fails and stays silent where it should.

import Testing

@testable import Report

@Suite struct SanityTests {
    private typealias Status = SanityCheck.Status

    private func checks(
        _ attacks: [AttackRun], transfers: [TransferResult] = []
    ) -> [SanityCheck] {
        var study = SixImages.study(attacks)
        study.transfers = transfers
        return SanityCheck.all(study)
    }

    @Test func withoutAttacksNothingApplies() {
        #expect(Set(checks([]).map(\.status)) == [.notApplicable])
    }

    @Test func aBudgetOfNothing() {
        let good = SixImages.budgeted("fgsm", [(0, []), (0.1, [0])])
        #expect(checks([good])[0].status == .passed)
        let bad = SixImages.budgeted("fgsm", [(0, [0])])
        #expect(checks([bad])[0].status == .failed)
        #expect(checks([SixImages.fgsm])[0].status == .notApplicable)
    }

    @Test func manySteps() {
        #expect(checks([SixImages.fgsm, SixImages.pgd])[1].status == .passed)
        let weak = SixImages.budgeted("pgd", [(0.1, []), (0.2, [0, 1])])
        let found = checks([SixImages.fgsm, weak])[1]
        #expect(found.status == .failed)
        #expect(found.evidence.contains("PGD 0\u{202F}%, FGSM 20.0\u{202F}% at ε 0.1"))
        #expect(found.evidence.hasPrefix("It does not hold in 1 of 2 cases"))
        // Another network is another matter.
        let elsewhere = SixImages.budgeted("pgd", model: "other", [(0.1, [])])
        #expect(checks([SixImages.fgsm, elsewhere])[1].status == .notApplicable)
    }

    @Test func growth() {
        #expect(checks([SixImages.pgd])[2].status == .passed)
        let odd = SixImages.budgeted("pgd", [(0.2, [0]), (0.1, [0, 1])])
        #expect(checks([odd])[2].status == .failed)
        #expect(checks([odd])[2].evidence.contains("turned 2 at ε 0.1 and 1 at ε 0.2"))
    }

    @Test func unbounded() {
        let all = SixImages.budgeted("pgd", [(0.1, [0]), (1, [0, 1, 2, 3, 4])])
        #expect(checks([all])[3].status == .passed)
        let masked = SixImages.budgeted("pgd", [(0.1, [0]), (0.5, [0, 1, 2, 3])])
        #expect(checks([masked])[3].status == .failed)
        #expect(checks([masked])[3].evidence.contains("mlp: 1 image of 6 left at ε 0.5"))
        // One step is not expected to get there.
        let single = SixImages.budgeted("fgsm", [(1, [0])])
        #expect(checks([single])[3].status == .notApplicable)
        // Another attack of the norm may fill the gap.
        let fab = SixImages.minimumNorm("fab", [0: 0.1, 1: 0.1, 2: 0.1, 3: 0.1, 4: 0.4])
        #expect(checks([masked, fab])[3].status == .passed)
        // Without a budget an attack is judged by its success rate.
        #expect(checks([fab])[3].evidence.contains("FAB, which has no budget, turned 100"))
        let small = checks([SixImages.pgd, SixImages.deepfool])[3]
        #expect(small.status == .failed && small.evidence.contains("turned 60.0"))
        #expect(checks([SixImages.pgd])[3].status == .notApplicable)
        // A bound of another kind is a bound.
        #expect(checks([SixImages.minimumNorm("jsma", [0: 1])])[3].status == .notApplicable)
    }

    @Test func noise() {
        let quiet = SixImages.budgeted("uniform-noise", [(0.1, []), (0.2, [0])])
        #expect(checks([quiet, SixImages.pgd])[4].status == .passed)
        // At ε 0.2 the attack turns three of five, noise two.
        let loud = SixImages.budgeted("uniform-noise", [(0.1, []), (0.2, [0, 1])])
        #expect(checks([loud, SixImages.pgd])[4].status == .failed)
        #expect(checks([quiet])[4].status == .notApplicable)
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
        #expect(checks([SixImages.pgd], transfers: [result(4)])[5].status == .passed)
        // Images made for a leave b one right, its own attack two.
        let bad = checks([SixImages.pgd], transfers: [result(1)])[5]
        #expect(bad.status == .failed)
        #expect(bad.evidence.contains("pgd-a leaves b 1 right, pgd-b 2 at ε 0.1"))
        var study = SixImages.study([SixImages.pgd])
        study.transfers = [result(4)]
        let html = study.rendered().html
        #expect(faults(in: html) == [])
        #expect(words(of: html).contains("pgd-a, ε 0.1 (a)"))
        #expect(html.contains("b misreads 1 of 3 images of pgd-a, ε 0.1"))
    }

    @Test func rounding() {
        // In the tiny study rounding undoes what happened to image 1.
        #expect(checks([SixImages.budgeted("pgd", [(0.1, [0, 2])])])[6].status == .passed)
        let lost = checks([SixImages.budgeted("pgd", [(0.1, [0, 1])]), SixImages.deepfool])[6]
        #expect(lost.status == .failed)
        #expect(lost.evidence.contains("1 of 2 (50.0\u{202F}%)"))
        #expect(!lost.evidence.contains("3 of 3"))
    }

    @Test func roundingIsJudgedAttackByAttack() {
        // Forty successes that last do not carry those of another attack that do not.
        func losing(_ attack: AttackRun) -> AttackRun {
            var attack = attack
            for place in attack.levels[0].outcomes.indices {
                attack.levels[0].outcomes[place].survivesRounding = false
            }
            return attack
        }
        let good = SixImages.budgeted("fgsm", [(0.1, [0, 2, 3, 4])]).repeated(10)
        let bad = losing(SixImages.budgeted("pgd", [(0.1, [0, 1])]))
        let found = checks([good, bad])[6]
        #expect(found.status == .failed)
        #expect(found.evidence.contains("PGD keeps 0 of 2"))
        #expect(found.evidence.contains("1 of 2 cases"))
        #expect(checks([good])[6].evidence.contains("FGSM keeps 40 of 40"))
        // What stops at the border is told and not judged.
        let border = losing(SixImages.minimumNorm("deepfool", [0: 0.05, 1: 0.1]))
        let told = checks([good, border])[6]
        #expect(told.status == .passed)
        #expect(told.evidence.contains("stop at the very border"))
        #expect(told.evidence.contains("DeepFool keeps 0 of 2"))
        #expect(checks([border])[6].status == .notApplicable)
    }

    @Test func nothingAgainstNothingIsNoEvidence() {
        let single = SixImages.budgeted("fgsm", [(0.1, []), (0.2, [])])
        let many = SixImages.budgeted("pgd", [(0.1, []), (0.2, [])])
        let noise = SixImages.budgeted("uniform-noise", [(0.1, []), (0.2, [])])
        let found = checks([single, many, noise])
        for place in [1, 2, 4] {
            #expect(found[place].status == .notApplicable, "\(found[place])")
            #expect(found[place].evidence.contains("no evidence"), "\(found[place])")
        }
        // Where one of them found something there is a case again.
        let one = SixImages.budgeted("pgd", [(0.1, []), (0.2, [0])])
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
        let transfer = checks([SixImages.pgd], transfers: [silent])[5]
        #expect(transfer.status == .notApplicable && transfer.evidence.contains("no evidence"))
    }

    private func counting(_ zero: [Int?], method: String = "pgd") -> AttackRun {
        var attack = SixImages.budgeted(method, [(0.1, [0]), (0.2, [0, 1])])
        for level in attack.levels.indices {
            for place in attack.levels[level].outcomes.indices {
                attack.levels[level].outcomes[place].backwardPasses = 10
                attack.levels[level].outcomes[place].zeroGradients = zero[level]
            }
        }
        return attack
    }

    @Test func gradientsThatAreZeroAreSaid() {
        #expect(checks([counting([nil, nil])])[7].status == .notApplicable)
        #expect(checks([counting([0, 1])])[7].status == .passed)
        let blind = counting([0, 2])
        let found = checks([blind])[7]
        #expect(found.status == .failed)
        #expect(
            found.evidence.contains("PGD took 50 gradients at ε 0.2, 20.0\u{202F}% of them zero"))
        let text = words(of: SixImages.study([blind]).rendered().html)
        #expect(text.contains("Gradients are zero, so this attack cannot see: 20.0"))
        #expect(
            !words(of: SixImages.study([counting([0, 1])]).rendered().html).contains("cannot see"))
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
        var attack = SixImages.pgd
        attack.events = ["", "gradient-vanished", "not-a-number"]
        attack.levels[0].outcomes[3].event = 1
        attack.levels[1].outcomes[3].event = 1
        attack.levels[1].outcomes[4].event = 2
        let text = words(of: SixImages.study([attack]).rendered().html)
        for part in [
            "1 image: the gradient vanished, which leaves no direction (103)",
            "1 image: a value arose that is not a number (104)",
        ] { #expect(text.contains(part), "\(part)") }
        #expect(SixImages.pgd.incidentText == nil)
    }

    @Test func noAttackLeavesFewerThanAllTogether() {
        let strong = SixImages.budgeted("apgd-ce", [(0.1, [0, 1, 2])]).onFirst(4)
        let found = checks([SixImages.fgsm, SixImages.pgd, strong, SixImages.deepfool])[8]
        #expect(found.status == .passed && found.evidence.contains("mlp: L∞, 4 attacks on"))
        #expect(checks([SixImages.fgsm])[8].status == .notApplicable)
    }

    @Test func everyStatusIsDecided() {
        // No check is about something that records cannot tell.
        let rules = checks([SixImages.fgsm]).map(\.rule)
        #expect(!rules.contains { $0.contains("central differences") })
        #expect(
            words(of: SixImages.study([SixImages.fgsm]).rendered().html)
                .contains("the test suite (make test) checks it"))
    }
}
