// What the words of a method owe to its settings and its norm: sentences and formulas that would be
// false of another run.

extension AttackWords {
    /// A sentence or two that follow from how an attack was run; nil where there are none.
    static func further(_ attack: AttackResult) -> String? {
        switch attack.method {
        case "uniform-noise":
            attack.setting("shape") == "uniform"
                ? "Every pixel moves by an amount drawn evenly between −ε and ε."
                : "Every pixel moves by ε or by −ε, whichever a coin says: the largest noise that the "
                    + "budget holds."
        case "jsma":
            attack.changeLimit.map { values, share in
                "It has a bound: at most the share γ = \(Numerals.plain(share)) of an image’s values may "
                    + "change, which is \(Numerals.whole(values)) of "
                    + "\(Numerals.whole(attack.valuesPerImage)); an image that needs more counts as failed."
            }
        case "least-epsilon":
            attack.setting("of").map {
                "Here that attack is \(AttackWords.all[$0]?.short ?? ($0 == "pgd" ? "PGD" : $0 == "fgsm" ? "FGSM" : $0))."
            }
        case "bim", "mi-fgsm", "ni-fgsm":
            attack.norm == "l2"
                ? "In L₂ a step follows that direction itself, scaled to a fixed length." : nil
        case "cw-l2", "cw-l0", "cw-linf", "ead":
            attack.isTargeted
                ? "Here the wanted class has to lead: its logit against the largest other." : nil
        default: nil
        }
    }

    /// The formula of a run; nil where the method has none, or none for this norm or goal.
    static func formula(_ attack: AttackResult) -> (written: String, spoken: String)? {
        switch attack.method {
        case "deepfool":
            return attack.norm == "linf"
                ? (
                    "*r* = |*f*[k]| / ‖*w*[k]‖₁ · sign *w*[k],  *f*[k] = *z*[k] − *z*[y],  "
                        + "*w*[k] = ∇*f*[k],  for the *k* with the least |*f*[k]| / ‖*w*[k]‖₁",
                    "r equals the absolute value of f k over the L1 norm of w k, times the sign of w k, "
                        + "where f k is logit k less the true class’s logit and w k its gradient, for the "
                        + "class k with the least quotient"
                )
                : (
                    "*r* = |*f*[k]| / ‖*w*[k]‖² · *w*[k],  *f*[k] = *z*[k] − *z*[y],  "
                        + "*w*[k] = ∇*f*[k],  for the *k* with the least |*f*[k]| / ‖*w*[k]‖",
                    "r equals the absolute value of f k over the squared norm of w k, times w k, where "
                        + "f k is logit k less the true class’s logit and w k its gradient, for the class k "
                        + "with the least quotient of the two"
                )
        case "bim", "mi-fgsm":
            return attack.norm == "linf" && !attack.isTargeted ? all[attack.method]?.formula : nil
        case "cw-l2", "apgd-dlr": return attack.isTargeted ? nil : all[attack.method]?.formula
        default: return all[attack.method]?.formula
        }
    }
}

extension AttackResult {
    /// How many values an image has: pixels times channels.
    var valuesPerImage: Int { originals.shape.dropFirst().reduce(1, *) }

    /// The bound of the saliency map attack: how many values may change, and as which share. Values are
    /// changed in pairs, so an odd one is out of reach.
    var changeLimit: (values: Int, share: Double)? {
        guard method == "jsma", let share = setting("gamma").flatMap(Double.init) else {
            return nil
        }
        // The attack keeps its settings as floats.
        return (Int(Double(Float(share)) * Double(valuesPerImage)), share)
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
