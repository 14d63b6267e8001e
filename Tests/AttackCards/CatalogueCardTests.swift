// The cards of the catalogue, compared with the attacks that they speak of.

import Attacks
import Testing

@testable import AttackCards

@Suite struct CatalogueCardTests {
    private func line(_ card: AttackCard, _ line: Int) -> String {
        "\(AttackCards.folder)/\(card.file):\(line)"
    }

    /// The first line of a card that begins so.
    private func line(_ card: AttackCard, _ beginning: String) -> String {
        let text = embeddedCards.first { $0.file == card.file }?.text ?? ""
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return line(card, 1 + (lines.firstIndex { $0.hasPrefix(beginning) } ?? 0))
    }

    @Test func everyCardCanBeRead() {
        for fault in AttackCards.faults { Issue.record("\(fault)") }
        #expect(!AttackCards.all.isEmpty)
    }

    @Test func everyAttackHasACardAndEveryCardAnAttack() {
        let names = Set(AttackCatalogue.all.map { $0.name })
        for name in names where AttackCards.named(name) == nil {
            let line = "- Name: `\(name)`"
            Issue.record("\(AttackCards.folder)/: no card has the line “\(line)” of that attack")
        }
        // The two files of an attack lie together under the name of its type.
        for kind in AttackCatalogue.all {
            guard let card = AttackCards.named(kind.name) else { continue }
            #expect(card.file == "\(kind).md", "\(AttackCards.folder)/\(card.file)")
        }
        for card in AttackCards.all where !names.contains(card.name) {
            Issue.record("\(line(card, "- Name")): the name `\(card.name)` is of no attack")
        }
    }

    @Test func cardsSayWhatTheAttacksAre() {
        for kind in AttackCatalogue.all {
            guard let card = AttackCards.named(kind.name) else { continue }
            #expect(card.isRandom == kind.isRandom, "\(line(card, "- Random")): not so")
            for (note, values) in kind.words {
                #expect(
                    card.notes.first { $0.name == note }?.values == values,
                    "\(line(card, "- `\(note)`")): what the values of `\(note)` stand for")
            }
        }
    }

    /// Settings that every attack has, and the goal's own.
    private static let common: Set<String> = ["norm", "goal", "labels", "restarts", "seed"]

    /// What a card says of runs with a setting can be true: the attack has it, and the value.
    @Test func conditionsAndValuesAreOfSettingsThatExist() {
        for kind in AttackCatalogue.all {
            guard let card = AttackCards.named(kind.name) else { continue }
            let settings = Dictionary(
                kind.settings.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
            func check(_ conditions: [CardCondition], _ place: Int) {
                for condition in conditions {
                    guard
                        case .isOne(let key, let values) = condition.asOne
                    else { continue }
                    if key == "norm" {
                        for value in values {
                            #expect(
                                kind.norms.contains { $0.rawValue == value },
                                "\(line(card, place)): `norm` is never `\(value)`")
                        }
                    } else if let setting = settings[key] {
                        for value in values {
                            #expect(
                                setting.kind.allows(value),
                                "\(line(card, place)): `\(key)` is never `\(value)`")
                        }
                    } else {
                        #expect(
                            Self.common.contains(key),
                            "\(line(card, place)): there is no setting `\(key)`")
                    }
                }
            }
            for item in card.uses {
                #expect(
                    settings[item.value] != nil,
                    "\(line(card, item.line)): there is no setting `\(item.value)`")
            }
            for item in card.titles + card.shorts + card.uses { check(item.conditions, item.line) }
            for item in card.formulas { check(item.conditions, item.line) }
            for item in card.plainWords {
                check(item.conditions, item.line)
                for case .insert(let insert) in item.value.parts {
                    guard let key = insert.key else { continue }
                    #expect(
                        settings[key] != nil || Self.common.contains(key),
                        "\(line(card, item.line)): there is no setting `\(key)`")
                }
            }
        }
    }

    /// Whatever the settings, there is something to say.
    @Test func everyRunHasPlainWords() {
        for kind in AttackCatalogue.all {
            guard let card = AttackCards.named(kind.name) else { continue }
            for norm in kind.norms {
                for isTargeted in [false, true] {
                    let settings = kind.settings.map { ($0.name, $0.standard.text) }
                    let values = Dictionary(
                        settings + [("norm", norm.rawValue), ("restarts", "2")],
                        uniquingKeysWith: { first, _ in first })
                    let run = CardRun(isTargeted: isTargeted, setting: { values[$0] }) { _ in "1" }
                    let text = card.plainWords(of: run)
                    #expect(text.count > 60, "\(line(card, "## In plain")): \(text)")
                    #expect(
                        !text.contains("{") && text.hasSuffix("."),
                        "\(line(card, "## In plain")): \(text)")
                }
            }
        }
    }

    @Test func aPaperIsWrittenTheSameInEveryCard() {
        var known: [String: AttackCard.Paper] = [:]
        for card in AttackCards.all {
            for paper in card.papers {
                let first = known[paper.link] ?? paper
                #expect(
                    paper == first, "\(line(card, "- Paper")): \(paper.link) is written in two ways"
                )
                known[paper.link] = first
            }
        }
        #expect(known.count > 20)
    }

    @Test func shortNamesAreDistinctAndShort() {
        let names = AttackCards.all.map(\.short)
        #expect(Set(names).count == names.count)
        for card in AttackCards.all {
            #expect(
                card.short.count <= 14, "\(line(card, "- Short")): “\(card.short)” is not short")
            #expect(card.summary.count <= 90, "\(line(card, 3)): the summary is long")
        }
    }
}

extension CardCondition {
    /// The setting and its values, whichever way the condition goes.
    fileprivate var asOne: CardCondition {
        if case .isNone(let key, let values) = self { .isOne(key: key, of: values) } else { self }
    }
}

extension SettingDescription.Kind {
    fileprivate func allows(_ value: String) -> Bool {
        switch self {
        case .choice(let words): words.contains(value)
        case .flag: ["yes", "no"].contains(value)
        case .integer(let range): Int(value).map(range.contains) ?? false
        case .number(let range): Double(value).map(range.contains) ?? false
        }
    }
}

extension SettingDescription.Value {
    fileprivate var text: String {
        switch self {
        case .number(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .text(let word): word
        case .flag(let isOn): isOn ? "yes" : "no"
        }
    }
}
