// The form of a card: what is read, and where each slip is found.

import Testing

@testable import AttackCards

@Suite struct CardParserTests {
    private static let card = """
        # Half sign steps

        Sign steps of half the length,
        repeated.

        - Name: `half-sign`
        - Short: HS
        - Title when targeted: Half sign steps, towards a class
        - Short when `norm` is `l2`: HS₂
        - Setting `width` when `shape` is not `point` and targeted
        - Family: gradient steps within a budget
        - Paper: Doe, van der Berg, 2031: [Halves: a study](https://arxiv.org/abs/1)
        - Paper: Roe, 2030: [Wholes](https://arxiv.org/abs/2)
        - Checks: many steps
        - Random: no

        ## In plain words

        It goes half the way,
        {steps or several} times.

        - When `norm` is `l1` or `l2` and untargeted: The length is
          scaled.
        - When `restarts` is not `1`: It is tried {restarts} times.

        And {gamma of values} of {values} values move.

        ## Formula

        - When targeted: *x* − *ε*/2 · *g*[*t*]
          Spoken: x minus half of epsilon times g t
        - Always: *x* + [ *ε*/2 ] · *g*[y]
          Spoken: x plus half of epsilon times g y

        ## Notes

        - `winner`: the half
          that won
          - 0: `left`
          - 1: `right`
        - `rest`: what is left

        ## Method

        Long.

        - A list, `code`, {braces} and *stars* are free here.

        """

    private func read(_ text: String) throws -> AttackCard {
        var parser = CardParser(file: "HalfSign.md", text: text)
        return try parser.card()
    }

    private func run(
        targeted: Bool = false, _ settings: [String: String] = [:]
    ) -> CardRun {
        CardRun(isTargeted: targeted, setting: { settings[$0] }) { insert in
            switch insert {
            case .values: "16"
            case .share("gamma"): settings["gamma"].map { _ in "4" }
            default: nil
            }
        }
    }

    @Test func everyPartIsRead() throws {
        let card = try read(Self.card)
        #expect(card.title == "Half sign steps" && card.name == "half-sign" && card.short == "HS")
        #expect(card.summary == "Sign steps of half the length, repeated.")
        #expect(card.family == .gradientSteps && card.check == .manySteps && !card.isRandom)
        #expect(
            card.papers == [
                .init(
                    authors: ["Doe", "van der Berg"], year: 2031, title: "Halves: a study",
                    link: "https://arxiv.org/abs/1"),
                .init(
                    authors: ["Roe"], year: 2030, title: "Wholes",
                    link: "https://arxiv.org/abs/2"),
            ])
        #expect(card.citations == " (Doe 2031; Roe 2030)")
        #expect(
            card.notes == [
                .init(name: "winner", meaning: "the half that won", values: ["left", "right"]),
                .init(name: "rest", meaning: "what is left", values: []),
            ])
        #expect(card.method.hasPrefix("Long.\n\n- A list") && card.method.hasSuffix("here."))
    }

    @Test func wordsFollowTheRun() throws {
        let card = try read(Self.card)
        #expect(card.plainWords(of: run()) == "It goes half the way, several times.")
        #expect(
            card.plainWords(
                of: run(["norm": "l2", "steps": "7", "restarts": "3", "gamma": "0.25"]))
                == "It goes half the way, 7 times. The length is scaled. It is tried 3 times. "
                + "And 4 of 16 values move.")
        #expect(
            card.plainWords(of: run(targeted: true, ["norm": "l2", "restarts": "1"]))
                == "It goes half the way, several times.")
        #expect(card.title(of: run(targeted: true)) == "Half sign steps, towards a class")
        #expect(card.title(of: run()) == "Half sign steps")
        #expect(card.specialShort(of: run(["norm": "l2"])) == "HS₂")
        #expect(card.specialShort(of: run(["norm": "l1"])) == nil)
        // A setting that the card says nothing of has a part in every run.
        #expect(card.uses("width", in: run(targeted: true, ["shape": "line"])))
        #expect(!card.uses("width", in: run(["shape": "line"])))
        #expect(!card.uses("width", in: run(targeted: true, ["shape": "point"])))
        #expect(card.uses("length", in: run()))
    }

    @Test func formulasHaveSymbolsAndWhatIsBelowTheLine() throws {
        let card = try read(Self.card)
        let towards = try #require(card.formula(of: run(targeted: true)))
        #expect(towards.spoken == "x minus half of epsilon times g t")
        #expect(
            towards.parts == [
                .symbol("x"), .plain(" − "), .symbol("ε"), .plain("/2 · "), .symbol("g"),
                .below([.symbol("t")]),
            ])
        let away = try #require(card.formula(of: run()))
        // A bracket behind a space is a bracket.
        #expect(
            away.parts == [
                .symbol("x"), .plain(" + [ "), .symbol("ε"), .plain("/2 ] · "), .symbol("g"),
                .below([.plain("y")]),
            ])
    }

    /// A slip, the line that it is in, and what is expected there.
    private static let slips: [(old: String, new: String, line: Int, expected: String)] = [
        ("# Half sign steps", "Half sign steps", 1, "a title, `# …`"),
        ("repeated.\n\n", "repeated.\n", 5, "an empty line"),
        ("- Short: HS", "- short: HS", 7, "`- Short: …`"),
        ("- Name: `half-sign`", "- Name: half-sign", 6, "a name between backticks"),
        ("within a budget", "within budgets", 11, "one of “gradient steps within a budget”"),
        ("2031: [", "[", 12, "`Author, Author, year: [title](https://…)` or `none`"),
        ("https://arxiv.org/abs/2", "arxiv.org/abs/2", 13, "`Author, Author, year:"),
        ("- Paper: Roe, 2030: [Wholes](https://arxiv.org/abs/2)", "- Paper: none", 15, "papers"),
        ("- Checks: many steps", "- Checks: many", 14, "one of “one step”"),
        ("- Random: no", "- Random: never", 15, "`yes` or `no`"),
        ("## In plain words", "## Plain words", 17, "`## In plain words`"),
        ("{steps or several}", "{steps|several}", 19, "`{setting}`"),
        ("{steps or several}", "steps}", 19, "`{setting}`"),
        ("- When `norm` is", "- If `norm` is", 22, "`When …: …`"),
        ("`l1` or `l2`", "l1", 22, "`targeted`, `untargeted`"),
        ("and untargeted: The", "untargeted The", 22, "`and`, or a colon"),
        ("  Spoken: x minus half of epsilon times g t\n", "", 30, "the formula in words"),
        ("*g*[*t*]", "*g[*t*]", 30, "a star that ends"),
        ("*g*[y]", "*g*[y", 32, "a bracket that ends"),
        ("*g*[y]", "*g", 32, "a star that ends"),
        ("- Always: *x*", "- Ever: *x*", 32, "`When …: …`"),
        ("  - 1: `right`", "  - 2: `right`", 37, "values counted from 0, `- 1: `word``"),
        ("- `rest`: what", "- rest: what", 41, "an item, `- `name`: what it says`"),
        ("## Method", "## The method", 43, "`## Method`"),
        ("## Notes", "## Numbers", 35, "`## Method`"),
        ("Long.\n\n- A list, `code`, {braces} and *stars* are free here.", "", 45, "the method"),
        ("when `shape`", "if `shape`", 10, "`- Setting `name` when …`"),
        ("- Setting `width`", "- Setting width", 10, "a name between backticks"),
        ("is not `point`", "not `point`", 10, "`targeted`, `untargeted`"),
    ]

    @Test(arguments: slips.indices)
    func aSlipIsFoundInItsLine(place: Int) throws {
        let slip = Self.slips[place]
        let text = try #require(Self.card.firstRange(of: slip.old)).lowerBound
        var broken = Self.card
        broken.replaceSubrange(
            text..<broken.index(text, offsetBy: slip.old.count), with: slip.new)
        let fault = #expect(throws: CardFault.self) { try read(broken) }
        #expect(fault?.line == slip.line, "\(fault.map { "\($0)" } ?? "")")
        #expect(fault?.expected.hasPrefix(slip.expected) == true, "\(fault?.expected ?? "")")
        #expect(
            fault?.description.hasPrefix("Sources/Attacks/Catalogue/HalfSign.md:\(slip.line): ")
                == true)
    }

    @Test func twoCardsOfOneNameAreAFault() {
        let read = AttackCards.reading([("A.md", Self.card), ("B.md", Self.card), ("C.md", "")])
        #expect(read.cards.map(\.file) == ["A.md"])
        #expect(
            read.faults.map { "\($0)" } == [
                "Sources/Attacks/Catalogue/B.md:6: expected a name that no other card has, found "
                    + "`half-sign`, the name in A.md",
                "Sources/Attacks/Catalogue/C.md:1: expected a title, `# …`, found an empty line",
            ])
    }
}
