// Reads a card; the form is described in AttackCard.swift. Whatever departs from it is a fault with its
// line, so that a slip of the pen never becomes a hole in the report.

/// A look at the lines of one card, from top to bottom.
struct CardParser {
    private let file: String
    private let lines: [Substring]
    /// The place of the next line, from 0.
    private var place = 0
    /// The line that names the attack, from 1.
    private(set) var nameLine = 1

    init(file: String, text: String) {
        self.file = file
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The card.
    mutating func card() throws(CardFault) -> AttackCard {
        let title = try headed("# ", "a title, `# …`")
        let summary = try paragraph("a sentence that says what the attack does")
        // A field is read first: what is wrong with it is said of the line that it was in.
        let quotedName = try field("Name")
        let name = try quoted(quotedName)
        nameLine = place
        let short = try field("Short")
        let titles = try variants("Title")
        let shorts = try variants("Short")
        let uses = try settingUses()
        let family = try choice(AttackCard.Family.self, "Family")
        var papers: [AttackCard.Paper?] = []
        repeat {
            let text = try field("Paper")
            papers.append(try paper(text))
        } while next.hasPrefix("- Paper: ")
        let check = try choice(AttackCard.Check.self, "Checks")
        let random = try field("Random")
        guard ["yes", "no"].contains(random) else {
            throw fault(place, "`yes` or `no`", random)
        }
        if papers.count > 1, papers.contains(where: { $0 == nil }) {
            throw fault(place, "papers, or `- Paper: none` alone", "both")
        }
        try blank()
        let plainWords = try section("In plain words").map { block throws(CardFault) in
            try CardWords(file, block).sentence()
        }
        guard !plainWords.isEmpty else { throw fault(place, "a paragraph", "none") }
        let formulas = try optionalSection("Formula").map { block throws(CardFault) in
            try CardWords(file, block).formula()
        }
        let notes = try optionalSection("Notes").map { block throws(CardFault) in
            try CardWords(file, block).note()
        }
        _ = try headed("## Method", "`## Method`")
        let method = lines[place...].joined(separator: "\n").trimmed
        guard !method.isEmpty else { throw fault(place + 1, "the method", "nothing") }
        return AttackCard(
            file: file, name: name, title: title, short: short, titles: titles, shorts: shorts,
            uses: uses, summary: summary, family: family, papers: papers.compactMap { $0 },
            check: check,
            isRandom: random == "yes", plainWords: plainWords, formulas: formulas, notes: notes,
            method: method)
    }

    // MARK: Lines

    private var next: Substring { place < lines.count ? lines[place] : "" }

    private func fault(_ line: Int, _ expected: String, _ found: some StringProtocol) -> CardFault {
        CardFault(file, line, expected: expected, found: String(found))
    }

    /// The rest of a line with a certain beginning, and the empty line after it.
    private mutating func headed(_ prefix: String, _ wanted: String) throws(CardFault) -> String {
        guard next.hasPrefix(prefix), prefix.hasSuffix(" ") || next == prefix else {
            throw fault(place + 1, wanted, next)
        }
        let rest = next.dropFirst(prefix.count)
        place += 1
        try blank()
        return String(rest)
    }

    private mutating func blank() throws(CardFault) {
        guard next.isEmpty else { throw fault(place + 1, "an empty line", next) }
        place += 1
    }

    private mutating func paragraph(_ wanted: String) throws(CardFault) -> String {
        let start = place
        while !next.isEmpty && !next.hasPrefix("- ") && !next.hasPrefix("#") { place += 1 }
        guard place > start else { throw fault(place + 1, wanted, next) }
        let text = lines[start..<place].joined(separator: " ")
        try blank()
        return text
    }

    /// The blocks of a section: paragraphs, and items with the lines that are indented below them.
    private mutating func section(_ name: String) throws(CardFault) -> [CardBlock] {
        _ = try headed("## \(name)", "`## \(name)`")
        var blocks: [CardBlock] = []
        while place < lines.count && !next.hasPrefix("#") {
            let start = place
            let isItem = next.hasPrefix("- ")
            if next.isEmpty {
                place += 1
                continue
            }
            place += 1
            while !next.isEmpty && !next.hasPrefix("- ") && next.hasPrefix("  ") == isItem {
                place += 1
            }
            let texts = lines[start..<place].map { $0.dropFirst(isItem ? 2 : 0) }
            blocks.append(CardBlock(line: start + 1, isItem: isItem, lines: Array(texts)))
        }
        return blocks
    }

    private mutating func optionalSection(_ name: String) throws(CardFault) -> [CardBlock] {
        next == "## \(name)" ? try section(name) : []
    }

    // MARK: Fields

    private mutating func field(_ key: String) throws(CardFault) -> String {
        let prefix = "- \(key): "
        guard next.hasPrefix(prefix), next.count > prefix.count else {
            throw fault(place + 1, "`\(prefix)…`", next)
        }
        place += 1
        return String(lines[place - 1].dropFirst(prefix.count))
    }

    private func quoted(_ text: String) throws(CardFault) -> String {
        let name = text.dropFirst().dropLast()
        guard text.hasPrefix("`"), text.hasSuffix("`"), !name.isEmpty, !name.contains("`") else {
            throw fault(place, "a name between backticks", text)
        }
        return String(name)
    }

    private mutating func variants(_ key: String) throws(CardFault) -> [CardItem<String>] {
        var found: [CardItem<String>] = []
        while next.hasPrefix("- \(key) when ") {
            place += 1
            let text = "When " + lines[place - 1].dropFirst("- \(key) when ".count)
            let block = CardBlock(line: place, isItem: true, lines: [Substring(text)])
            found.append(try CardWords(file, block).conditional())
        }
        return found
    }

    /// `Setting `share` when `norm` is `l1``, for settings that have a part in some runs only.
    private mutating func settingUses() throws(CardFault) -> [CardItem<String>] {
        var found: [CardItem<String>] = []
        while next.hasPrefix("- Setting ") {
            place += 1
            let line = lines[place - 1].dropFirst("- Setting ".count)
            guard let middle = line.firstRange(of: " when ") else {
                throw fault(place, "`- Setting `name` when …`", line)
            }
            let key = try quoted(String(line[..<middle.lowerBound]))
            let text = "When \(line[middle.upperBound...]): \(key)"
            let block = CardBlock(line: place, isItem: true, lines: [Substring(text)])
            found.append(try CardWords(file, block).conditional())
        }
        return found
    }

    private mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ type: Choice.Type, _ key: String
    ) throws(CardFault) -> Choice {
        let text = try field(key)
        guard let choice = Choice(rawValue: text) else {
            let all = Choice.allCases.map { "“\($0.rawValue)”" }.joined(separator: ", ")
            throw fault(place, "one of \(all)", text)
        }
        return choice
    }

    /// `Madry, Vladu, 2018: [Its title](https://…)`; nil for `none`.
    private func paper(_ text: String) throws(CardFault) -> AttackCard.Paper? {
        guard text != "none" else { return nil }
        let halves = text.split(separator: ": [", maxSplits: 1)
        let names = (halves.first ?? "").split(separator: ", ").map(String.init)
        let ends = (halves.count > 1 ? halves[1] : "").split(separator: "](", maxSplits: 1)
        guard let year = names.last.flatMap({ Int($0) }), names.count > 1, ends.count == 2,
            ends[1].hasPrefix("https://"), ends[1].hasSuffix(")"), !ends[1].contains(" ")
        else { throw fault(place, "`Author, Author, year: [title](https://…)` or `none`", text) }
        return AttackCard.Paper(
            authors: names.dropLast(), year: year, title: String(ends[0]),
            link: String(ends[1].dropLast()))
    }
}

/// A paragraph or an item of a section.
struct CardBlock {
    /// The line of the file that it begins in, from 1.
    let line: Int
    let isItem: Bool
    /// Its lines, without the sign of an item.
    let lines: [Substring]
}

extension String {
    /// Without spaces and line ends around it.
    var trimmed: String {
        let kept = drop { $0.isWhitespace }
        let end = kept.lastIndex { !$0.isWhitespace }
        return end.map { String(kept[...$0]) } ?? ""
    }
}
