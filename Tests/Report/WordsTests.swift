// What the page says of methods and settings: chosen by how an attack was run.

import AttackCards
import Testing

@testable import Report

@Suite struct WordsTests {
    private func attack(
        _ method: String, norm: String = "linf", _ config: [(key: String, value: String)] = []
    ) -> AttackRun {
        var attack = SixImages.minimumNorm(method, [0: 0.1, 1: 0.2])
        (attack.norm, attack.config) = (norm, config)
        return attack
    }

    private func explanation(_ attack: AttackRun) -> String { AttackText(attack).explanation }

    private func text(_ attacks: [AttackRun]) -> String {
        let html = SixImages.study(attacks).rendered().html
        #expect(faults(in: html) == [])
        return words(of: html)
    }

    @Test func wordsFollowFromSettings() {
        #expect(explanation(attack("uniform-noise", [("shape", "signs")])).contains("ε or by −ε"))
        #expect(
            explanation(attack("uniform-noise", [("shape", "uniform")]))
                .contains("drawn evenly between −ε and ε"))
        #expect(
            explanation(attack("least-epsilon", [("of", "bim")])).hasSuffix("that attack is BIM."))
        #expect(!explanation(attack("autoattack")).contains("no settings"))
        #expect(explanation(attack("cw-l2", norm: "l2")).contains("x′ = (tanh w + 1) / 2"))
        #expect(
            explanation(attack("cw-l0", norm: "l0")).contains("the third of the changed values"))
        #expect(explanation(attack("fmn")).contains("first-order estimate"))
    }

    /// A mask and bounds are told where there are any, and make another comparison.
    @Test func limitsAreToldInWords() {
        var masked = attack("pgd")
        #expect(masked.limitsInWords == nil)
        masked.limits.mask = .init(digest: "a", mayChange: 392, values: 784)
        #expect(
            masked.limitsInWords
                == "Only 392 of the 784 values of an image might change, those that the mask leaves open; "
                + "all others keep every bit.")
        #expect(text([masked]).contains("Only 392 of the 784 values"))
        var bounded = attack("pgd")
        bounded.limits.bounds = [0.1...0.9, 0...1]
        #expect(
            bounded.limitsInWords?.hasPrefix(
                "Values stay within 0.1…0.9 and 0…1, channel by channel,")
                == true)
        var plain = attack("pgd")
        (plain.name, bounded.name) = ("plain", "bounded")
        #expect(Comparison.all([masked, bounded, plain]).count == 3)
        #expect(Comparison.all([plain, attack("pgd")]).count == 1)
    }

    @Test func formulasFollowFromNormAndGoal() {
        func formula(_ attack: AttackRun) -> String? {
            attack.card?.formula(of: attack.cardRun)?.source
        }
        // The multi-class step: differences of logits, and the class with the least quotient.
        let inL2 = formula(attack("deepfool", norm: "l2"))
        #expect(inL2?.contains("*z*[k] − *z*[y]") == true)
        #expect(inL2?.contains("‖*w*[k]‖² · *w*[k]") == true)
        #expect(formula(attack("deepfool"))?.contains("‖*w*[k]‖₁ · sign") == true)
        #expect(formula(attack("bim")) != nil)
        #expect(formula(attack("bim", norm: "l2")) == nil)
        var targeted = attack("cw-l2", norm: "l2")
        for place in targeted.samples.indices { targeted.samples[place].target = 1 }
        #expect(formula(targeted) == nil)
    }

    @Test func aFormulaIsMarkupAndIsSpoken() throws {
        let formula = try #require(AttackText(attack("pgd", [("steps", "40")])).formula)
        let html = formula.written
        #expect(html.contains("project<sub><i>ε</i></sub>( <i>x′</i> + <i>α</i> · sign <i>g</i> )"))
        #expect(html.contains("aria-label=\"x becomes the projection of x plus alpha"))
    }

    @Test func theSaliencyMapAttackSaysItsBoundAndWhoStoppedThere() {
        // Of sixteen values a quarter is four: two moves. Images 2 and 3 had two, image 4 one.
        var map = attack("jsma", norm: "l0", [("gamma", "0.25"), ("theta", "1")])
        for (image, moves) in [(2, 2), (3, 2), (4, 1)] {
            map.levels[0].outcomes[image].iterations = moves
        }
        #expect(map.changeLimit?.values == 4)
        #expect(map.failuresAtLimit(at: map.levels[0]) == 2)
        let page = text([map])
        #expect(page.contains("γ = 0.25 of an image’s values may change, which is 4 of 16"))
        #expect(
            page.contains(
                "Of the 3 failures, 2 had changed as many values as γ allows; for the others no pair of "
                    + "pixels was left."))
        // With smaller moves the count of moves does not tell.
        map.config[1].value = "0.5"
        #expect(map.failuresAtLimit(at: map.levels[0]) == nil)
    }

    @Test func distancesAreInTheAttacksOwnNorm() {
        for (norm, axis) in [
            ("linf", "largest change of a pixel (L∞)"), ("l2", "straight-line distance (L₂)"),
            ("l1", "sum of all changes (L₁)"), ("l0", "values changed (L₀)"),
        ] {
            let page = text([attack("fmn", norm: norm)])
            #expect(page.contains("\(Wording.norm(norm)) distance by image"), "\(norm)")
            #expect(page.contains(axis), "\(norm)")
        }
    }

    @Test func onlySettingsInUseAreShown() {
        func keys(_ attack: AttackRun) -> [String] { attack.shownSettings.map(\.key) }
        let all = [
            ("attack", "deepfool"), ("epsilons", ""), ("labels", "true"), ("overshoot", "0.02"),
            ("restarts", "1"), ("seed", "1"),
        ]
        #expect(keys(attack("deepfool", all)) == ["overshoot"])
        #expect(keys(attack("fgsm", [("space", "pixels")])) == [])
        #expect(keys(attack("fgsm", [("space", "normalised")])) == ["space"])
        #expect(
            keys(attack("square", [("restarts", "1"), ("seed", "1")])) == ["restarts", "seed"])
        let noise = [("regularization", "none"), ("regularization_weight", "1")]
        #expect(keys(attack("noise-sgd", noise)) == ["regularization"])
        #expect(
            keys(attack("fgsm", [("least_epsilon", "no"), ("search_steps", "255")])) == [])
        #expect(
            keys(attack("fgsm", [("least_epsilon", "yes"), ("search_steps", "255")])).count == 2)
        #expect(keys(attack("pgd", [("share", "0.01")])) == [])
        #expect(keys(attack("pgd", norm: "l1", [("share", "0.01")])) == ["share"])
        // Those of an attack within another follow its own card.
        #expect(keys(attack("least-epsilon", [("of", "pgd"), ("share", "0.01")])) == ["of"])
    }

    private static let numbers: [(value: Double, text: String)] = [
        (1.0 / 30, "1/30"), (Double(Float(1) / 30), "1/30"), (0.05, "0.05"), (1.0 / 512, "1/512"),
        (2.0 / 3, "2/3"), (-1.0 / 30, "−1/30"), (0.0333333, "0.0333333"), (40, "40"),
        (0.123456789, "0.123456789"),
    ]

    @Test(arguments: numbers)
    func fractionsAreWrittenAsFractions(value: Double, text: String) {
        #expect(Numerals.setting(value) == text)
    }

    // MARK: Variants

    private func noise(_ penalty: String) -> AttackRun {
        var noise = Tiny.noise
        (noise.name, noise.config) = (
            "noise-\(penalty)", [("max_steps", "1000"), ("regularization", penalty)]
        )
        return noise
    }

    @Test func runsThatDifferInASettingAreOnePart() {
        let study = SixImages.study([noise("none"), SixImages.fgsm, noise("l1"), noise("l2")])
        #expect(
            study.variants.map { $0.map(\.name) } == [
                ["noise-none", "noise-l1", "noise-l2"], ["fgsm"],
            ])
        let html = study.rendered().html
        #expect(faults(in: html) == [])
        let page = words(of: html)
        #expect(
            page.contains("Optimised noise: the variants, which differ in regularization alone."))
        #expect(html.contains("<h3 id=\"variants-noise-none-h\">Optimised noise</h3>"))
        for name in ["none", "l1", "l2"] {
            #expect(html.contains("<h4 id=\"attack-noise-\(name)-h\">"), "\(name)")
        }
    }

    @Test func otherAttacksAreNoVariants() {
        var elsewhere = noise("l1")
        elsewhere.model = "other"
        // The same settings twice are two runs, and three settings apart is another attack.
        let twice = noise("none")
        var far = noise("l2")
        far.config = [("max_steps", "9"), ("step_size", "1"), ("regularization", "l2")]
        let study = SixImages.study([noise("none"), elsewhere, twice, far])
        #expect(study.variants.map(\.count) == [1, 1, 1, 1])
    }

    @Test func sharedBeginningsEndAtASeparator() {
        #expect(Page.beginning(["A b, c", "A b, d"], at: ", ") == "A b")
        #expect(Page.beginning(["One. Two.", "One. Three."], at: ". ") == "One.")
        #expect(Page.beginning(["Same.", "Same."], at: ". ") == "Same.")
        #expect(Page.beginning(["Other.", "Same."], at: ". ") == "")
    }

    // MARK: Sources

    @Test func everyMethodAndDataSetHasASource() {
        for method in AttackCards.all.map(\.name) {
            let isOurs = ["least-epsilon", "uniform-noise", "salt-and-pepper"].contains(method)
            #expect(Source.papers(of: method).isEmpty == isOurs, "\(method)")
        }
        #expect(Source.data("mnist")?.text.contains("CC BY-SA 3.0") == true)
        #expect(Source.data("fashion-mnist")?.text.contains("Zalando") == true)
        var study = Tiny.study
        study.dataset?.name = "mnist"
        let html = study.rendered().html
        #expect(html.contains("<a href=\"https://arxiv.org/abs/1412.6572\">Goodfellow"))
        #expect(html.contains("Corinna Cortes"))
        #expect(words(of: html).contains("Mirage 1.0"))
    }
}
