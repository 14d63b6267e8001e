// What is wrong with a card, and in which line.

/// A card that is not as it has to be.
public struct CardFault: Error, Equatable, CustomStringConvertible, Sendable {
    /// The file in `Sources/Attacks/Catalogue`.
    public let file: String
    /// The line, from 1.
    public let line: Int
    /// What should be there.
    public let expected: String
    /// What is there.
    public let found: String

    /// `Sources/Attacks/Catalogue/PGD.md:5: expected …, found …`, as compilers say it.
    public var description: String {
        "\(AttackCards.folder)/\(file):\(line): expected \(expected), found \(found)"
    }

    init(_ file: String, _ line: Int, expected: String, found: String) {
        (self.file, self.line, self.expected) = (file, line, expected)
        self.found = found.isEmpty ? "an empty line" : found
    }
}
