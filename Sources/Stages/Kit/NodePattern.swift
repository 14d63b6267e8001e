// Names of nodes as an `experiment.json` gives them where it may mean several: `attack-fgsm`,
// `attack-fgsm, attack-pgd` or `attack-*`.

/// One or more names of nodes, divided by commas, where `*` stands for any characters.
struct NodePattern {
    let parts: [String]

    /// The parts of a text; nil when one of them can be no name, whatever `*` stands for.
    init?(_ text: String) {
        parts = text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
        let areNames = parts.allSatisfy { part in
            NodeFinder.isName(String(part.map { $0 == "*" ? "x" : $0 }))
        }
        guard areNames else { return nil }
    }

    /// Whether it names its nodes in full.
    var isExact: Bool { !parts.contains { $0.contains("*") } }

    /// Whether a name is meant.
    func matches(_ name: String) -> Bool {
        parts.contains { NodePattern.matches(name, $0) }
    }

    /// The first part that means none of these names.
    func unused(among names: some Sequence<String>) -> String? {
        parts.first { part in !names.contains { NodePattern.matches($0, part) } }
    }

    private static func matches(_ name: String, _ part: String) -> Bool {
        let pieces = part.split(separator: "*", omittingEmptySubsequences: false)
        guard let first = pieces.first, let last = pieces.last, pieces.count > 1 else {
            return name == part
        }
        guard name.hasPrefix(first), name.hasSuffix(last),
            name.utf8.count >= first.utf8.count + last.utf8.count
        else { return false }
        // Each piece between is taken where it first occurs: if any choice fits, this one does.
        var rest = name.dropFirst(first.count).dropLast(last.count)
        for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
            guard let end = rest.indices.first(where: { rest[$0...].hasPrefix(piece) }) else {
                return false
            }
            rest = rest[end...].dropFirst(piece.count)
        }
        return true
    }
}
