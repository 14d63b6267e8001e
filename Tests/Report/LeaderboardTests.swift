// The leaderboard: ranks, figures with addresses and digests, and who is superseded by whom.

import Testing

@testable import Report

@Suite struct LeaderboardTests {
    private func board(_ attacks: [AttackRun]) throws -> Leaderboard {
        try #require(Leaderboard(Comparison.all(attacks)[0]))
    }

    private func passes(_ count: Int, _ attack: AttackRun) -> AttackRun {
        var attack = attack
        for level in attack.levels.indices {
            for image in attack.levels[level].outcomes.indices {
                attack.levels[level].outcomes[image].forwardPasses = count
                attack.levels[level].outcomes[image].backwardPasses = count
            }
        }
        return attack
    }

    @Test func theStrongestComesFirst() throws {
        let board = try board([SixImages.fgsm, SixImages.pgd, SixImages.deepfool])
        #expect(board.epsilon == 0.1)
        #expect(board.rows.map(\.attack.name) == ["pgd", "fgsm", "deepfool"])
        // Five of six are read correctly; pgd turns two at 0.1, the others one; together three stand.
        #expect(board.rows.map(\.left) == [3, 4, 4])
        #expect(board.rows.map(\.worst) == [3, 3, 3] && board.rows.map(\.images) == [6, 6, 6])
        #expect(board.rows.map(\.wins) == [1, 0, 3] && board.turned == 4)
        // An attack without a budget takes 3, 4, … passes each way for the images in turn.
        #expect(board.rows.map(\.passes) == [4, 4, 10])
    }

    @Test func anAttackIsSupersededByOneThatLeavesNoMoreAtNoMorePasses() throws {
        func superseding(_ attacks: [AttackRun]) throws -> [String: String?] {
            let rows = try board(attacks).rows
            return Dictionary(
                uniqueKeysWithValues: rows.map { ($0.attack.name, $0.superseding?.name) })
        }
        #expect(try superseding([SixImages.fgsm, SixImages.pgd]) == ["fgsm": "pgd", "pgd": nil])
        // At more passes it is another matter.
        #expect(
            try superseding([SixImages.fgsm, passes(9, SixImages.pgd)]) == [
                "fgsm": nil, "pgd": nil,
            ])
        // By one budget alone nothing is superseded.
        let once = SixImages.budgeted("fgsm", [(0.1, [])])
        #expect(try superseding([once, SixImages.pgd]) == ["fgsm": nil, "pgd": nil])
        // Equal in all: neither.
        var twin = SixImages.fgsm
        twin.name = "twin"
        #expect(try superseding([SixImages.fgsm, twin]) == ["fgsm": nil, "twin": nil])
        // Not on all its images.
        #expect(
            try superseding([SixImages.fgsm, SixImages.pgd.onFirst(4)]) == [
                "fgsm": nil, "pgd": nil,
            ])
        // One that needs gradients does not supersede one that sees classes alone.
        var boundary = SixImages.budgeted("boundary", [(0.1, []), (0.2, [0])])
        #expect(try superseding([boundary, SixImages.pgd]) == ["boundary": nil, "pgd": nil])
        #expect(boundary.sight == 1 && SixImages.pgd.sight == 3)
        // Nor one with a freer goal one that must reach a class.
        boundary = SixImages.fgsm
        boundary.name = "targeted"
        for image in 0..<6 { boundary.samples[image].target = 1 }
        #expect(try superseding([boundary, SixImages.pgd]) == ["targeted": nil, "pgd": nil])
    }

    @Test func attacksWithoutABudgetAreComparedAtEveryDistance() throws {
        let near = SixImages.minimumNorm("deepfool", [0: 0.1, 1: 0.2, 2: 0.3])
        let far = SixImages.minimumNorm("fab", [0: 0.2, 1: 0.1, 2: 0.4])
        let crossed = SixImages.minimumNorm("fmn", [0: 0.05, 1: 0.5])
        let rows = try board([near, far, crossed]).rows
        let superseding = Dictionary(
            uniqueKeysWithValues: rows.map { ($0.attack.name, $0.superseding?.name) })
        #expect(superseding == ["deepfool": nil, "fab": "deepfool", "fmn": nil])
    }

    @Test func everyFigureHasAnAddressAndADigest() {
        var study = SixImages.study([SixImages.fgsm, SixImages.pgd])
        study.provenance += [
            ProvenanceNode(
                name: "attack-pgd", config: [], inputs: [],
                outputs: [
                    .init(name: "attack/pgd.csv", digest: "ef02"),
                    .init(name: "attack/pgd.safetensors", digest: "cd01"),
                ])
        ]
        let html = study.rendered().html
        #expect(faults(in: html) == [])
        #expect(html.contains("<td id=\"norm-0-pgd-left\">50.0\u{202F}%</td>"))
        for column in ["rank", "left", "interval", "n", "all", "passes", "wins", "median"] {
            #expect(html.contains("id=\"norm-0-fgsm-\(column)\""), "\(column)")
        }
        #expect(
            html.contains("<tr data-artifact=\"attack/pgd.safetensors\" data-sha256=\"cd01\">"))
        // What all together leave rests on all artifacts.
        #expect(
            html.contains("data-artifact=\"attack/fgsm.safetensors attack/pgd.safetensors\""))
        #expect(html.contains("<td><a href=\"#attack-pgd\">PGD</a></td>"))
    }

    @Test func itIsSaidHowRanksAndWinsCount() {
        let text = words(of: SixImages.study([SixImages.fgsm, SixImages.pgd]).rendered().html)
        for sentence in [
            "on average over all budgets at which both were run", "a tie is a win for each",
            "there must be two at least",
        ] {
            #expect(text.contains(sentence), "\(sentence)")
        }
    }

    /// What all together leave is no attack, and stays last however the attacks are sorted.
    @Test func allTogetherStandInTheFoot() throws {
        let html = SixImages.study([SixImages.fgsm, SixImages.pgd]).rendered().html
        let body = try #require(
            html.firstMatch(of: /(?s)class="data sortable leaderboard".*?<\/table>/))
        let parts = body.output.split(separator: "<tfoot>")
        #expect(parts.count == 2 && parts[1].contains("<th scope=\"row\">all together</th>"))
        #expect(!parts[0].contains("all together</th>") && !parts[1].contains("norm-0-pgd"))
        #expect(parts[1].contains("id=\"norm-0-all-left\""))
    }
}
