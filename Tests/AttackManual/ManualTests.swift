// What the manual of the attacks says, and that the page in the repository is the one that it makes.

import AttackCards
import Attacks
import Foundation
import Testing

@testable import AttackManual

@Suite struct ManualTests {
    private func lines(_ text: String) -> [Substring] {
        text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    @Test func theListHasALineForEveryAttack() {
        let list = lines(AttackManual.list)
        for kind in AttackCatalogue.all {
            #expect(list.count { $0.hasPrefix("  \(kind.name) ") } == 1, "\(kind.name)")
        }
        // No more than families with an empty line each, and the last.
        #expect(list.count <= AttackCatalogue.all.count + 2 * 7 + 1)
        for line in list { #expect(line.count <= 110, "\(line)") }
    }

    private struct Uncarded: GradientAttack {
        static let facts = AttackFacts("uncarded", norms: [.linf], budget: .each)
        func step(_ batch: inout Batch<Void>, on oracle: inout some GradientOracle) throws {}
    }

    /// Whoever adds an attack asks for the list next.
    @Test func anAttackWithoutACardIsNamed() {
        #expect(AttackManual.fault(among: AttackCatalogue.all) == nil)
        #expect(
            AttackManual.fault(among: AttackCatalogue.all + [Uncarded.self])
                == "the attack uncarded has no card; write Sources/Attacks/Catalogue/Uncarded.md, "
                + "with a line `- Name: `uncarded`` (PGD.md is an example)")
    }

    @Test func aPageHasAllAboutAnAttack() throws {
        let page = try #require(AttackManual.page(of: "pgd"))
        for text in [
            "pgd · Projected gradient descent\n", "  norms    linf, l2, l1\n",
            "  goals    untargeted, random-other, least-likely, fixed, each-other\n",
            "  budget   the epsilons given\n", "  random   yes",
            "Where norm is l2: A step follows the gradient itself, scaled to a fixed length.",
            "it takes ‹steps› small",
            "--steps (1…1,000,000 steps; default 40)\n      gradient steps",
            "--step-size (1e-9…1,000; default 1/30)",
            "--step-unit (epsilon | pixels; default epsilon)",
            "--random-start (true | false; default true)",
            "--share (0…1; default 0.01; where norm is l1)\n", "PAPER\n  Madry, Makelov,",
            "  https://arxiv.org/abs/1706.06083\n", "Sources/Attacks/Catalogue/PGD.md",
        ] {
            #expect(page.contains(text), "\(text)\nis not in\n\(page)")
        }
        let signs = try #require(AttackManual.page(of: "fgsm"))
        #expect(signs.contains("--space (pixels | normalised; default pixels)\n"))
        #expect(
            signs.contains("--search-steps (1…10,000; default 255; where least_epsilon is yes)"))
        let winner = try #require(AttackManual.page(of: "autoattack"))
        #expect(winner.contains("  goals    untargeted\n"))
        #expect(
            winner.contains(
                "  stores   extra.winner: the part that broke the image (0 apgd-ce, 1"), "\(winner)"
        )
        #expect(AttackManual.page(of: "pdg") == nil)
    }

    @Test func everySettingOfEveryAttackIsOnItsPage() throws {
        for kind in AttackCatalogue.all {
            let page = try #require(AttackManual.page(of: kind.name))
            for setting in kind.settings {
                let flag = "--" + setting.name.replacing("_", with: "-")
                #expect(page.contains("  \(flag) ("), "\(kind.name) \(flag)")
            }
            for line in lines(page) where !line.contains("https://") {
                #expect(line.count <= AttackManual.width, "\(kind.name): \(line)")
            }
            #expect(!page.contains("`") || page.contains("`stage-attack"), "\(kind.name)")
        }
    }

    @Test func onlyQuestionsAboutAttacksAreAnswered() {
        #expect(AttackManual.answer(["--list"]) == .page(AttackManual.list))
        #expect(AttackManual.answer(["--catalogue"]) == .page(AttackManual.catalogue))
        for word in ["--help", "-h", "help"] {
            #expect(
                AttackManual.answer([word, "fgsm"])
                    == AttackManual.page(of: "fgsm").map { .page($0) })
        }
        for words in [
            [], ["--help"], ["--help", "--version"], ["--config", "a"], ["--list", "a"],
        ] {
            #expect(AttackManual.answer(words) == nil, "\(words)")
        }
        #expect(
            AttackManual.answer(["--help", "deepfol"])
                == .unknown(
                    "there is no attack \"deepfol\"; did you mean deepfool? `stage-attack --list` "
                        + "has all"))
    }

    /// `stage-attack --catalogue > Sources/Attacks/README.md` renews it.
    @Test func theCatalogueInTheRepositoryIsCurrent() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: AttackManual.catalogueFile)
        let stored = try String(contentsOf: file, encoding: .utf8)
        let made = AttackManual.catalogue + "\n"
        let place = zip(lines(stored), lines(made)).enumerated().first { $1.0 != $1.1 }?.offset
        let number = (place ?? min(lines(stored).count, lines(made).count)) + 1
        #expect(
            stored == made,
            """
            \(AttackManual.catalogueFile):\(number): not as the cards and the attacks have it; \
            `stage-attack --catalogue > \(AttackManual.catalogueFile)` renews it
            """)
    }

    @Test func theCatalogueHasEveryAttackWithItsCard() throws {
        let page = AttackManual.catalogue
        for kind in AttackCatalogue.all {
            let card = try #require(AttackCards.named(kind.name))
            #expect(page.contains("| [`\(kind.name)`](Catalogue/\(card.file)) | "), "\(kind.name)")
            for setting in kind.settings {
                #expect(page.contains(" | `\(setting.name)` | "), "\(kind.name)")
            }
        }
        // A bar in a cell would end it.
        #expect(page.contains(#"epsilon \| pixels"#))
    }
}
