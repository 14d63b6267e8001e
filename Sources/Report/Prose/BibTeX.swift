// Entries for a bibliography: the papers of the methods, as their cards have them, and this run. Of
// authors the cards have family names alone.

import AttackCards

/// Entries of BibTeX.
enum BibTeX {
    /// One entry a paper, in the order given, each key once: the first author, the year and the first
    /// long word of the title, with a letter where that is taken.
    static func entries(_ papers: [AttackCard.Paper]) -> String {
        var taken: [String: Int] = [:]
        return papers.map { paper in
            let plain = key(of: paper)
            let count = taken[plain, default: 0]
            taken[plain] = count + 1
            let letter = count == 0 ? "" : String(UnicodeScalar(UInt8(97 + min(count, 25))))
            return entry(of: paper, plain + letter)
        }.joined(separator: "\n\n")
    }

    private static func entry(of paper: AttackCard.Paper, _ key: String) -> String {
        let number = paper.link.split(separator: "/abs/").last.map(String.init)
        let isArXiv = paper.link.hasPrefix("https://arxiv.org/abs/")
        return entry(
            "misc", key,
            [
                ("author", paper.authors.map(name).joined(separator: " and ")),
                ("title", "{\(escaped(paper.title))}"), ("year", "\(paper.year)"),
            ] + (isArXiv ? [("eprint", number ?? ""), ("archivePrefix", "arXiv")] : [])
                + [("url", paper.link)])
    }

    /// An entry of a kind, a field a line.
    static func entry(
        _ kind: String, _ key: String, _ fields: [(name: String, value: String)]
    ) -> String {
        "@\(kind){\(key),\n"
            + fields.map { "  \($0.name) = {\($0.value)}" }.joined(separator: ",\n") + "\n}"
    }

    /// A family name of several words that is no “van den …” is held together by braces, or its first
    /// word would be read as a first name.
    private static func name(_ family: String) -> String {
        let isOne = !family.contains(" ") || family.first?.isLowercase == true
        return isOne ? escaped(family) : "{\(escaped(family))}"
    }

    private static func key(of paper: AttackCard.Paper) -> String {
        let words = paper.title.split { !$0.isLetter }
        let word = words.first { $0.count > 3 } ?? words.first ?? "paper"
        return
            (letters(paper.authors.first ?? "anonymous") + "\(paper.year)" + letters(String(word)))
            .lowercased()
    }

    /// The letters of a key: those without marks, of which a marked one gives the plain one.
    private static func letters(_ text: String) -> String {
        text.decomposedLetters.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
    }

    /// A text with the characters escaped that mean something to TeX.
    static func escaped(_ text: String) -> String {
        text.map { character in
            switch character {
            case "&", "%", "$", "#", "_", "{", "}": "\\\(character)"
            case "\\": "\\textbackslash{}"
            case "~": "\\textasciitilde{}"
            case "^": "\\textasciicircum{}"
            case "’": "'"
            default: String(character)
            }
        }.joined()
    }
}

extension String {
    /// Latin letters without their accents, as far as names of authors have any.
    fileprivate var decomposedLetters: String {
        let plain: [Character: Character] = [
            "è": "e", "é": "e", "ë": "e", "ö": "o", "ü": "u", "ä": "a", "á": "a", "í": "i",
            "ó": "o", "ñ": "n", "ç": "c", "š": "s", "ř": "r", "ž": "z",
        ]
        return String(map { plain[$0] ?? $0 })
    }
}
