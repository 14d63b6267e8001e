// Under the picture at the top: ε as a slider. The scripts attack that very image at the ε that is set, and
// a cursor moves along the accuracy of the same attack on all its images. Hidden until they run.

extension Page {
    /// The slider and its curve; nothing where the page cannot compute an attack on the image.
    func slider(for example: Selection.Example) -> Markup {
        guard let attack = slidingAttack(for: example), let last = attack.levels.last?.epsilon,
            let carried,
            carried.images.contains(where: {
                $0.index == example.attack.samples[example.position].index
            })
        else { return .nothing }
        let title = AttackText(attack).short
        let shares = attack.levels.compactMap { level in
            level.epsilon.flatMap { epsilon in
                attack.robustAccuracy(at: level).map { (x: epsilon, y: $0) }
            }
        }
        let clean = Double(attack.samples.count { $0.answer == $0.label })
        let points = [(x: 0.0, y: clean / Double(max(1, attack.samples.count)))] + shares
        let plot = Plot(
            id: "eps-curve", title: "Accuracy against ε, \(title)",
            description:
                "The share of \(Numerals.count(attack.samples.count, "image")) that the network "
                + "still reads correctly, at each ε; a cursor follows the slider.",
            x: Plot.across(0, last, about: 8, in: .full),
            y: Plot.up(0, 1, about: 5, in: .full), xLabel: "ε", yLabel: "still read correctly",
            yText: { value, _ in Numerals.fixed(value * 100, 0) + "\u{202F}%" }, size: .full)
        return tag(
            "div",
            [
                "class": "eps-slider wide", "id": "eps", "hidden": "hidden",
                "data-attack": attack.name, "data-count": "\(attack.samples.count)",
                "data-image": "\(example.attack.samples[example.position].index)",
                "data-start": "\(Self.start(of: example, for: attack))", "data-end": "\(last)",
                "data-left": coordinate(plot.x.place(0)),
                "data-right": coordinate(plot.x.place(last)),
                "data-top": coordinate(plot.y.end), "data-bottom": coordinate(plot.y.start),
                "data-points": points.map { "\($0.x) \($0.y)" }.joined(separator: ","),
            ]
        ) {
            tag("div", ["class": "eps-row"]) {
                tag("label", ["for": "eps-range"]) { "Strength ε of \(title) on this picture" }
                tag("output", ["id": "eps-value", "for": "eps-range", "aria-live": "off"])
            }
            tag(
                "input",
                [
                    "type": "range", "id": "eps-range", "min": "0", "max": "1000", "step": "1",
                    "value": "0",
                ])
            tag("p", ["id": "eps-said"])
            tag("p", ["id": "eps-spoken", "class": "try-hidden", "role": "status"])
            plot.lines([Series(name: title, points: points, className: "s1")])
        }
    }

    /// The attack at the top where the slider can move its ε, or else the first one that it can.
    private func slidingAttack(for example: Selection.Example) -> AttackRun? {
        let able = (carried?.attacks ?? []).filter {
            ["fgsm", "pgd"].contains($0.method) && $0.model == example.attack.model
                && $0.goal == "untargeted" && $0.levels.count > 1
        }
        return able.first { $0.name == example.attack.name } ?? able.first { $0.method == "fgsm" }
            ?? able.first
    }

    /// Where the stored picture lies on the slider of an attack: at the ε that it was made with, if the
    /// example's attack measures in the same norm, and else at its distance in the slider's.
    static func start(of example: Selection.Example, for attack: AttackRun) -> Double {
        if example.attack.norm == attack.norm, let epsilon = example.level.epsilon {
            return epsilon
        }
        let outcome = example.level.outcomes[example.position]
        switch attack.norm {
        case "l1": return Double(outcome.l1)
        case "l2": return Double(outcome.l2)
        default: return Double(outcome.linf)
        }
    }
}
