// A small checker of pages: tags balance, attributes are quoted, names are unique, and whatever
// refers to a name finds it.

/// What is wrong with a page, in words; empty if nothing is.
func faults(in page: String) -> [String] {
    var checker = PageChecker(page)
    checker.run()
    return checker.faults
}

private struct PageChecker {
    private let characters: [Character]
    private var place = 0
    private var open: [String] = []
    private var names: [String: Int] = [:]
    private var references: [String] = []
    private(set) var faults: [String] = []

    private static let void: Set<String> = ["meta", "br", "hr", "col", "img", "wbr"]

    init(_ page: String) {
        characters = Array(page)
    }

    mutating func run() {
        while place < characters.count {
            switch characters[place] {
            case "<": tag()
            case "&": entity()
            case ">":
                faults.append("a bare > at \(place)")
                place += 1
            default: place += 1
            }
        }
        if !open.isEmpty { faults.append("never closed: \(open)") }
        for (name, count) in names.sorted(by: { $0.key < $1.key }) where count > 1 {
            faults.append("id \(name) stands \(count) times")
        }
        for name in Set(references).sorted() where names[name] == nil {
            faults.append("nothing is called \(name)")
        }
    }

    private mutating func entity() {
        let rest = String(characters[place..<min(place + 6, characters.count)])
        if !["&amp;", "&lt;", "&gt;", "&quot;", "&#39;"].contains(where: rest.hasPrefix) {
            faults.append("a bare & at \(place)")
        }
        place += 1
    }

    private mutating func tag() {
        if characters[place + 1] == "!" { return skip(past: ">") }
        if characters[place + 1] == "/" {
            let name = word(from: place + 2)
            if open.last == name {
                open.removeLast()
            } else {
                faults.append("</\(name)> closes \(open.last ?? "nothing")")
            }
            return skip(past: ">")
        }
        let name = word(from: place + 1)
        place += 1 + name.count
        while place < characters.count, characters[place] == " " {
            place += 1
            attribute(of: name)
        }
        let closesItself = characters[place] == "/"
        skip(past: ">")
        if closesItself { return }
        if Self.void.contains(name) { faults.append("<\(name)> does not close itself") }
        open.append(name)
        if name == "style" || name == "script" { raw(name) }
    }

    private mutating func attribute(of element: String) {
        let name = word(from: place)
        place += name.count
        guard characters[place] == "=", characters[place + 1] == "\"" else {
            faults.append("\(element) \(name) has no quoted value")
            return
        }
        place += 2
        let start = place
        while place < characters.count, characters[place] != "\"" { place += 1 }
        let value = String(characters[start..<place])
        if value.contains("<") { faults.append("\(element) \(name) holds a bare <") }
        place += 1
        switch name {
        case "id": names[value, default: 0] += 1
        case "href" where value.hasPrefix("#"): references.append(String(value.dropFirst()))
        case "aria-labelledby": references += value.split(separator: " ").map(String.init)
        default: break
        }
    }

    /// The content of an element that HTML reads as it is.
    private mutating func raw(_ name: String) {
        let end = Array("</\(name)>")
        while place + end.count <= characters.count,
            Array(characters[place..<place + end.count]) != end
        { place += 1 }
    }

    private mutating func skip(past end: Character) {
        while place < characters.count, characters[place] != end { place += 1 }
        place += 1
    }

    private func word(from start: Int) -> String {
        String(characters[start...].prefix { $0.isLetter || $0.isNumber || $0 == "-" || $0 == ":" })
    }
}

/// The words of a page: no tags, no styles, no scripts, no attributes.
func words(of page: String) -> String {
    var text = ""
    var rest = page[...]
    while let start = rest.firstIndex(of: "<") {
        text += rest[..<start]
        let name = rest[rest.index(after: start)...].prefix { $0.isLetter }
        if name == "style" || name == "script" {
            var end = start
            while !rest[end...].hasPrefix("</\(name)>") { end = rest.index(after: end) }
            rest = rest[end...]
        }
        guard let end = rest.firstIndex(of: ">"),
            start <= end || name == "style" || name == "script"
        else { break }
        rest = rest[rest.index(after: end)...]
        text += " "
    }
    return text + rest
}
