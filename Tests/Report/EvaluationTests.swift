// All attacks together: the worst case over them, the shares of winners, the picture, and the checks
// that any evaluation should pass. Figures are chosen so that they can be worked out by hand.

import Tensors
import Testing

import enum Attacks.AttackCatalogue

@testable import Report

/// Six images, the last one misread from the start, and attacks on them in L∞.
enum Contested {
    /// An attack that is given budgets; `hits` says which images it turns at each.
    static func budgeted(
        _ method: String, model: String = "mlp", _ hits: [(epsilon: Double, images: [Int])]
    ) -> AttackResult {
        var attack = Tiny.fgsm
        (attack.name, attack.method, attack.model, attack.sample) = (method, method, model, "6")
        attack.leastEpsilon = nil
        attack.levels = hits.map { epsilon, images in
            Tiny.level(
                epsilon, successes: (0..<6).map(images.contains), step: Float(epsilon), passes: 2)
        }
        return attack
    }

    /// An attack for the least change, with the distances of its successes by image.
    static func seeking(
        _ method: String, model: String = "mlp", _ distances: [Int: Float]
    ) -> AttackResult {
        var attack = Tiny.fgsm
        (attack.name, attack.method, attack.model, attack.sample) = (method, method, model, "6")
        attack.leastEpsilon = nil
        var level = Tiny.level(
            nil, successes: (0..<6).map { distances[$0] != nil }, step: 0.1, passes: 3)
        for (image, distance) in distances { level.outcomes[image].linf = distance }
        attack.levels = [level]
        return attack
    }

    static let fgsm = budgeted("fgsm", [(0.1, [0]), (0.2, [0, 1])])
    static let pgd = budgeted("pgd", [(0.1, [0, 1]), (0.2, [0, 1, 2])])
    static let deepfool = seeking("deepfool", [0: 0.05, 2: 0.15, 3: 0.3])

    static func study(_ attacks: [AttackResult]) -> Study {
        var study = Tiny.study
        study.attacks = attacks
        study.published = nil
        return study
    }
}

@Suite struct ContestTests {
    private let contest = Contest.all([Contested.fgsm, Contested.pgd, Contested.deepfool])

    @Test func attacksOfOneNormNetworkAndSampleBelongTogether() {
        #expect(contest.count == 1 && contest[0].entries.count == 3)
        let apart = Contest.all([
            Contested.fgsm, Contested.budgeted("pgd", model: "other", [(0.1, [0])]), Tiny.noise,
        ])
        #expect(apart.map(\.norm) == ["linf", "linf", "l2"])
        #expect(apart.map(\.model) == ["mlp", "other", ""])
    }

    @Test func anImageStandsOnlyIfNoAttackTurnsItWithinTheBudget() {
        // Least distances by image: 0.05, 0.1, 0.15, 0.3, none; the sixth was misread before.
        let found = [0.04, 0.05, 0.1, 0.149, 0.15, 0.2, 0.3, 1].map(contest[0].standing(at:))
        #expect(found == [5, 4, 3, 3, 2, 2, 1, 1])
        #expect(contest[0].right == 5 && contest[0].images == 6)
    }

    @Test func aSuccessWithinABudgetIsNoFartherThanTheBudget() {
        // 0.1 as a float is a little more than 0.1; the image falls at ε 0.1 all the same.
        var attack = Contested.fgsm
        attack.levels[0].outcomes[0].linf = Float(0.1).nextUp
        #expect(Contest.all([attack, Contested.pgd])[0].standing(at: 0.1) == 3)
    }

    @Test func eachAttackIsCountedAtItsOwnBudgets() {
        let entries = contest[0].entries
        #expect(entries[0].fooled(at: 0.1) == 1 && entries[0].fooled(at: 0.15) == nil)
        #expect([0.04, 0.05, 0.15, 0.3].map { entries[2].fooled(at: $0) } == [0, 1, 2, 3])
        #expect(contest[0].standing(at: 0.2, under: entries[1]) == 2)
    }

    @Test func winnersAreCounted() {
        // Nearest: image 0 deepfool; 1 pgd (0.1 before 0.2); 2 deepfool; 3 deepfool.
        #expect(contest[0].entries.map(contest[0].nearest) == [0, 1, 3])
        #expect((0..<3).map { contest[0].alone($0, at: 0.1) } == [0, 1, 0])
        #expect((0..<3).map { contest[0].alone($0, at: 0.3) } == [0, 0, 1])
        let tie = Contest.all([Contested.fgsm, Contested.fgsm])[0]
        #expect(tie.entries.map(tie.nearest) == [2, 2])
    }

    @Test func theReferenceIsTheBudgetOfMostAttacksNearestToHalf() {
        // At 0.1 three of five stand, at 0.2 two: both are half an image away from 2.5.
        #expect(contest[0].reference == 0.1)
        let more = Contested.budgeted("bim", [(0.2, [0, 1]), (0.4, [0, 1, 2, 3])])
        #expect(Contest.all([Contested.fgsm, Contested.pgd, more])[0].reference == 0.2)
        let seekers = Contest.all([Contested.deepfool, Contested.seeking("fab", [0: 0.25])])[0]
        #expect(seekers.reference == 0.15000000596046448)
        #expect(Contest.all([Contested.seeking("fab", [:])])[0].reference == nil)
    }

    @Test func wilsonsInterval() {
        // 8 of 10: (0.4901625, 0.9433178), from the formula in exact decimals.
        let (low, high) = Statistics.wilson(8, of: 10)
        #expect((low - 0.490162).magnitude < 1e-6 && (high - 0.943318).magnitude < 1e-6)
        #expect(Statistics.wilson(0, of: 10).low == 0)
        #expect((Statistics.wilson(0, of: 10).high - 0.277533).magnitude < 1e-6)
        #expect(Statistics.wilson(10, of: 10).high == 1)
        #expect(Statistics.wilson(0, of: 0) == (0, 1))
        for part in 0...50 {
            let (low, high) = Statistics.wilson(part, of: 50)
            #expect(0 <= low && low <= Double(part) / 50 && Double(part) / 50 <= high && high <= 1)
        }
    }
}

@Suite struct EvaluationPageTests {
    private func page(_ attacks: [AttackResult]) -> String {
        let page = Contested.study(attacks).rendered().html
        #expect(faults(in: page) == [])
        return page
    }

    @Test func thePictureHasALineForEachAttackAndTheWorstCaseWithItsBand() {
        let html = page([Contested.fgsm, Contested.pgd, Contested.deepfool])
        #expect(html.components(of: "class=\"line worst\"") == 2)  // the line and its key
        #expect(html.components(of: "class=\"band\"") == 1)
        for number in 1...3 { #expect(html.contains("line c\(number) d1")) }
        #expect(html.contains("One line for each of 3 attacks"))
        let text = words(of: html)
        // At ε 0.1: fgsm leaves 4 of 6, pgd 3, all together 3; 8 of 10 … the interval of 3 of 6.
        for figure in ["66.7\u{202F}%", "50.0\u{202F}%", "18.8–81.2", "all together"] {
            #expect(text.contains(figure), "\(figure)")
        }
    }

    @Test func thirtyFiveAttacksStayReadableAndFolded() {
        let attacks = (0..<35).map { number in
            var attack = number.isMultiple(of: 2) ? Contested.fgsm : Contested.deepfool
            attack.name = "attack-\(number)"
            return attack
        }
        let html = page(attacks)
        #expect(!html.contains("<details class=\"attack\" open"))
        #expect(html.components(of: "<details class=\"attack\"") == 35)
        #expect(html.components(of: "href=\"#attack-attack-7\"") == 1)
        #expect(html.utf8.count < 1_000_000)
        #expect(page([Contested.fgsm]).contains("<details class=\"attack\" open=\"open\""))
    }

    @Test func severalSamplesAreSaid() {
        var other = Contested.pgd
        other.sample = "1k"
        other.samples = Array(other.samples.prefix(4))
        for level in other.levels.indices {
            other.levels[level].outcomes = Array(other.levels[level].outcomes.prefix(4))
        }
        #expect(page([Contested.fgsm, other]).contains("samples of 4 and 6 test images"))
        #expect(page([Contested.fgsm]).contains("All attacks start from the same 6 test images"))
    }

    @Test func theHeadTellsWhatIsLeftWithinABudget() {
        let html = page([Contested.deepfool, Contested.pgd])
        #expect(html.contains("still read correctly under PGD at ε 0.2"))
        #expect(!page([Contested.deepfool]).contains("still read correctly under"))
    }

    @Test func oneAttackAloneIsNotComparedWithItself() {
        #expect(!page([Contested.fgsm]).contains("All attacks together"))
    }

    @Test func warningsAreSaidTwiceAndEscaped() {
        var attack = Contested.fgsm
        attack.warnings = ["Gradients are zero for 3 <images>."]
        let html = page([attack])
        #expect(html.components(of: "Gradients are zero for 3 &lt;images&gt;.") == 2)
    }

    @Test func winnersOfPartsAreSharesOfTheImagesAttacked() {
        var attack = Contested.budgeted("autoattack", [(0.1, [0, 1]), (0.2, [0, 1, 2])])
        attack.words = ["winner": ["apgd-ce", "square"]]
        attack.notes = [
            "winner": [0, 1, .nan, .nan, .nan, .nan, 0, 0, 1, .nan, .nan, .nan]
        ]
        let text = words(of: page([attack])).split(whereSeparator: \.isWhitespace).joined(
            separator: " ")
        // Of five images: one each at ε 0.1; two and one at ε 0.2.
        #expect(text.contains("APGD-CE 20.0 % 40.0 %"))
        #expect(text.contains("Square 20.0 % 20.0 %"))
        // A note of another length is left out.
        attack.notes = ["winner": [0, 1]]
        #expect(!page([attack]).contains("<th scope=\"row\">APGD-CE"))
    }

    @Test func everyOtherClassHasABestAMeanAndAWorstCase() {
        var attack = Contested.seeking("cw-l2", [0: 1, 1: 1])
        attack.goal = "each-other"
        // Three classes: image 0 reaches both others (1 and 3), image 1 one of them (2).
        var reached = Array(repeating: false, count: 18)
        var sizes = Array(repeating: Float.nan, count: 18)
        for (place, size) in [(1, Float(1)), (2, 3), (3, 2)] {
            (reached[place], sizes[place]) = (true, size)
        }
        attack.each = .init(classes: 3, isReached: reached, distances: sizes)
        let cases = attack.targetCases(at: 0)
        #expect(cases?.pairs == 10 && cases?.reached == 3 && cases?.complete == 1)
        #expect(cases?.best == 1.5 && cases?.worst == 2.5 && cases?.mean == 2)
        #expect(page([attack]).contains("every other class in turn"))
        attack.each = .init(classes: 3, isReached: [true], distances: [1])
        #expect(attack.targetCases(at: 0) == nil)
    }

    @Test func everyMethodHasWordsOfItsOwn() {
        let methods = AttackCatalogue.all.map { $0.name }
        var titles: Set<String> = []
        for method in methods {
            var attack = Contested.fgsm
            (attack.name, attack.method) = (method, method)
            let text = AttackText(attack)
            #expect(!text.explanation.contains("The method \(method)"), "\(method)")
            #expect(text.short.count <= 17 && text.explanation.hasSuffix("."), "\(method)")
            titles.insert(text.title)
            #expect(!words(of: page([attack])).contains("*"), "\(method)")
        }
        #expect(titles.count == methods.count)
        var unknown = Contested.fgsm
        (unknown.method, unknown.summary) = ("walk", "A walk.")
        #expect(AttackText(unknown).explanation.hasPrefix("A walk. The method walk"))
    }
}

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
        #expect(checks([masked, Contested.seeking("fab", [4: 0.4])])[3].verdict == .passed)
        let small = checks([Contested.pgd, Contested.deepfool])[3]
        #expect(small.verdict == .notApplicable && small.evidence.contains("DeepFool turned 60.0"))
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
        #expect(lost.evidence.contains("3 of 3"))
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(of text: String) -> Int {
        var (count, rest) = (0, self[...])
        while let found = rest.firstRange(of: text) {
            count += 1
            rest = rest[found.upperBound...]
        }
        return count
    }
}
