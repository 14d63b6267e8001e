// Small choices of words that several sections share.

/// How the report names things.
enum Wording {
    /// `a 7`, `an 8`, `“Sandal”`: an answer in the middle of a sentence.
    static func answer(_ name: String) -> String {
        guard isNumeral(name) else { return "“\(name)”" }
        let takesAn = name.hasPrefix("8") || name == "11" || name == "18"
        return (takesAn ? "an " : "a ") + name
    }

    /// `this 7`, `this “Sandal”`.
    static func this(_ name: String) -> String {
        isNumeral(name) ? "this \(name)" : "this “\(name)”"
    }

    private static func isNumeral(_ name: String) -> Bool {
        !name.isEmpty && name.allSatisfy { $0.isASCII && $0.isNumber }
    }

    /// `L∞` for `linf`, and so on; other names as they are.
    static func norm(_ name: String) -> String {
        switch name.lowercased() {
        case "linf", "l-inf", "inf", "l∞": "L∞"
        case "l0": "L₀"
        case "l1": "L₁"
        case "l2": "L₂"
        case "", "none": "no norm"
        default: name
        }
    }

    /// What a size in a norm is, as the label of an axis: `largest change of a pixel (L∞)`.
    static func size(in name: String) -> String {
        switch norm(name) {
        case "L∞": "largest change of a pixel (L∞)"
        case "L₀": "values changed (L₀)"
        case "L₁": "sum of all changes (L₁)"
        case "L₂": "straight-line distance (L₂)"
        case let other: "size in \(other)"
        }
    }

    /// What an attack wants, as the end of "the goal is …".
    static func goal(_ name: String) -> String {
        let name = name.lowercased()
        if name.hasPrefix("untargeted") { return "any wrong answer" }
        if name.hasPrefix("each") { return "every other class in turn" }
        if name.contains("random") { return "one wrong class, drawn at random for each image" }
        if name.contains("least") { return "the class that the network thinks least likely" }
        if name.contains("fixed") || name.contains("label") { return "one class, the same for all" }
        return name.isEmpty ? "not stated" : name
    }

    /// What went wrong with an image, as a sentence without its end.
    static func event(_ name: String) -> String {
        switch name {
        case "gradient-vanished": "the gradient vanished, which leaves no direction"
        case "not-a-number": "a value arose that is not a number"
        default: label(name)
        }
    }

    /// A config key as a label: `step_size` becomes `step size`.
    static func label(_ key: String) -> String {
        String(key.map { $0 == "_" || $0 == "-" ? " " : $0 })
    }

    /// `a`, `a and b`, `a, b and c`.
    static func list(_ items: [String]) -> String {
        guard let last = items.last, items.count > 1 else { return items.first ?? "" }
        return items.dropLast().joined(separator: ", ") + " and " + last
    }
}
