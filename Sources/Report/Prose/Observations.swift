// Four things that the authors of the original scripts noticed, each put to the test with the
// figures of this experiment. Every sentence is chosen by the numbers, so it stays true whatever
// they are, and says so when they speak against the observation.

/// A claim, and what the data say about it.
struct Observation: Equatable {
    /// How the claim fared.
    enum Finding: String {
        case confirmed = "confirmed here"
        case partly = "partly so here"
        case contradicted = "not so here"
        case untested = "not tested here"
    }

    let claim: String
    let finding: Finding
    let evidence: String

    /// All four, in the order of the original.
    static func all(_ attacks: [AttackRun]) -> [Observation] {
        // Of one network only: that of the first run of optimised noise.
        let home = attacks.first { $0.method == "noise-sgd" }?.model
        let attacks = attacks.filter { home == nil || $0.model == home }
        let signs = attacks.first { $0.method == "fgsm" }
        let noises = attacks.filter { $0.method == "noise-sgd" }
        return [
            cost(signs, noises), coverage(signs, noises), leastEpsilon(attacks), targets(noises),
        ]
    }

    private static func cost(_ signs: AttackRun?, _ noises: [AttackRun]) -> Observation {
        let claim = "FGSM is far cheaper than optimising noise."
        let inOperations = (noises + [signs].compactMap { $0 }).allSatisfy {
            $0.featured?.flops != nil
        }
        let costs = noises.compactMap { $0.cost(inOperations: inOperations) }
            .sorted { $0.amount < $1.amount }
        guard let cheap = signs?.cost(inOperations: inOperations), cheap.amount > 0,
            let least = costs.first, let most = costs.last
        else {
            return Observation(
                claim: claim, finding: .untested,
                evidence: "It takes both attacks to compare them, and this experiment lacks one.")
        }
        let (low, high) = (least.amount / cheap.amount, most.amount / cheap.amount)
        let finding: Finding = low >= 10 ? .confirmed : low > 1 ? .partly : .contradicted
        let range = span(Numerals.significant(low), Numerals.significant(high))
        let figures =
            "An FGSM image takes \(cheap.text); an image of optimised noise takes "
            + "\(span(least.text, most.text)), \(range) times as much."
        let words =
            switch finding {
            case .confirmed: figures
            case .partly: figures + " That is cheaper, but not by an order of magnitude throughout."
            default: figures + " FGSM is not the cheaper one throughout."
            }
        return Observation(claim: claim, finding: finding, evidence: words)
    }

    private static func coverage(_ signs: AttackRun?, _ noises: [AttackRun]) -> Observation {
        let claim = "The noise of FGSM covers the whole image."
        guard let signs, let level = signs.featured, let share = signs.changedShare(at: level)
        else {
            return Observation(
                claim: claim, finding: .untested,
                evidence:
                    "There is no FGSM success in this experiment whose pixels could be counted.")
        }
        let finding: Finding = share >= 0.9 ? .confirmed : share >= 0.5 ? .partly : .contradicted
        var text = "A successful FGSM image\(level.strength) differs from its original in "
        text += "\(Numerals.percent(share)) of all pixels on average. "
        switch finding {
        case .confirmed: text += "That is nearly all of them."
        case .partly:
            text += "That is most, not all: a black pixel that should get darker stays as it is."
        default:
            text += "That is less than half: a black pixel that should get darker stays as it is."
        }
        let others = noises.compactMap { attack in
            attack.featured.flatMap { attack.changedShare(at: $0) }
        }
        if let low = others.min(), let high = others.max() {
            text +=
                " Optimised noise changes \(span(Numerals.percent(low), Numerals.percent(high)))."
        }
        return Observation(claim: claim, finding: finding, evidence: text)
    }

    /// Two ends of a range, or one value if they read the same.
    private static func span(_ low: String, _ high: String) -> String {
        low == high ? low : "\(low) to \(high)"
    }

    private static func leastEpsilon(_ attacks: [AttackRun]) -> Observation {
        let claim =
            "The least ε that changes the answer differs from image to image, and can be searched for."
        let attack = attacks.first { !$0.finiteLeastEpsilons.isEmpty }
        guard let attack else {
            return Observation(
                claim: claim, finding: .untested,
                evidence: "No attack of this experiment found a least ε for any image.")
        }
        let values = attack.finiteLeastEpsilons
        let quantiles = [0.1, 0.5, 0.9].map { Statistics.quantile($0, of: values) ?? 0 }
        let (low, middle, high) = (quantiles[0], quantiles[1], quantiles[2])
        var text = "A search found it for \(Numerals.whole(values.count)) of "
        text += "\(Numerals.count(attack.eligible.count, "image")). "
        guard high > low else {
            text += "All but the outer tenths need the same ε of \(Numerals.significant(middle))."
            return Observation(claim: claim, finding: .contradicted, evidence: text)
        }
        text += "A tenth of them give way at \(Numerals.significant(low)) or less, half at "
        text += "\(Numerals.significant(middle)), nine tenths at \(Numerals.significant(high))"
        text += low > 0 ? ": a factor of \(Numerals.significant(high / low)) between the two." : "."
        return Observation(
            claim: claim, finding: low > 0 && high < 1.5 * low ? .partly : .confirmed,
            evidence: text)
    }

    private static func targets(_ noises: [AttackRun]) -> Observation {
        let claim = "Optimised noise can choose which wrong answer the network gives."
        let rates = noises.filter(\.isTargeted).compactMap { attack in
            attack.featured.flatMap { attack.successRate(at: $0) }
        }
        guard let low = rates.min(), let high = rates.max() else {
            return Observation(
                claim: claim, finding: .untested,
                evidence: "No run of optimised noise in this experiment had a class to aim at.")
        }
        let finding: Finding = low >= 0.9 ? .confirmed : high >= 0.5 ? .partly : .contradicted
        var text = "The class drawn beforehand became the answer for "
        text += "\(span(Numerals.percent(low), Numerals.percent(high))) of the images"
        text += rates.count > 1 ? ", over \(Numerals.count(rates.count, "run"))." : "."
        if finding == .contradicted { text += " That is less than half." }
        return Observation(claim: claim, finding: finding, evidence: text)
    }
}

extension AttackRun.Level {
    /// ` at ε 0.1`, or nothing for attacks without a bound.
    var strength: String { epsilon.map { " at ε \(Numerals.epsilon($0))" } ?? "" }
}

extension AttackRun {
    /// The work for one image: operations where all attacks know them, passes otherwise.
    fileprivate func cost(inOperations: Bool) -> (amount: Double, text: String)? {
        guard let level = featured, let passes = passes(at: level) else { return nil }
        let text = "\(Numerals.amount(passes)) passes"
        guard inOperations, let flops = level.flops else { return (passes, text) }
        return (flops, "\(text) (\(Numerals.engineering(flops))FLOP)")
    }

    /// Forward and backward passes for one eligible image.
    func passes(at level: Level) -> Double? {
        guard let forward = meanWork(at: level, \.forwardPasses),
            let backward = meanWork(at: level, \.backwardPasses)
        else { return nil }
        return forward + backward
    }
}
