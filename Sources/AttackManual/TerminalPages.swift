// The manual for a terminal: all attacks, a line each, and all about one of them.

import Artifacts
import AttackCards
import Attacks

/// What `stage-attack` answers when it is asked about attacks.
public enum AttackManual {
    /// An answer to a command line.
    public enum Answer: Equatable, Sendable {
        /// A page for standard output.
        case page(String)
        /// A name that no attack has: a message for standard error.
        case unknown(String)
    }

    /// The answer to the words of a command line (without the program's name); nil where they ask for
    /// something else. `--list`, `--help NAME` (`-h NAME`, `help NAME`), `--catalogue`.
    public static func answer(_ words: [String]) -> Answer? {
        let isAsked = ["--list", "--catalogue", "--help", "-h", "help"].contains(words.first)
        if isAsked, let fault = fault(among: AttackCatalogue.all) { return .unknown(fault) }
        switch (words.first, words.count) {
        case ("--list", 1): return .page(list)
        case ("--catalogue", 1): return .page(catalogue)
        case ("--help", 2), ("-h", 2), ("help", 2):
            // A flag behind it is a stage's own affair.
            guard !words[1].hasPrefix("-") else { return nil }
            if let page = page(of: words[1]) { return .page(page) }
            let near = Spelling.nearest(to: words[1], among: ManualEntry.all.map(\.card.name))
            return .unknown(
                "there is no attack \(words[1].debugDescription); "
                    + (near.map { "did you mean \($0)? " } ?? "")
                    + "`stage-attack --list` has all")
        default: return nil
        }
    }

    /// What is wrong with the cards: whoever adds an attack learns here what its card lacks.
    static func fault(among attacks: [any Attack.Type]) -> String? {
        if let fault = AttackCards.faults.first { return "\(AttackCards.folder)/\(fault)" }
        guard let kind = attacks.first(where: { AttackCards.named($0.name) == nil }) else {
            return nil
        }
        return
            "the attack \(kind.name) has no card; write \(AttackCards.folder)/\(kind).md, with a "
            + "line `- Name: `\(kind.name)`` (PGD.md is an example)"
    }

    /// How wide the pages are, in characters.
    static let width = 80

    /// All attacks, a line each, grouped as the catalogue is.
    public static var list: String {
        let longest = ManualEntry.all.map(\.card.name.count).max() ?? 0
        let groups = AttackCard.Family.allCases.compactMap { family -> String? in
            let members = ManualEntry.all.filter { $0.card.family == family }
            guard !members.isEmpty else { return nil }
            let lines = members.map { entry in
                let name = entry.card.name
                let space = String(repeating: " ", count: longest - name.count + 2)
                return "  \(name)\(space)\(entry.card.summary)"
            }
            return ([family.rawValue.uppercased()] + lines).joined(separator: "\n")
        }
        return (groups + ["All about one: stage-attack --help NAME"]).joined(separator: "\n\n")
    }

    /// All about one attack; nil where there is none of that name.
    public static func page(of name: String) -> String? {
        guard let entry = ManualEntry.all.first(where: { $0.card.name == name }) else { return nil }
        let card = entry.card
        var parts = ["\(name) · \(card.title)", wrapped(card.summary)]
        parts += card.plainWords.map { item in
            let condition = words(item.conditions)
            return wrapped(
                (condition.map { "W\($0.dropFirst()): " } ?? "") + plain(item.value.source))
        }
        parts.append(facts(entry))
        if !entry.settings.isEmpty { parts.append(settings(entry)) }
        if !card.papers.isEmpty {
            let lines = card.papers.flatMap { paper in
                let authors = paper.authors.joined(separator: ", ")
                return [
                    wrapped("\(authors): \(paper.title), \(paper.year)", "  "), "  \(paper.link)",
                ]
            }
            parts.append(
                ([card.papers.count > 1 ? "PAPERS" : "PAPER"] + lines).joined(separator: "\n"))
        }
        parts.append("In full: \(AttackCards.folder)/\(card.file)")
        return parts.joined(separator: "\n\n")
    }

    private static func facts(_ entry: ManualEntry) -> String {
        var rows = [
            ("asks for", entry.asks),
            ("norms", entry.norms.joined(separator: ", ")),
            ("goals", entry.goals.joined(separator: ", ")),
            (
                "budget",
                entry.isWithinBudgets ? "the epsilons given" : "none: it looks for the least change"
            ),
            ("random", entry.isRandom ? "yes, so that restarts are other tries" : "no"),
        ]
        if entry.isOfTheSet {
            rows.append(("results", "belong to the whole sample, not to each image"))
        }
        for note in entry.card.notes {
            let values = note.values.enumerated().map { "\($0) \($1)" }.joined(separator: ", ")
            rows.append(
                (
                    "stores",
                    "extra.\(note.name): \(plain(note.meaning))"
                        + (values.isEmpty ? "" : " (\(values))")
                ))
        }
        return rows.map { title, text in
            let space = String(repeating: " ", count: 9 - title.count)
            return wrapped(text, String(repeating: " ", count: 11), first: "  \(title)\(space)")
        }.joined(separator: "\n")
    }

    private static func settings(_ entry: ManualEntry) -> String {
        let lines = entry.settings.map { setting in
            let conditions = entry.card.uses.first { $0.value == setting.key }?.conditions ?? []
            // That a setting has a part where it is not at its default goes without saying.
            let others = conditions.filter { $0.key != setting.key }
            let condition = words(others).map { "; \($0)" } ?? ""
            let facts = "\(setting.range); default \(setting.standard)\(condition)"
            return wrapped("\(setting.flag) (\(facts))", "      ", first: "  ") + "\n"
                + wrapped(setting.help, "      ")
        }
        return "SETTINGS of its own, keys of the config (`stage-attack --help` has those of all)\n"
            + lines.joined(separator: "\n")
    }

    /// A condition as words: `where norm is l1 or l2 and untargeted`; nil for none.
    private static func words(_ conditions: [CardCondition]) -> String? {
        guard !conditions.isEmpty else { return nil }
        let all = conditions.map { condition in
            switch condition {
            case .targeted: "targeted"
            case .untargeted: "untargeted"
            case .isOne(let key, let values): "\(key) is \(values.joined(separator: " or "))"
            case .isNone(let key, let values): "\(key) is not \(values.joined(separator: " or "))"
            }
        }
        return "where " + all.joined(separator: " and ")
    }

    /// Without the signs of a card: `{steps or many}` is told as `steps`.
    static func plain(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "{"), let end = rest[start...].firstIndex(of: "}") {
            let insert = rest[rest.index(after: start)..<end]
            let key = insert.firstRange(of: " or ").map { insert[..<$0.lowerBound] } ?? insert
            result += rest[..<start] + "‹\(key)›"
            rest = rest[rest.index(after: end)...]
        }
        return (result + rest).filter { $0 != "`" }
    }

    /// A paragraph in lines of at most `width` characters, cut at spaces.
    static func wrapped(_ text: String, _ indent: String = "", first: String? = nil) -> String {
        var lines: [String] = []
        var line = first ?? indent
        var isEmpty = true
        for word in text.split(separator: " ") {
            if !isEmpty && line.count + 1 + word.count > width {
                lines.append(line)
                (line, isEmpty) = (indent, true)
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return (lines + [line]).joined(separator: "\n")
    }
}
