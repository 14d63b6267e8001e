// Two sides on six images: which images, budgets and attacks are compared, and what the page says of them.

import Tensors
import Testing

@testable import Report

@Suite struct PairedPageTests {
    private static func side(_ title: String, _ attacks: [AttackRun], digest: String = "aa")
        -> ComparedSide
    {
        var side = ComparedSide(title: title, experiment: title)
        side.attacks = attacks.map { attack in
            var attack = attack
            (attack.dataset, attack.origin) = ("blobs", "sample/6.safetensors")
            return attack
        }
        side.classes = ["0", "1", "2"]
        side.nodes = [
            ComparedNode(
                name: "train-mlp", stage: "train",
                settings: ["epochs": (digest == "aa" ? "5" : "50", digest == "aa" ? "5" : "50")],
                outputs: [("model/….safetensors", String(repeating: digest, count: 32))])
        ]
        return side
    }

    /// B's FGSM turns two more images at 0.2, and no PGD was run on it.
    static let study = PairedStudy(
        side("first", [SixImages.fgsm, SixImages.pgd, SixImages.deepfool]),
        side(
            "second <b>",
            [SixImages.budgeted("fgsm", [(0.1, [0]), (0.2, [0, 1, 2, 3])]), SixImages.deepfool],
            digest: "bb"))

    @Test func anImageStandsIfNoAttackOfItsSideTurnsIt() throws {
        let study = Self.study
        #expect(study.images == 6 && study.leftOut == 0 && !study.isIdentical)
        let all = study.figures.filter { !$0.isOfShared }
        #expect(all.map(\.epsilon) == [0.1, 0.2])
        // A: 0.1 leaves 2, 3, 4; 0.2 leaves 3, 4 (2 falls to DeepFool at 0.15). B: 1, 2, 3, 4; 4.
        #expect(all[0].shares == PairedShares(both: 3, onlyA: 0, onlyB: 1, neither: 2))
        #expect(all[1].shares == PairedShares(both: 1, onlyA: 1, onlyB: 0, neither: 4))
    }

    @Test func attacksThatBothRanAreCountedByThemselves() {
        // Without A's PGD: 0.2 leaves 3, 4 on A and 4 on B.
        let shared = Self.study.figures.filter(\.isOfShared)
        #expect(shared.map(\.epsilon) == [0.1, 0.2])
        #expect(shared[0].shares == PairedShares(both: 4, onlyA: 0, onlyB: 0, neither: 2))
        #expect(Self.study.isUneven && Self.study.groups[0].onlyA == ["pgd"])
        let even = PairedStudy(
            Self.side("a", [SixImages.fgsm]), Self.side("b", [SixImages.fgsm], digest: "bb"))
        #expect(!even.isUneven && even.figures.allSatisfy { !$0.isOfShared })
    }

    @Test func theGateNamesWhereBIsWorse() {
        var study = Self.study
        study.gate = 0.16
        #expect(study.failures.map(\.epsilon) == [0.2, 0.2])
        #expect(study.failures[0].place == "L∞ at ε 0.2, all attacks of each side")
        #expect(
            study.failures[0].shares.words.contains(
                "33.3\u{202F}% → 16.7\u{202F}% of 6 images, −16.7 points"))
        #expect(study.failures[0].shares.words.contains("not significant"))
        #expect(study.gateWords?.hasPrefix("The gate does not hold: at 2 of 4 places") == true)
        study.gate = 0.17
        study.isPartial = true
        #expect(study.gateFailures.isEmpty && study.gateWords?.hasPrefix("The gate holds") == true)
    }

    @Test func theGateCountsWhatIsReadBeforeAnyAttack() {
        // Turned at 0.5 on both sides, and so at no other place worse; but B misreads two from the start.
        let attack = SixImages.budgeted("fgsm", [(0.5, [0, 1, 2, 3, 4, 5])])
        var worse = attack
        for place in 3...4 { worse.samples[place].answer = (worse.samples[place].label + 1) % 3 }
        var study = PairedStudy(
            Self.side("a", [attack]), Self.side("b", [worse], digest: "bb"))
        study.gate = 0.3
        #expect(study.failures.isEmpty)
        #expect(study.gateFailures.count == 1)
        #expect(
            study.gateFailures.first?.hasPrefix("before any attack: 83.3\u{202F}% → 50.0\u{202F}%")
                == true, "\(study.gateFailures)")
        #expect(study.gateWords?.contains("B reads fewer images before any attack") == true)
        study.gate = 0.34
        #expect(study.gateFailures.isEmpty)
    }

    private static let l2: AttackRun = {
        var attack = SixImages.fgsm
        (attack.name, attack.norm) = ("fgsm-l2", "l2")
        return attack
    }()

    /// What A has beside FGSM, and how it is said that B was not tried with it.
    @Test(arguments: [
        ([SixImages.pgd], "L∞ of blobs: A was attacked with pgd, B was not"),
        ([l2], "L₂ of blobs: only A has attacks of that kind (fgsm-l2)"),
        (
            [SixImages.budgeted("fgsm", model: "cnn", [(0.1, [0])])],
            "the network cnn: only A has it"
        ),
        ([SixImages.budgeted("pgd", [(0.3, [0])])], "L∞ of blobs: only A has results at ε 0.3"),
    ])
    func theGateAsksForAllThatAHas(_ more: [AttackRun], _ words: String) {
        let (a, b) = (Self.side("a", [SixImages.fgsm] + more), Self.side("b", [SixImages.fgsm]))
        var study = PairedStudy(a, b)
        #expect(study.gateFailures.isEmpty)
        study.gate = 0.9
        #expect(study.failures.isEmpty && study.gateFailures.contains(words))
        #expect(study.gateWords == "The gate does not hold: B was not tried with all that A was.")
        #expect(study.rendered().html.contains(words))
        study.isPartial = true
        #expect(study.gateWords?.hasPrefix("The gate holds") == true)
        #expect(study.gateWords?.hasSuffix("What A has and B lacks was not asked for.") == true)
        // What B has beside is no lack; it is said all the same.
        var turned = PairedStudy(b, a)
        turned.gate = 0.9
        #expect(
            turned.gateFailures.isEmpty && turned.gateWords?.hasPrefix("The gate holds") == true)
        #expect(!turned.obstacles.isEmpty || turned.uneven == ["L∞: only B has pgd"])
    }

    @Test func theGateAsksForAllThatAnAttackHas() {
        func lacking(_ a: AttackRun, _ b: AttackRun) -> [String] {
            PairedStudy(
                Self.side("a", [SixImages.fgsm, a]), Self.side("b", [SixImages.fgsm, b])
            ).lacking
        }
        let short = SixImages.budgeted("pgd", [(0.1, [0, 1])])
        #expect(
            lacking(SixImages.pgd, short) == ["L∞ of blobs, pgd: A was given ε 0.2, B was not"])
        #expect(lacking(short, SixImages.pgd) == [])
        #expect(
            lacking(SixImages.pgd, SixImages.pgd.onFirst(4))
                == ["L∞ of blobs, pgd: A was given 2 images that B was not"])
        #expect(lacking(SixImages.pgd.onFirst(4), SixImages.pgd) == [])
    }

    @Test func picturesThatAreNotTheSameAreLeftOut() {
        var other = SixImages.fgsm
        other.originals.withMutableFloats { $0[16 * 3 + 5] = Float($0[16 * 3 + 5]).nextUp }
        let study = PairedStudy(
            Self.side("a", [SixImages.fgsm]), Self.side("b", [other], digest: "bb"))
        #expect(study.images == 5 && study.unequal.map(\.index) == [103])
        #expect(study.rendered().html.contains("(number 103)"))
        other.samples[0].label = 2
        #expect(
            PairedStudy(Self.side("a", [SixImages.fgsm]), Self.side("b", [other])).images == 4)
    }

    @Test func whatHasNothingInCommonIsSaid() {
        let far = SixImages.budgeted("fgsm", [(0.3, [0])])
        let study = PairedStudy(Self.side("a", [SixImages.fgsm]), Self.side("b", [far]))
        #expect(study.figures.isEmpty)
        #expect(study.obstacles == ["L∞ of blobs: no ε in common: A has 0.1, 0.2, B 0.3"])
        let other = PairedStudy(Self.side("a", [SixImages.fgsm]), Self.side("b", [Tiny.noise]))
        #expect(other.figures.isEmpty && other.obstacles.count == 2)
    }

    @Test func leastChangesAreComparedAtTheQuartilesOfA() {
        let least = SixImages.minimumNorm("deepfool", [0: 0.1, 1: 0.2, 2: 0.3, 3: 0.4, 4: 0.5])
        let nearer = SixImages.minimumNorm("deepfool", [0: 0.05, 1: 0.1, 2: 0.15, 3: 0.4])
        let study = PairedStudy(Self.side("a", [least]), Self.side("b", [nearer], digest: "bb"))
        #expect(study.figures.map { ($0.epsilon * 10).rounded() } == [2, 3, 4])
        #expect(study.figures.map(\.shares.a) == [3, 2, 1])
        #expect(study.figures.map(\.shares.b) == [2, 2, 1])
        #expect(study.rendered().html.contains("0.300 ("))
    }

    @Test func equalSidesAreSaidToBeEqual() {
        let side = Self.side("a", [SixImages.fgsm, SixImages.deepfool])
        let study = PairedStudy(side, side)
        #expect(study.isIdentical && study.figures.allSatisfy { $0.shares.difference == 0 })
        #expect(study.rendered().html.contains("A and B are the same"))
    }

    /// Each image of the sample many times, so that chance explains little.
    @Test func theHeadlineSaysWhatIsSignificant() {
        #expect(
            Self.study.headline.hasPrefix(
                "At none of 2 budgets is the difference between A and B significant (McNemar’s exact test at "
                    + "5\u{202F}%, corrected by Holm’s method for 2 tests)."))
        let (a, b) = (SixImages.fgsm, SixImages.budgeted("fgsm", [(0.1, [0]), (0.2, [0, 1, 2])]))
        let worse = PairedStudy(
            Self.side("a", [a.repeated(10)]), Self.side("b", [b.repeated(10)], digest: "bb"))
        #expect(
            worse.headline.hasPrefix(
                "B stands significantly less often than A at 1 of 2 budgets, and at none significantly more"
            ))
        let better = PairedStudy(
            Self.side("a", [b.repeated(10)]), Self.side("b", [a.repeated(10)], digest: "bb"))
        #expect(better.headline.contains("significantly more often than A at 1 of 2 budgets"))
        // B lacks an attack that turned more: only what both ran is told.
        let uneven = PairedStudy(
            Self.side(
                "a",
                [a.repeated(10), SixImages.budgeted("pgd", [(0.1, [0, 1, 2, 3])]).repeated(10)]),
            Self.side("b", [a.repeated(10)], digest: "bb"))
        #expect(uneven.tellingFigures.allSatisfy(\.isOfShared) && !uneven.tellingFigures.isEmpty)
        #expect(uneven.headline.contains("At none of"), "\(uneven.headline)")
        #expect(uneven.headline.contains("under the attacks that both sides ran"))
        // p is 2⁻⁵: below 5 % by itself, and not as the less of two.
        let few = PairedStudy(
            Self.side("a", [a.repeated(6)]), Self.side("b", [b.repeated(6)], digest: "bb"))
        #expect(few.figures[1].shares.isSignificant && few.headline.contains("At none of 2"))
    }

    @Test func aPathFromTheRootIsCutToItsEnd() {
        for (name, title) in [
            ("mnist", "mnist"), ("old/more/artifacts", "old/more/artifacts"),
            ("/artifacts", "/artifacts"),
            ("/old/artifacts/", "/old/artifacts"),
            ("/home/somebody/old/artifacts:original", "…/old/artifacts:original"),
        ] { #expect(ComparedSide.title(name) == title) }
    }

    @Test func settingsThatNobodyChangedAreNoExplanation() {
        let words = "No setting is another one"
        let same = Self.side("a", [SixImages.fgsm])
        #expect(!PairedStudy(same, same).rendered().html.contains(words))
        var more = same
        more.nodes.append(
            ComparedNode(name: "attack-x", stage: "attack", settings: [:], outputs: []))
        #expect(!PairedStudy(same, more).rendered().html.contains(words))
        var other = same
        other.nodes[0].outputs[0].digest = "cc"
        #expect(PairedStudy(same, other).rendered().html.contains(words))
    }

    /// Two attacks of which each saw another half.
    @Test func imagesThatNoTwoAttacksSawAreNotPassedOverInSilence() {
        let one = SixImages.fgsm.onFirst(3)
        var other = SixImages.pgd.onFirst(3)
        for image in other.samples.indices { other.samples[image].index += 3 }
        let words = "No image set was seen whole by two attacks of each side"
        let side = Self.side("a", [one, other])
        let study = PairedStudy(side, Self.side("b", [one, other], digest: "bb"))
        #expect(study.groups[0].joint.isPatchy && study.groups[0].joint.images.count == 6)
        #expect(study.rendered().html.contains(words))
        #expect(!Self.study.rendered().html.contains(words))
    }

    @Test func thePageIsWellFormedAndAlwaysTheSame() {
        let page = Self.study.rendered()
        #expect(faults(in: page.html) == [])
        #expect(page.html == Self.study.rendered().html)
        #expect(page.figures > 2 && page.tables > 3)
        #expect(page.html.contains("second &lt;b&gt;") && !page.html.contains("second <b>"))
        for words in [
            "McNemar", "Newcombe", "epochs", "bbbbbbbbbbbb", "lost by A alone", "only A has pgd",
        ] {
            #expect(page.html.contains(words), "\(words)")
        }
        for word in ["http:", "https:", "src="] { #expect(!page.html.contains(word)) }
    }
}
