// The catalogue as a Markdown page, `Sources/Attacks/README.md`: made from the cards and the facts, never
// written by hand.

import AttackCards

extension AttackManual {
    /// The file that the page is in, from the root of the package.
    public static let catalogueFile = "Sources/Attacks/README.md"

    /// The page, without a line end at its end.
    public static var catalogue: String {
        let families = AttackCard.Family.allCases.filter { family in
            ManualEntry.all.contains { $0.card.family == family }
        }
        return
            ([Self.introduction] + families.map(section) + [notes])
            .joined(separator: "\n\n")
    }

    private static var introduction: String {
        """
        # The attacks

        \(ManualEntry.all.count) attacks, each a Swift file with the facts that change what is \
        computed and a card in `Catalogue/` with the words: how it works for a reader without \
        mathematics, its formula, its papers, what it stores, and the method in full with what \
        differs from other libraries. This page is made from both by `stage-attack --catalogue`, \
        and a test holds it to them; it is not written by hand.

        A budget “ε” means that the attack works within each of the `epsilons` of a config; “least” \
        that it looks for the least change. Goals are `untargeted`, `random-other`, `least-likely`, \
        `fixed` and `each-other`; “any” means all of them. What an attack asks for is its type, and \
        so the threat: gradients (and logits), scores (logits alone) or decisions (the class \
        answered, and nothing else). An attack that draws is tried again by \
        `restarts`.

        All but `spatial`, which moves the image as a whole, take a `mask` of the pixels that may change \
        and `channel_bounds` in place of 0 and 1. They work as on an image of these pixels alone: \
        gradients are 0 elsewhere, and steps, random draws and guesses are among them.
        """
    }

    private static func section(_ family: AttackCard.Family) -> String {
        let entries = ManualEntry.all.filter { $0.card.family == family }
        let title = family.rawValue.prefix(1).uppercased() + family.rawValue.dropFirst()
        let attacks = table(
            ["attack", "what it does", "asks for", "norms", "goals", "budget", "draws", "paper"],
            entries.map { entry in
                let card = entry.card
                let goals = entry.takesAnyGoal ? "any" : entry.goals.joined(separator: ", ")
                return [
                    "[`\(card.name)`](Catalogue/\(card.file))", "\(card.title): \(card.summary)",
                    entry.asks, entry.norms.map(symbol).joined(separator: ", "), goals,
                    entry.isWithinBudgets ? "ε" : "least", entry.isRandom ? "yes" : "",
                    card.papers.map { "[\($0.citation)](\($0.link))" }.joined(separator: ", "),
                ]
            })
        let settings = table(
            ["attack", "setting", "values", "default", "what it does"],
            entries.flatMap { entry in
                entry.settings.enumerated().map { place, setting in
                    [
                        place == 0 ? "`\(entry.card.name)`" : "", "`\(setting.key)`",
                        setting.range, setting.standard, setting.help,
                    ]
                }
            })
        return "## \(title)\n\n\(attacks)\n\n\(settings)"
    }

    private static var notes: String {
        let rows = ManualEntry.all.flatMap { entry in
            entry.card.notes.map { note in
                let values = note.values.enumerated().map { "\($0): `\($1)`" }
                return [
                    "`extra.\(note.name)`", "`\(entry.card.name)`",
                    note.meaning
                        + (values.isEmpty ? "" : "; " + values.joined(separator: ", ")),
                ]
            }
        }
        return "## What attacks store of each image, beside the common record\n\n"
            + table(["tensor", "attack", "meaning"], rows)
    }

    private static func table(_ head: [String], _ rows: [[String]]) -> String {
        func line(_ cells: [String]) -> String {
            "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
        }
        let rule = "|" + String(repeating: "---|", count: head.count)
        return ([line(head), rule] + rows.map(line)).joined(separator: "\n")
    }

    private static func symbol(_ norm: String) -> String {
        ["linf": "L∞", "l2": "L2", "l1": "L1", "l0": "L0"][norm] ?? norm
    }
}
