// What an input of a comparison is, told by its role: the side, what it is, and the node that made it.

/// The roles of the inputs of a comparison: `A: result of attack-fgsm`.
package enum CompareRole {
    /// The sides.
    package static let sides = ["A", "B"]

    /// What the role of everything of a side begins with.
    package static func side(_ letter: String) -> String { "\(letter): " }

    /// The result of an attack.
    package static func attack(_ letter: String, _ node: String) -> String {
        side(letter) + attackWords + node
    }

    /// A sample that attacks were run on.
    package static func sample(_ letter: String, _ node: String) -> String {
        side(letter) + sampleWords + node
    }

    /// Whatever else led there: read for its digest and for the record of its maker.
    package static func origin(_ letter: String, _ artifact: String, _ node: String) -> String {
        "\(side(letter))\(artifact) of \(node)"
    }

    private static let attackWords = "result of "
    private static let sampleWords = "sample of "

    /// The node of a role that `attack` gave; nil for others.
    static func attack(of role: String, _ letter: String) -> String? {
        node(role, side(letter) + attackWords)
    }

    /// The node of a role that `sample` gave; nil for others.
    static func sample(of role: String, _ letter: String) -> String? {
        node(role, side(letter) + sampleWords)
    }

    private static func node(_ role: String, _ words: String) -> String? {
        role.hasPrefix(words) ? String(role.dropFirst(words.count)) : nil
    }
}
