// The page's part on all attacks together: the picture, the tables, warnings and key figures.

import AttackCards
import Testing

@testable import Report

@Suite struct EvaluationPageTests {
    private func page(_ attacks: [AttackRun]) -> String {
        let page = SixImages.study(attacks).rendered().html
        #expect(faults(in: page) == [])
        return page
    }

    @Test func thePictureHasALineForEachAttackAndTheWorstCaseWithItsBand() {
        let html = page([SixImages.fgsm, SixImages.pgd, SixImages.deepfool])
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
            var attack = number.isMultiple(of: 2) ? SixImages.fgsm : SixImages.deepfool
            attack.name = "attack-\(number)"
            return attack
        }
        let html = page(attacks)
        #expect(!html.contains("<details class=\"attack\" open"))
        #expect(html.components(of: "<details class=\"attack\"") == 35)
        // Once among the contents, and once in the leaderboard.
        #expect(html.components(of: "<li><a href=\"#attack-attack-7\"") == 1)
        #expect(html.components(of: "<th scope=\"row\"><a href=\"#attack-attack-7\"") == 1)
        #expect(html.utf8.count < 1_000_000)
        #expect(page([SixImages.fgsm]).contains("<details class=\"attack\" open=\"open\""))
    }

    @Test func severalSamplesAreSaid() {
        var other = SixImages.pgd
        other.sample = "1k"
        other.samples = Array(other.samples.prefix(4))
        for level in other.levels.indices {
            other.levels[level].outcomes = Array(other.levels[level].outcomes.prefix(4))
        }
        #expect(page([SixImages.fgsm, other]).contains("samples of 4 and 6 test images"))
        #expect(page([SixImages.fgsm]).contains("All attacks start from the same 6 test images"))
    }

    @Test func theHeadTellsWhatIsLeftWithinABudget() {
        let html = page([SixImages.deepfool, SixImages.pgd])
        // At ε 0.1 three of six stand; DeepFool, PGD: at ε 0.1 one and two of five, at 0.2 two and three.
        let text = words(of: html)
        #expect(
            text.contains(
                "of 6 images still read correctly under 2 attacks together (the strongest that saw "
                    + "them all: PGD) at ε 0.1 in L∞; 95\u{202F}% interval 18.8–81.2\u{202F}%"))
        #expect(!page([SixImages.deepfool]).contains("still read correctly under"))
        #expect(page([SixImages.pgd]).contains("still read correctly under PGD at ε 0.1 in L∞"))
    }

    @Test func oneAttackAloneIsNotComparedWithItself() {
        #expect(!page([SixImages.fgsm]).contains("All attacks together"))
    }

    @Test func warningsAreSaidTwiceAndEscaped() {
        var attack = SixImages.fgsm
        attack.warnings = ["Gradients are zero for 3 <images>."]
        let html = page([attack])
        #expect(html.components(of: "Gradients are zero for 3 &lt;images&gt;.") == 2)
    }

    @Test func winnersOfPartsAreSharesOfTheImagesAttacked() {
        var attack = SixImages.budgeted("autoattack", [(0.1, [0, 1]), (0.2, [0, 1, 2])])
        attack.words = ["winner": ["apgd-ce", "square"]]
        attack.notes = [
            "winner": [0, 1, .nan, .nan, .nan, .nan, 0, 0, 1, .nan, .nan, .nan]
        ]
        let text = words(of: page([attack])).split(whereSeparator: \.isWhitespace).joined(
            separator: " ")
        // Of five images: one each at ε 0.1; two and one at ε 0.2.
        #expect(text.contains("APGD-CE 20.0 % 40.0 %"))
        #expect(text.contains("Square 20.0 % 20.0 %"))
        // What the numbers are is said as the card says it.
        #expect(text.contains("winner, the part that broke the image, as a share of the images"))
        #expect(
            text.contains("The attack’s file also holds, for each image: extra.winner , the part"))
        // A note of another length is left out.
        attack.notes = ["winner": [0, 1]]
        #expect(!page([attack]).contains("<th scope=\"row\">APGD-CE"))
    }

    @Test func everyOtherClassHasABestAMeanAndAWorstCase() {
        var attack = SixImages.minimumNorm("cw-l2", [0: 1, 1: 1])
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
        let methods = AttackCards.all.map(\.name)
        var titles: Set<String> = []
        for method in methods {
            var attack = SixImages.fgsm
            (attack.name, attack.method) = (method, method)
            let text = AttackText(attack)
            #expect(!text.explanation.contains("The method \(method)"), "\(method)")
            #expect(text.short.count <= 17 && text.explanation.hasSuffix("."), "\(method)")
            titles.insert(text.title)
            #expect(!words(of: page([attack])).contains("*"), "\(method)")
        }
        #expect(titles.count == methods.count)
        var unknown = SixImages.fgsm
        unknown.method = "walk"
        #expect(AttackText(unknown).explanation.hasPrefix("The method walk proposes"))
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
