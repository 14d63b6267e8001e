// Attacks joined image by image: the worst case over them, fair sets and points, ranks by pairs.

import Testing

@testable import Report

@Suite struct ComparisonTests {
    private let comparison = Comparison.all([SixImages.fgsm, SixImages.pgd, SixImages.deepfool])

    @Test func attacksOfOneNormAndNetworkBelongTogether() {
        #expect(comparison.count == 1 && comparison[0].entries.count == 3)
        var noise = Tiny.noise
        noise.sample = "another"
        let apart = Comparison.all([
            SixImages.fgsm, SixImages.budgeted("pgd", model: "other", [(0.1, [0])]), noise,
        ])
        #expect(apart.map(\.norm) == ["linf", "linf", "l2"])
        #expect(apart.map(\.model) == ["mlp", "other", ""])
    }

    @Test func anImageStandsOnlyIfNoAttackTurnsItWithinTheBudget() {
        // Least distances by image: 0.05, 0.1, 0.15, 0.3, none; the sixth was misread before.
        let found = [0.04, 0.05, 0.1, 0.149, 0.15, 0.2, 0.3, 1].map(comparison[0].standing(at:))
        #expect(found == [5, 4, 3, 3, 2, 2, 1, 1])
        #expect(comparison[0].right == 5 && comparison[0].images == 6)
    }

    @Test func aSuccessWithinABudgetIsNoFartherThanTheBudget() {
        // 0.1 as a float is a little more than 0.1; the image falls at ε 0.1 all the same.
        var attack = SixImages.fgsm
        attack.levels[0].outcomes[0].linf = Float(0.1).nextUp
        #expect(Comparison.all([attack, SixImages.pgd])[0].standing(at: 0.1) == 3)
    }

    @Test func eachAttackIsCountedAtItsOwnBudgets() {
        let entries = comparison[0].entries
        #expect(entries[0].fooled(at: 0.1) == 1 && entries[0].fooled(at: 0.15) == nil)
        #expect([0.04, 0.05, 0.15, 0.3].map { entries[2].fooled(at: $0) } == [0, 1, 2, 3])
        #expect(comparison[0].standing(at: 0.2, under: entries[1]) == 2)
    }

    @Test func winnersAreCounted() {
        // Nearest: image 0 deepfool; 1 pgd (0.1 before 0.2); 2 deepfool; 3 deepfool.
        #expect(comparison[0].entries.map(comparison[0].nearest) == [0, 1, 3])
        #expect((0..<3).map { comparison[0].alone($0, at: 0.1) } == [0, 1, 0])
        #expect((0..<3).map { comparison[0].alone($0, at: 0.3) } == [0, 0, 1])
        let tie = Comparison.all([SixImages.fgsm, SixImages.fgsm])[0]
        #expect(tie.entries.map(tie.nearest) == [2, 2])
    }

    @Test func theReferenceIsTheBudgetOfMostAttacksNearestToHalf() {
        // At 0.1 three of five stand, at 0.2 two: both are half an image away from 2.5.
        #expect(comparison[0].reference == 0.1)
        let more = SixImages.budgeted("bim", [(0.2, [0, 1]), (0.4, [0, 1, 2, 3])])
        #expect(Comparison.all([SixImages.fgsm, SixImages.pgd, more])[0].reference == 0.2)
        let minimumNorm = Comparison.all([
            SixImages.deepfool, SixImages.minimumNorm("fab", [0: 0.25]),
        ])[0]
        #expect(minimumNorm.reference == 0.15000000596046448)
        #expect(Comparison.all([SixImages.minimumNorm("fab", [:])])[0].reference == nil)
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

    // MARK: Samples that overlap

    @Test func attacksOnOverlappingSamplesAreJoinedImageByImage() {
        // A strong attack that saw four of six images in another order.
        var strong = SixImages.budgeted("apgd-ce", [(0.1, [0, 1, 2])]).onFirst(4)
        strong.samples.reverse()
        strong.levels[0].outcomes.reverse()
        let comparisons = Comparison.all([SixImages.fgsm, SixImages.pgd, strong])
        #expect(comparisons.count == 1)
        let comparison = comparisons[0]
        #expect(comparison.isRight.count == 6 && comparison.common.count == 4)
        // Images 0, 1 and 2 fall at ε 0.1, whoever did it; of the six 3 and 4 stand.
        #expect(comparison.worst.map { $0 <= 0.1 } == [true, true, true, false, false, false])
        let six = Comparison.ImageSet(images: Array(0..<6), full: [])
        #expect(comparison.standing(at: 0.1, of: six) == 2)
        #expect(comparison.entries[2].fooled(at: 0.1, of: [2, 3]) == 1)
        // “Nearest” and “alone” are of the four images that all saw.
        #expect(comparison.alone(2, at: 0.1) == 1)
    }

    @Test func anImageIsKnownByItsDataSetNumberAndLabel() {
        var other = SixImages.pgd
        other.dataset = "another"
        #expect(Comparison.all([SixImages.fgsm, other]).count == 2)
        other = SixImages.pgd
        for place in other.samples.indices { other.samples[place].index += 50 }
        #expect(Comparison.all([SixImages.fgsm, other]).count == 2)
        other = SixImages.pgd
        other.samples[0].label = 2
        #expect(Comparison.all([SixImages.fgsm, other])[0].common.count == 5)
    }

    /// A hundred images under a weak attack, ten of them under a strong one: the interval of ten is
    /// wide, but the weak attack leaves nearly all.
    @Test func theSetIsTheOneOnWhichMostIsShown() {
        func comparison(_ times: Int) -> Comparison {
            // Six images each time, of which five are right; the strong attack turns four of them.
            let weak = SixImages.budgeted("uniform-noise", [(0.1, [0])]).repeated(40)
            var signs = SixImages.budgeted("fgsm", [(0.1, [0]), (0.2, [0, 1])]).repeated(40)
            signs.name = "signs"
            let strong = SixImages.budgeted("pgd", [(0.1, [0, 1, 2, 3])]).repeated(40)
                .onFirst(6 * times)
            return Comparison.all([weak, signs, strong])[0]
        }
        let enough = comparison(10)
        #expect(enough.sets.map(\.images.count) == [60, 240])
        #expect(enough.images == 60 && enough.chosen.full == [0, 1, 2])
        #expect(enough.standing(at: 0.1) == 10)
        // One image tells nothing.
        let few = comparison(1)
        #expect(few.sets.map(\.images.count) == [6, 240])
        #expect(few.images == 240 || few.images == 6)
        #expect(
            Statistics.wilson(few.standing(at: 0.1), of: few.images).high
                <= few.sets.map {
                    Statistics.wilson(few.standing(at: 0.1, of: $0), of: $0.images.count).high
                }.max() ?? 0)
    }

    @Test func aPointIsDrawnOnlyWhereTheStrongestWasRun() {
        // PGD is stronger where both were run, and was not given ε 0.3; FGSM's 0.3 says nothing.
        let signs = SixImages.budgeted("fgsm", [(0.1, [0]), (0.2, [0, 1]), (0.3, [0, 1])])
        let comparison = Comparison.all([signs, SixImages.pgd])[0]
        #expect([0, 0.1, 0.2, 0.3].map { comparison.isFair(at: $0) } == [true, true, true, false])
        // Between its budgets what it found at the smaller one counts, and no line lies lower.
        let between = SixImages.budgeted("bim", [(0.1, [0]), (0.15, [0, 1]), (0.2, [0, 1])])
        let joined = Comparison.all([between, SixImages.pgd])[0]
        #expect(joined.isFair(at: 0.15) && joined.standing(at: 0.15) == 3)
        // One that leaves hardly more carries the line on: of 600 images two more than PGD.
        let many = SixImages.budgeted("pgd", [(0.1, [0, 1])]).repeated(100)
        var near = SixImages.minimumNorm("fab", [0: 0.05, 1: 0.06, 2: 0.3]).repeated(100)
        for place in [0, 6] { near.levels[0].outcomes[place].linf = 0.11 }
        #expect(Comparison.all([many, near])[0].isFair(at: 0.3))
        for place in stride(from: 0, to: 48, by: 6) {
            near.levels[0].outcomes[place].linf = 0.11
        }
        #expect(!Comparison.all([many, near])[0].isFair(at: 0.25))
        // Where nothing stands there is nothing left for the stronger one.
        let all = SixImages.budgeted("fgsm", [(0.1, [0]), (0.2, [0]), (0.3, [0, 1, 2, 3, 4])])
        #expect(Comparison.all([all, SixImages.pgd])[0].isFair(at: 0.3))
        // One that looks for the least change and is the strongest has something to say anywhere.
        let fmn = SixImages.minimumNorm("fmn", [0: 0.05, 1: 0.06, 2: 0.07, 3: 0.08])
        #expect(Comparison.all([signs, SixImages.pgd, fmn])[0].isFair(at: 0.3))
    }

    // MARK: Ranks

    @Test func ranksFollowFromPairsAndNotFromWhereACurveEnds() {
        // FGSM goes on to ε 0.9 and turns everything; PGD, stronger at each shared ε, ends at 0.2.
        let signs = SixImages.budgeted(
            "fgsm", [(0.1, [0]), (0.2, [0, 1]), (0.5, [0, 1, 2, 3]), (0.9, [0, 1, 2, 3, 4])])
        #expect(Comparison.all([SixImages.pgd, signs])[0].order == [1, 0])
        #expect(Comparison.all([signs, SixImages.pgd])[0].order == [0, 1])
    }

    @Test func ranksAreOfSharedImages() {
        // On the three images that both saw the second attack turns two, the first one; that the
        // first also saw three on which it fails is no matter.
        let first = SixImages.budgeted("fgsm", [(0.1, [0, 3, 4])])
        let second = SixImages.budgeted("bim", [(0.1, [0, 1])]).onFirst(3)
        #expect(Comparison.all([second, first])[0].order == [1, 0])
        let isRight = Array(repeating: true, count: 6)
        let entries = Comparison.all([first, second])[0].entries
        #expect(Comparison.lead(entries[0], over: entries[1], isRight) == -1.0 / 3)
    }

    @Test func attacksForTheLeastChangeAreRankedByWhoCameNearer() {
        let near = SixImages.minimumNorm("fab", [0: 0.04, 2: 0.1, 3: 0.35])
        // DeepFool: 0.05, 0.15, 0.3. Nearer twice, farther once, of five images.
        let entries = Comparison.all([near, SixImages.deepfool])[0]
        #expect(entries.order == [1, 0])
        #expect(
            Comparison.lead(entries.entries[0], over: entries.entries[1], entries.isRight) == 0.2)
        let apart = SixImages.budgeted("bim", [(0.7, [0])])
        let budgeted = Comparison.all([SixImages.pgd, apart])[0]
        #expect(
            Comparison.lead(budgeted.entries[0], over: budgeted.entries[1], budgeted.isRight) == nil
        )
    }

    @Test func medianWithItsInterval() throws {
        let odd = try #require(Statistics.median(of: [3, 1, 2]))
        #expect(odd.middle == 2 && odd.low == 1 && odd.high == 3)
        let values = (1...100).map(Double.init)
        let found = try #require(Statistics.median(of: values))
        // Wilson of 50 of 100: 0.4038 to 0.5962, so ranks 41 and 60.
        #expect(found.middle == 50.5 && found.low == 41 && found.high == 60)
        #expect(Statistics.median(of: [.infinity, .infinity, 1])?.middle == .infinity)
        #expect(Statistics.median(of: []) == nil)
    }
}
