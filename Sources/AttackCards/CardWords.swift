// What stands in one block of a card: conditions, sentences with values, formulas, notes.

/// The words of a block.
struct CardWords {
    private let file: String
    private let block: CardBlock

    init(_ file: String, _ block: CardBlock) { (self.file, self.block) = (file, block) }

    private func fault(_ expected: String, _ found: some StringProtocol) -> CardFault {
        CardFault(file, block.line, expected: expected, found: String(found))
    }

    /// All lines as one.
    private var text: String { block.lines.map { String($0).trimmed }.joined(separator: " ") }

    // MARK: Kinds of blocks

    /// `When …: words`.
    func conditional() throws(CardFault) -> CardItem<String> {
        let (conditions, rest) = try conditions(text)
        return CardItem(conditions: conditions, value: rest, line: block.line)
    }

    /// A paragraph, or an item with a condition.
    func sentence() throws(CardFault) -> CardItem<CardSentence> {
        let (conditions, rest) = block.isItem ? try conditions(text) : ([], text)
        return CardItem(
            conditions: conditions,
            value: CardSentence(parts: try sentenceParts(rest), source: rest), line: block.line)
    }

    /// `When …: the formula Spoken: the same in words`, or `Always: …`.
    func formula() throws(CardFault) -> CardItem<CardFormula> {
        guard block.isItem else { throw fault("an item, `- When …` or `- Always: …`", text) }
        let always = "Always: "
        let (conditions, rest) =
            text.hasPrefix(always)
            ? ([], String(text.dropFirst(always.count))) : try conditions(text)
        guard let middle = rest.firstRange(of: " Spoken: "), middle.upperBound < rest.endIndex
        else { throw fault("the formula in words behind `Spoken: `", rest) }
        let source = String(rest[..<middle.lowerBound])
        return CardItem(
            conditions: conditions,
            value: CardFormula(
                parts: try formulaParts(source), source: source,
                spoken: String(rest[middle.upperBound...])), line: block.line)
    }

    /// `name`: its meaning, and below it what values stand for.
    func note() throws(CardFault) -> AttackCard.NoteMeaning {
        let own = block.lines.prefix { !$0.hasPrefix("- ") }.map { String($0).trimmed }
            .joined(separator: " ")
        var rest = Substring(own)
        guard block.isItem, let name = Self.quoted(&rest), rest.hasPrefix(": "), rest.count > 2
        else { throw fault("an item, `- `name`: what it says`", text) }
        var values: [String] = []
        for line in block.lines.dropFirst().drop(while: { !$0.hasPrefix("- ") }) {
            var word = line
            let number = "- \(values.count): "
            guard word.hasPrefix(number) else {
                throw fault("values counted from 0, `\(number)`word``", line)
            }
            word.removeFirst(number.count)
            guard let value = Self.quoted(&word), word.isEmpty else {
                throw fault("a word between backticks", line)
            }
            values.append(value)
        }
        return AttackCard.NoteMeaning(
            name: name, meaning: String(rest.dropFirst(2)), values: values)
    }

    // MARK: Conditions

    /// `When `norm` is `l2` and untargeted: rest`.
    private func conditions(
        _ text: String
    ) throws(CardFault) -> (conditions: [CardCondition], rest: String) {
        guard text.hasPrefix("When ") else { throw fault("`When …: …`", text) }
        var rest = text.dropFirst("When ".count)
        var found: [CardCondition] = []
        while true {
            guard let condition = Self.condition(&rest) else {
                throw fault(
                    "`targeted`, `untargeted`, or a setting and its values, such as `norm` is "
                        + "`l1` or `l2`", rest)
            }
            found.append(condition)
            if Self.take("and ", &rest) { continue }
            guard rest.hasPrefix(": "), rest.count > 2 else {
                throw fault("`and`, or a colon and words", rest)
            }
            return (found, String(rest.dropFirst(2)))
        }
    }

    private static func condition(_ rest: inout Substring) -> CardCondition? {
        if take("untargeted", &rest) { return .untargeted }
        if take("targeted", &rest) { return .targeted }
        guard let key = quoted(&rest), take("is ", &rest) else { return nil }
        let isNot = take("not ", &rest)
        guard let first = quoted(&rest) else { return nil }
        var values = [first]
        while take("or ", &rest) {
            guard let value = quoted(&rest) else { return nil }
            values.append(value)
        }
        return isNot ? .isNone(key: key, of: values) : .isOne(key: key, of: values)
    }

    /// Takes a word off the front, and a space before it.
    private static func take(_ word: String, _ rest: inout Substring) -> Bool {
        let trimmed = rest.hasPrefix(" ") ? rest.dropFirst() : rest
        guard trimmed.hasPrefix(word) else { return false }
        rest = trimmed.dropFirst(word.count)
        return true
    }

    /// Takes what stands between backticks off the front.
    private static func quoted(_ rest: inout Substring) -> String? {
        guard rest.hasPrefix("`"), let end = rest.dropFirst().firstIndex(of: "`") else {
            return nil
        }
        let word = rest[rest.index(after: rest.startIndex)..<end]
        rest = rest[rest.index(after: end)...]
        return word.isEmpty ? nil : String(word)
    }

    // MARK: Values in sentences

    private func sentenceParts(_ text: String) throws(CardFault) -> [CardSentence.Part] {
        var parts: [CardSentence.Part] = []
        var rest = Substring(text)
        while let start = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            if start > rest.startIndex { parts.append(.words(String(rest[..<start]))) }
            guard rest[start] == "{", let end = rest[start...].firstIndex(of: "}"),
                let insert = Self.insert(rest[rest.index(after: start)..<end])
            else {
                throw fault(
                    "`{setting}`, `{setting or words}`, `{setting of values}`, `{values}` or "
                        + "`{short name of setting}`", rest[start...])
            }
            parts.append(.insert(insert))
            rest = rest[rest.index(after: end)...]
        }
        if !rest.isEmpty { parts.append(.words(String(rest))) }
        return parts
    }

    private static func insert(_ text: Substring) -> CardInsert? {
        func key(_ text: Substring) -> String? {
            text.isEmpty || text.contains { !$0.isLetter && !$0.isNumber && $0 != "_" }
                ? nil : String(text)
        }
        if text == "values" { return .values }
        let (naming, sharing) = ("short name of ", " of values")
        if text.hasPrefix(naming) {
            return key(text.dropFirst(naming.count)).map { .shortName($0) }
        }
        if text.hasSuffix(sharing) { return key(text.dropLast(sharing.count)).map { .share($0) } }
        if let middle = text.firstRange(of: " or ") {
            let words = String(text[middle.upperBound...])
            return key(text[..<middle.lowerBound]).map { .setting($0, or: words) }
        }
        return key(text).map { .setting($0, or: nil) }
    }

    // MARK: Formulas

    /// Stars stand around symbols; a bracket right behind something sets what it holds below the line.
    private func formulaParts(_ text: String) throws(CardFault) -> [CardFormula.Part] {
        var open: [[CardFormula.Part]] = [[]]
        var plain = ""
        var symbol: String?
        var before: Character = " "
        func close() {
            if !plain.isEmpty { open[open.count - 1].append(.plain(plain)) }
            plain = ""
        }
        for character in text {
            switch (character, symbol) {
            case ("*", nil):
                close()
                symbol = ""
            case ("*", let name?):
                open[open.count - 1].append(.symbol(name))
                symbol = nil
            case (_, let name?): symbol = name + String(character)
            case ("[", nil) where before != " ":
                close()
                open.append([])
            case ("]", nil) where open.count > 1:
                close()
                let below = open.removeLast()
                open[open.count - 1].append(.below(below))
            default: plain.append(character)
            }
            before = character
        }
        close()
        guard symbol == nil else { throw fault("a star that ends the symbol", text) }
        guard open.count == 1 else { throw fault("a bracket that ends what is set below", text) }
        return open[0]
    }
}
