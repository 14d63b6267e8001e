// Which of a config's settings are shown: those that had a part in the run. A setting that keeps its
// default because nothing uses it would only mislead.

extension AttackResult {
    /// The settings to show, in the order of the config, without the goal and the norm.
    var shownSettings: [(key: String, value: String)] {
        config.filter { key, value in !Self.told.contains(key) && isUsed(key, value) }
    }

    /// What stands elsewhere.
    private static let told: Set<String> = ["attack", "goal", "norm"]

    /// Attacks that draw nothing, so that a seed and restarts change nothing.
    private static let undrawn: Set<String> = [
        "fgsm", "fgm", "bim", "mi-fgsm", "ni-fgsm", "lbfgs", "cw-l2", "cw-l0", "cw-linf", "ead",
        "deepfool", "jsma", "ddn", "fmn", "universal", "spatial", "noise-sgd",
    ]

    private func isUsed(_ key: String, _ value: String) -> Bool {
        if value.isEmpty { return false }
        switch key {
        // What everybody expects, and needs no line.
        case "labels": return value != "true"
        case "space": return value != "pixels"
        case "least_epsilon": return isSet("least_epsilon")
        // Of no use without another setting.
        case "search_steps", "search_bisections": return isSet("least_epsilon")
        case "regularization_weight": return setting("regularization") != "none"
        case "share": return norm == "l1"
        case "kernel_deviation": return setting("kernel_size") != "1"
        case "resize": return setting("diversity") != "0"
        // Of no use to an attack that draws nothing; the goal may still draw a class.
        case "restarts": return value != "1" || !Self.undrawn.contains(method)
        case "seed": return !Self.undrawn.contains(method) || goal.contains("random")
        case "target": return goal == "fixed"
        // The paper’s own, whatever that is.
        case "alpha": return value != "0"
        default: return true
        }
    }
}
