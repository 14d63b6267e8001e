// How each attack works, in plain sentences and one formula. An attack without a text of its own
// gets one made from its norm and goal, so that a new attack never leaves a hole in the page.

/// What the page says about a method before it shows figures.
struct AttackText {
    /// The heading of its section.
    let title: String
    /// A name short enough for a table.
    let short: String
    /// How it works.
    let explanation: String
    /// The update as a formula, and the same in words for those who hear it.
    let formula: Markup?

    /// The text for an attack's result.
    init(_ attack: AttackResult) {
        switch attack.method {
        case "fgsm": self = .fastGradientSign(attack)
        case "noise-sgd": self = .optimisedNoise(attack)
        case "pgd": self = .projectedGradientDescent(attack)
        default: self = .common(attack) ?? .unknown(attack)
        }
    }

    /// One of the attacks whose words do not depend on how it was run.
    private static func common(_ attack: AttackResult) -> AttackText? {
        guard let words = AttackWords.all[attack.method] else { return nil }
        let isPlain = attack.name == attack.method
        return AttackText(
            title: words.title,
            short: isPlain ? words.short : "\(words.short) (\(attack.name))",
            explanation: words.text + (AttackWords.further(attack).map { " " + $0 } ?? ""),
            formula: AttackWords.formula(attack).map { formula in
                Self.formula(spoken: formula.spoken) { written(formula.written) }
            })
    }

    /// A formula in which stars stand around symbols and brackets around what is set below the
    /// line: `‖*r*‖ + *z*[y]`.
    private static func written(_ text: String) -> Markup {
        let parts = text.split(separator: "*", omittingEmptySubsequences: false)
        return group {
            for (number, part) in parts.enumerated() {
                if number.isMultiple(of: 2) { lowered(part) } else { symbol(String(part)) }
            }
        }
    }

    private static func lowered(_ text: Substring) -> Markup {
        guard text.hasPrefix("["), let end = text.firstIndex(of: "]") else {
            return .text(String(text))
        }
        return group {
            tag("sub") { String(text[text.index(after: text.startIndex)..<end]) }
            String(text[text.index(after: end)...])
        }
    }

    private init(title: String, short: String, explanation: String, formula: Markup?) {
        self.title = title
        self.short = short
        self.explanation = explanation
        self.formula = formula
    }

    private static func fastGradientSign(_ attack: AttackResult) -> AttackText {
        let targeted = attack.isTargeted
        let isNormalised = attack.isNormalised
        return AttackText(
            title: "Fast gradient sign method"
                + (isNormalised ? ", as in the original script" : ""),
            short: attack.name == "fgsm" ? "FGSM" : "FGSM (\(attack.name))",
            explanation: "One pass backwards through the network tells for every pixel whether "
                + (targeted
                    ? "brighter or darker would bring the wanted class nearer."
                    : "brighter or darker would make the network’s error grow.")
                + " The attack follows that advice once: all pixels whose gradient is not zero move by the "
                + "same small step ε, each in its own direction"
                + (isNormalised
                    ? ". Here the step is taken behind the network’s normalisation, where a colour is "
                        + "counted in standard deviations σ, so in pixels it is ε·σ; and it is not cut off "
                        + "at black and white."
                    : ", and none may leave the range from black to white."),
            formula: isNormalised
                ? nil
                : formula(
                    spoken:
                        "x prime equals x \(targeted ? "minus" : "plus") epsilon times the sign of "
                        + "the gradient of the cross-entropy, clamped to zero and one"
                ) {
                    symbol("x′")
                    " = clamp( "
                    symbol("x")
                    targeted ? " − " : " + "
                    symbol("ε")
                    " · sign ∇"
                    tag("sub") { symbol("x") }
                    " CE( "
                    symbol("f")
                    "("
                    symbol("x")
                    "), "
                    symbol(targeted ? "t" : "y")
                    " ), 0, 1 )"
                })
    }

    private static func projectedGradientDescent(_ attack: AttackResult) -> AttackText {
        let targeted = attack.isTargeted
        let (inL2, inL1) = (attack.norm == "l2", attack.norm == "l1")
        let runs = attack.setting("restarts").flatMap { Int($0) } ?? 1
        let steps = attack.setting("steps").map { "\($0) small steps" } ?? "many small steps"
        let begin =
            attack.isSet("random_start")
            ? "From a random point near the image" : "From the image itself"
        return AttackText(
            title: "Projected gradient descent" + (targeted ? ", towards a class" : ""),
            short: attack.name == "pgd" ? "PGD" : "PGD (\(attack.name))",
            explanation: "\(begin) it takes \(steps) where the fast gradient sign method takes "
                + "one, and asks the network for a new direction before each: "
                + (targeted ? "towards the wanted class. " : "wherever the error grows. ")
                + (inL2
                    ? "A step follows the gradient itself, scaled to a fixed length. "
                    : inL1
                        ? "A step is spread over the few pixels with the largest gradients. "
                        : "A step moves every pixel by the same amount, up or down. ")
                + "Whatever strays further than ε from the image"
                + (inL2
                    ? " (as a straight-line distance)"
                    : inL1 ? " (as the sum of all changes)" : " in any pixel")
                + ", or past black or white, is brought back after each step."
                + (runs > 1
                    ? " An image that resists is tried again from another point, "
                        + "\(Numerals.count(runs, "run")) in all." : "")
                + (attack.isSet("stop_early")
                    ? " An image is done as soon as the goal is reached." : ""),
            formula: inL1
                ? nil
                : formula(
                    spoken:
                        "x becomes the projection of x \(targeted ? "minus" : "plus") alpha times "
                        + (inL2
                            ? "the gradient of the cross-entropy, divided by its length"
                            : "the sign of the gradient of the cross-entropy")
                        + ", onto the ball of radius epsilon"
                ) {
                    symbol("x′")
                    " ← project"
                    tag("sub") { symbol("ε") }
                    "( "
                    symbol("x′")
                    targeted ? " − " : " + "
                    symbol("α")
                    inL2 ? " · " : " · sign "
                    symbol("g")
                    if inL2 {
                        " / ‖"
                        symbol("g")
                        "‖₂"
                    }
                    " ),  "
                    symbol("g")
                    " = ∇"
                    tag("sub") { symbol("x′") }
                    " CE( "
                    symbol("f")
                    "("
                    symbol("x′")
                    "), "
                    symbol(targeted ? "t" : "y")
                    " )"
                })
    }

    private static func optimisedNoise(_ attack: AttackResult) -> AttackText {
        let penalty = attack.penalty
        let (words, how): (String, String) =
            switch penalty {
            case "l1": ("L₁ penalty", "A penalty on the mean of |r| asks for noise that is small.")
            case "l2": ("L₂ penalty", "A penalty on the mean of r² asks for noise that is small.")
            case "none", nil: ("no penalty", "Only this early end keeps the noise small.")
            case let other?:
                ("\(other) penalty", "A penalty (\(other)) asks for noise that is small.")
            }
        return AttackText(
            title: "Optimised noise, \(words)", short: "Noise, \(words)",
            explanation:
                "Noise r is laid over the image and trained as if it were a weight: step by "
                + "step, gradient descent "
                + (attack.isTargeted
                    ? "pulls the network’s answer towards a class chosen beforehand, and stops as soon as "
                        + "that class is the answer. "
                    : "pushes the network’s answer away from the true class, and stops as soon as another "
                        + "is the answer. ") + how,
            formula: !attack.isTargeted
                ? nil
                : formula(
                    spoken:
                        "r becomes r minus eta times the gradient of the cross-entropy of f of x "
                        + "plus r, clamped, with the target t, and of the penalty"
                ) {
                    symbol("r")
                    " ← "
                    symbol("r")
                    " − "
                    symbol("η")
                    " ∇"
                    tag("sub") { symbol("r") }
                    " [ CE( "
                    symbol("f")
                    "(clamp("
                    symbol("x")
                    " + "
                    symbol("r")
                    ", 0, 1)), "
                    symbol("t")
                    " )"
                    if penalty == "l1" {
                        " + "
                        symbol("λ")
                        " mean |"
                        symbol("r")
                        "|"
                    } else if penalty == "l2" {
                        " + "
                        symbol("λ")
                        " mean "
                        symbol("r")
                        "²"
                    }
                    " ]"
                })
    }

    private static func unknown(_ attack: AttackResult) -> AttackText {
        let bounded = attack.levels.contains { $0.epsilon != nil }
        let norm = Wording.norm(attack.norm)
        return AttackText(
            title: "Attack “\(attack.name)”", short: attack.name,
            explanation: (attack.summary.isEmpty ? "" : attack.summary + " ")
                + "The method \(attack.method) proposes a changed image for each original; "
                + (bounded
                    ? "its change may be at most ε, measured in \(norm)."
                    : "it looks for a change that is small, measured in \(norm).")
                + " Whatever it proposes is brought back between black and white and judged by a "
                + "fresh pass through the network, never by the attack itself.",
            formula: nil)
    }

    private static func formula(
        spoken: String, @MarkupBuilder _ content: () -> [Markup]
    ) -> Markup {
        tag("p", ["class": "formula", "role": "math", "aria-label": spoken], content)
    }

    private static func symbol(_ name: String) -> Markup { tag("i") { name } }
}

extension AttackResult {
    /// The value of a key of the config, if it has one.
    func setting(_ key: String) -> String? {
        config.first { $0.key == key }?.value
    }

    /// Whether its ε counts behind the network's normalisation, and not in pixels.
    var isNormalised: Bool { setting("space") == "normalised" }

    /// Whether a key of the config is true; a report is told so as `yes`.
    func isSet(_ key: String) -> Bool { ["true", "yes"].contains(setting(key)) }

    /// The penalty on the noise, when the config names one.
    var penalty: String? {
        config.first { $0.key.hasPrefix("regulari") || $0.key == "penalty" }?.value.lowercased()
    }
}
