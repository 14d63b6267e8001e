// What a manual says of an attack: the facts of its Swift file and the words of its card, side by side.
// Everything else here asks this type alone.

import AttackCards
import Attacks

/// One attack of the manual.
struct ManualEntry {
    /// The words.
    let card: AttackCard
    /// The norms that it works in, its own first: `linf`.
    let norms: [String]
    /// The goals that it can follow: `untargeted`, …
    let goals: [String]
    /// Whether that is any goal.
    let takesAnyGoal: Bool
    /// Whether it works within given budgets; otherwise it looks for the least change.
    let isWithinBudgets: Bool
    /// What it asks of the network: `gradients`, `scores` or `decisions`.
    let asks: String
    /// Whether it draws at random.
    let isRandom: Bool
    /// Whether a sample's result belongs to the whole set of samples.
    let isOfTheSet: Bool
    /// Its own settings.
    let settings: [ManualSetting]

    /// The attacks in the order of the catalogue; one without a card is left out, and said to be missing.
    static let all: [ManualEntry] = AttackCatalogue.all.compactMap(ManualEntry.init)

    private init?(_ kind: any Attack.Type) {
        guard let card = AttackCards.named(kind.name) else { return nil }
        self.card = card
        norms = kind.norms.map(\.rawValue)
        goals = kind.goals.names
        takesAnyGoal = kind.goals == .any
        isWithinBudgets = kind.usesEpsilons
        asks = kind.access.rawValue
        isRandom = kind.isRandom
        isOfTheSet = kind.dependsOnCompany
        settings = kind.settings.map(ManualSetting.init)
    }
}

/// A setting in words.
struct ManualSetting {
    /// The key in a config: `step_size`.
    let key: String
    /// The flag: `--step-size`.
    let flag: String
    /// What values it takes, with their unit: `1…1,000,000 steps`.
    let range: String
    /// What it is where nobody says.
    let standard: String
    /// What it does.
    let help: String

    init(_ setting: SettingDescription) {
        key = setting.name
        flag = "--" + setting.name.map { $0 == "_" ? "-" : String($0) }.joined()
        let values =
            switch setting.kind {
            case .number(let range): "\(Self.text(range.lowerBound))…\(Self.text(range.upperBound))"
            case .integer(let range):
                "\(Self.text(range.lowerBound))…\(Self.text(range.upperBound))"
            case .choice(let words): words.joined(separator: " | ")
            case .flag: "true | false"
            }
        range = values + (setting.unit.map { " \($0)" } ?? "")
        standard =
            switch setting.standard {
            case .number(let value): Self.text(value)
            case .integer(let value): Self.text(value)
            case .text(let word): word
            case .flag(let isOn): "\(isOn)"
            }
        help = setting.help
    }

    /// A whole number in groups of three.
    private static func text(_ value: Int) -> String {
        let digits = Array("\(value.magnitude)")
        var text = value < 0 ? "-" : ""
        for (place, digit) in digits.enumerated() {
            if place > 0 && (digits.count - place).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return text
    }

    /// A number as it would be written: `40`, `0.02`, `1/30`, `1e-9`.
    private static func text(_ value: Double) -> String {
        if let whole = Int(exactly: value) { return text(whole) }
        let digits = "\(value)"
        let over = (1 / value).rounded()
        if digits.count > 8 && over.magnitude < 10_000 && 1 / over == value {
            return "1/\(text(Int(over)))"
        }
        return digits.replacing("e-0", with: "e-")
    }
}
