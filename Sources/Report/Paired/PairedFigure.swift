// The figures of a comparison as a list, for the record, the terminal and the gate.

/// What all attacks together leave on both sides, in one norm at one budget.
public struct PairedFigure: Sendable {
    /// The norm.
    public let norm: String
    /// The networks of A and B.
    public let modelA: String, modelB: String
    /// Whether only attacks that both sides ran are counted, at the budgets that both were given.
    public let isOfShared: Bool
    /// The budget.
    public let epsilon: Double
    /// The images.
    public let shares: PairedShares

    /// Whether B is worse by more than a share.
    func isWorse(than gate: Double) -> Bool { -shares.difference > gate }
}

extension PairedStudy {
    /// All figures in the order of the page.
    public var figures: [PairedFigure] {
        groups.flatMap { group in
            figures(of: group.joint, isOfShared: false)
                + (group.shared.map { figures(of: $0, isOfShared: true) } ?? [])
        }
    }

    private func figures(of comparison: PairedComparison, isOfShared: Bool) -> [PairedFigure] {
        comparison.epsilons.map {
            PairedFigure(
                norm: comparison.norm, modelA: comparison.modelA, modelB: comparison.modelB,
                isOfShared: isOfShared, epsilon: $0, shares: comparison.shares(at: $0))
        }
    }

    /// The figures at which B is worse by more than the gate allows; none without a gate.
    public var failures: [PairedFigure] {
        gate.map { gate in figures.filter { $0.isWorse(than: gate) } } ?? []
    }

    /// Where B reads fewer images before any attack than the gate allows, in a sentence a pair of networks.
    var cleanFailures: [String] {
        guard let gate else { return [] }
        var seen: Set<[String]> = []
        return groups.compactMap { group in
            let (joint, shares) = (group.joint, group.joint.pool.clean)
            guard -shares.difference > gate,
                seen.insert([joint.modelA, joint.modelB]).inserted
            else { return nil }
            return "before any attack: \(shares.words)"
        }
    }
}
