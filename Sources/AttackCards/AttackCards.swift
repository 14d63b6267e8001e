// The cards of all attacks, as the build has embedded them.

/// The cards of the catalogue.
public enum AttackCards {
    /// Where the files are, from the root of the package.
    public static let folder = "Sources/Attacks/Catalogue"

    private static let read = reading(embeddedCards)

    /// All cards that could be read, by file name.
    public static var all: [AttackCard] { read.cards }

    /// What is wrong with the others; the tests demand that nothing is.
    public static var faults: [CardFault] { read.faults }

    private static let byName = Dictionary(
        read.cards.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

    /// The card of an attack by its name in a config; nil for one that has none.
    public static func named(_ name: String) -> AttackCard? { byName[name] }

    /// The texts of all files, for a digest of what a page was made from.
    public static var texts: String {
        embeddedCards.map { "\($0.file)\n\($0.text)" }.joined(separator: "\n")
    }

    /// Cards from files, and what is wrong with those that cannot be read, or name an attack that
    /// an earlier one names.
    static func reading(
        _ files: [(file: String, text: String)]
    ) -> (cards: [AttackCard], faults: [CardFault]) {
        var cards: [AttackCard] = []
        var faults: [CardFault] = []
        for (file, text) in files {
            var parser = CardParser(file: file, text: text)
            do throws(CardFault) {
                let card = try parser.card()
                if let other = cards.first(where: { $0.name == card.name }) {
                    throw CardFault(
                        file, parser.nameLine,
                        expected: "a name that no other card has",
                        found: "`\(card.name)`, the name in \(other.file)")
                }
                cards.append(card)
            } catch {
                faults.append(error)
            }
        }
        return (cards, faults)
    }
}
