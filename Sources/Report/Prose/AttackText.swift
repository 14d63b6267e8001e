// How each attack works, in plain sentences and one formula: what its card says of such a run. A method
// without a card (from a store that another version made) gets words from its norm and goal, so that
// it leaves no hole in the page.

import AttackCards

/// What the page says about a method before it shows figures.
struct AttackText {
    /// The heading of its section.
    let title: String
    /// A name short enough for a table.
    let short: String
    /// How it works, for a reader without mathematics.
    let explanation: String
    /// The step as a formula, and the same in words for those who hear it.
    let formula: Markup?

    /// The text for an attack's result.
    init(_ attack: AttackRun) {
        guard let card = AttackCards.named(attack.method) else {
            (title, short) = ("Attack “\(attack.name)”", attack.name)
            (explanation, formula) = (Self.unknown(attack), nil)
            return
        }
        let run = attack.cardRun
        title = card.title(of: run)
        short =
            card.specialShort(of: run)
            ?? (attack.name == attack.method ? card.short : "\(card.short) (\(attack.name))")
        explanation = card.plainWords(of: run)
        formula = card.formula(of: run).map { formula in
            tag("p", ["class": "formula", "role": "math", "aria-label": formula.spoken]) {
                Self.written(formula.parts)
            }
        }
    }

    private static func written(_ parts: [CardFormula.Part]) -> Markup {
        group {
            for part in parts {
                switch part {
                case .plain(let text): Markup.text(text)
                case .symbol(let name): tag("i") { name }
                case .below(let parts): tag("sub") { written(parts) }
                }
            }
        }
    }

    private static func unknown(_ attack: AttackRun) -> String {
        let bounded = attack.levels.contains { $0.epsilon != nil }
        let norm = Wording.norm(attack.norm)
        return "The method \(attack.method) proposes a changed image for each original; "
            + (bounded
                ? "its change may be at most ε, measured in \(norm)."
                : "it looks for a change that is small, measured in \(norm).")
            + " Whatever it proposes is brought back between black and white and judged by a "
            + "fresh pass through the network, never by the attack itself."
    }
}

extension AttackRun {
    /// The value of a key of the config, if it has one.
    func setting(_ key: String) -> String? {
        config.first { $0.key == key }?.value
    }

    /// Whether its ε counts behind the network's normalisation, and not in pixels.
    var isNormalised: Bool { setting("space") == "normalised" }

    /// The card of its method; nil for a method that has none here.
    var card: AttackCard? { AttackCards.named(method) }

    /// The card of its method, and that of the attack that it runs, if it runs another one (`of`).
    var cards: [AttackCard] {
        [method, setting("of")].compactMap { $0.flatMap(AttackCards.named) }
    }

    /// What a card asks of a run.
    var cardRun: CardRun {
        CardRun(isTargeted: isTargeted, setting: valueForCard) { insert in
            switch insert {
            case .setting(let key, let word): setting(key) ?? word
            case .values: Numerals.whole(valuesPerImage)
            case .share(let key): share(key).map { Numerals.whole($0.values) }
            case .shortName(let key): setting(key).flatMap { AttackCards.named($0)?.short }
            }
        }
    }

    /// A setting by its key. The norm is the one that the run had, which a config may leave open.
    private func valueForCard(_ key: String) -> String? {
        switch key {
        case "norm": norm
        case "goal": goal
        default:
            switch setting(key) {
            case "true": "yes"
            case "false": "no"
            case let value: value
            }
        }
    }

    /// How many values an image has: pixels times channels.
    var valuesPerImage: Int { originals.shape.dropFirst().reduce(1, *) }

    /// A setting that is a share of an image's values: how many that is, rounded down, and the share.
    private func share(_ key: String) -> (values: Int, share: Double)? {
        guard let share = setting(key).flatMap(Double.init) else { return nil }
        // Attacks keep their settings as floats.
        return (Int(Double(Float(share)) * Double(valuesPerImage)), share)
    }

    /// The bound on how many values may change, where the card speaks of one, and as which share. The
    /// saliency map changes values in pairs, so that an odd one is out of reach.
    var changeLimit: (values: Int, share: Double)? {
        for item in card?.plainWords ?? [] {
            for case .insert(.share(let key)) in item.value.parts {
                if let limit = share(key) { return limit }
            }
        }
        return nil
    }

    /// How many of the failures of a level have used up that bound; nil without a bound.
    ///
    /// Where a move takes a value to its bound at once (θ is 1 or −1), a try changes two values an
    /// iteration, and it ends when two more would pass the bound.
    func failuresAtLimit(at level: Level) -> Int? {
        guard let limit = changeLimit, ["1", "−1"].contains(setting("theta")) else { return nil }
        return failures(at: level).count { 2 * level.outcomes[$0].iterations + 2 > limit.values }
    }
}
