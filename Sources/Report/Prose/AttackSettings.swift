// Which of a config's settings are shown: those that had a part in the run. A setting that keeps its
// default because nothing uses it would only mislead. When an attack's own have a part stands in its
// card; those of every attack are judged here.

import AttackCards

extension AttackRun {
    /// The settings to show, in the order of the config, without the goal and the norm.
    var shownSettings: [(key: String, value: String)] {
        config.filter { key, value in !Self.told.contains(key) && isUsed(key, value) }
    }

    /// What the page says above the settings.
    private static let told: Set<String> = ["attack", "goal", "norm"]

    /// Whether a seed and restarts change something; so it is taken to be where nobody knows.
    private var draws: Bool { card?.isRandom ?? true }

    private func isUsed(_ key: String, _ value: String) -> Bool {
        if value.isEmpty { return false }
        switch key {
        // What everybody expects needs no line.
        case "labels": return value != "true"
        // Of no use to an attack that draws nothing; the goal may still draw a class.
        case "restarts": return value != "1" || draws
        case "seed": return draws || goal.contains("random")
        case "target": return goal == "fixed"
        default: return cards.allSatisfy { $0.uses(key, in: cardRun) }
        }
    }
}
