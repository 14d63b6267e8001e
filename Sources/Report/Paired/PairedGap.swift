// What one side has and the other lacks. A comparison that shrinks without a word would look better and better: a gate
// that asks only of what both have holds most easily where B was tried with nothing.

/// Something of one side with nothing beside it on the other, in words.
struct PairedGap: Sendable {
    let words: String
    /// Whether A has it: then B was not tried with it.
    let isOfA: Bool

    init(_ words: String, isOfA: Bool) { (self.words, self.isOfA) = (words, isOfA) }

    /// The budgets at which one side alone has a result, a sentence a side; one for both where they share none.
    static func budgets(of comparison: PairedComparison, _ place: String) -> [PairedGap] {
        let (a, b) = (comparison.a, comparison.b)
        guard !comparison.epsilons.isEmpty else {
            return [
                PairedGap(
                    "\(place): no ε in common: A has \(list(a.budgets)), B \(list(b.budgets))",
                    isOfA: true)
            ]
        }
        return [("A", a, b), ("B", b, a)].compactMap { name, side, other in
            let alone = side.budgets.filter { !other.hasResult(at: $0) }
            guard !alone.isEmpty else { return nil }
            return PairedGap(
                "\(place): only \(name) has results at ε \(list(alone))", isOfA: name == "A")
        }
    }

    /// What of one attack, run on both sides, B lacks: budgets, unless no attack of B was given them, and images.
    static func lacking(
        _ a: AttackRun, _ b: AttackRun, _ joint: PairedComparison,
        without unequal: Set<PairedImages.Identity>
    ) -> [String] {
        func budgets(_ attack: AttackRun) -> Set<Double> {
            Set(attack.levels.compactMap(\.epsilon).filter { $0 > 0 })
        }
        func images(_ attack: AttackRun) -> Set<PairedImages.Identity> {
            Set(Comparison.Identity.all(attack))
        }
        let alone = budgets(a).subtracting(budgets(b)).filter { joint.b.hasResult(at: $0) }
        let unseen = images(a).subtracting(images(b).subtracting(unequal)).count
        return
            (alone.isEmpty ? [] : ["A was given ε \(list(alone)), B was not"])
            + (unseen == 0
                ? [] : ["A was given \(Numerals.count(unseen, "image")) that B was not"])
    }

    private static func list(_ budgets: Set<Double>) -> String {
        budgets.isEmpty
            ? "none that turned an image"
            : budgets.sorted().map(Numerals.epsilon).joined(separator: ", ")
    }
}

extension PairedStudy {
    /// What of the two sides cannot be compared, and why, in sentences.
    public var obstacles: [String] { gaps.map(\.words) }

    /// What A has and B lacks, in sentences: networks, norms, budgets, attacks, images.
    public var lacking: [String] {
        gaps.filter(\.isOfA).map(\.words) + groups.flatMap(\.lacking)
    }

    /// The attacks that one side alone has, a sentence a network and norm: `L∞: only A has pgd`.
    public var uneven: [String] {
        groups.filter { !$0.onlyA.isEmpty || !$0.onlyB.isEmpty }.map { group in
            "\(Wording.norm(group.joint.norm)): "
                + [("A", group.onlyA), ("B", group.onlyB)].filter { !$0.1.isEmpty }
                .map { "only \($0.0) has \(Wording.list($0.1))" }.joined(separator: "; ")
        }
    }
}
