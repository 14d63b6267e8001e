// Two experiments side by side: which networks, norms and attacks belong together, and what differs.

/// A comparison of two sides.
public struct PairedStudy: Sendable {
    /// The sides.
    public let a: ComparedSide, b: ComparedSide
    /// By how much B may be worse, as a share in 0…1; nil where nobody asks.
    public var gate: Double?
    /// Whether the gate may hold although B was not tried with all that A was.
    public var isPartial = false
    /// How many images of each kind are shown.
    public var pictures = 12
    /// The networks and norms that both sides have.
    let groups: [PairedGroup]
    /// The attacks of both sides that have the same name and do the same.
    let attacks: [PairedAttack]
    /// The images of the same number and label that are not the same picture, and so are left out.
    let unequal: [PairedImages.Identity]
    /// What of the two sides cannot be compared, and why.
    let gaps: [PairedGap]
    let nodes: [NodePair]

    /// Sets two sides beside each other.
    public init(_ a: ComparedSide, _ b: ComparedSide) {
        (self.a, self.b) = (a, b)
        nodes = NodePair.all(a.nodes, b.nodes)
        let unequal = PairedImages.unequal(a.attacks, b.attacks)
        self.unequal = unequal.sorted {
            ($0.index, $0.label, $0.copy) < ($1.index, $1.label, $1.copy)
        }
        let (networks, alone) = Self.networks(a.attacks, b.attacks)
        attacks = networks.flatMap { PairedAttack.all($0.a, $0.b, without: unequal) }
        let (groups, gaps) = Self.groups(networks, without: unequal)
        (self.groups, self.gaps) = (groups, alone + gaps)
    }

    /// How many images the sides share.
    public var images: Int { groups.map(\.joint.pool.identities.count).max() ?? 0 }

    /// How many images were left out, since they are not the same picture on both sides.
    public var leftOut: Int { unequal.count }

    /// Whether both sides made the same, byte by byte, from the same.
    public var isIdentical: Bool { !nodes.isEmpty && nodes.allSatisfy(\.isSame) }

    /// Attacks of one network of each side: networks of one name, and where then each side has one left, those.
    /// Whatever else is left has nothing beside it.
    private static func networks(
        _ a: [AttackRun], _ b: [AttackRun]
    ) -> (pairs: [(a: [AttackRun], b: [AttackRun])], alone: [PairedGap]) {
        func names(_ attacks: [AttackRun]) -> [String] {
            attacks.map(\.model).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        }
        let (mine, theirs) = (names(a), names(b))
        var pairs = mine.filter(theirs.contains).map { ($0, $0) }
        let (left, others) = (
            mine.filter { !theirs.contains($0) }, theirs.filter { !mine.contains($0) }
        )
        var alone: [PairedGap] = []
        if let one = left.first, let other = others.first, left.count == 1, others.count == 1 {
            pairs.append((one, other))
        } else {
            alone = left.map { PairedGap("the network \($0): only A has it", isOfA: true) }
            alone += others.map { PairedGap("the network \($0): only B has it", isOfA: false) }
        }
        let found = pairs.map { one, other in
            (a.filter { $0.model == one }, b.filter { $0.model == other })
        }
        return (found, alone)
    }

    /// What an ε must have in common to be the same ε: norm, labels, space, limits of pixels, data set.
    private static func kind(_ attack: AttackRun) -> [String] {
        [
            attack.norm, attack.dataset, attack.predictedLabels > 0 ? "predicted" : "true",
            attack.isNormalised ? "normalised" : "pixels",
            "\(attack.limits.mask?.digest ?? "") \(attack.limits.bounds)",
        ]
    }

    private static func groups(
        _ networks: [(a: [AttackRun], b: [AttackRun])], without unequal: Set<PairedImages.Identity>
    ) -> ([PairedGroup], [PairedGap]) {
        var (groups, gaps): ([PairedGroup], [PairedGap]) = ([], [])
        for (one, other) in networks {
            let kinds = (one + other).map(kind).reduce(into: [[String]]()) {
                if !$0.contains($1) { $0.append($1) }
            }
            for kind in kinds {
                let (mine, theirs) = (
                    one.filter { Self.kind($0) == kind }, other.filter { Self.kind($0) == kind }
                )
                let norm =
                    "\(Wording.norm(kind[0])) of \(kind[1].isEmpty ? "its data" : kind[1])"
                    + (networks.count > 1 ? ", network \((one + other)[0].model)" : "")
                guard !mine.isEmpty, !theirs.isEmpty else {
                    let names = (mine + theirs).map(\.name).joined(separator: ", ")
                    gaps.append(
                        PairedGap(
                            "\(norm): only \(mine.isEmpty ? "B" : "A") has attacks of that kind (\(names))",
                            isOfA: theirs.isEmpty))
                    continue
                }
                guard let group = PairedGroup(mine, theirs, without: unequal, place: norm) else {
                    gaps.append(
                        PairedGap("\(norm): no image was attacked on both sides", isOfA: true))
                    continue
                }
                gaps += PairedGap.budgets(of: group.joint, norm)
                if !group.joint.epsilons.isEmpty { groups.append(group) }
            }
        }
        return (groups, gaps)
    }
}

/// A network of each side and a norm.
struct PairedGroup: Sendable {
    /// All attacks of each side.
    let joint: PairedComparison
    /// Only attacks of the same name that do the same, at the budgets that both were given; nil where
    /// that is the same as all, or where there are none.
    let shared: PairedComparison?
    /// The attacks that one side alone has.
    let onlyA: [String], onlyB: [String]
    /// What A was attacked with and B was not, in sentences that begin with the place.
    let lacking: [String]

    init?(
        _ a: [AttackRun], _ b: [AttackRun], without unequal: Set<PairedImages.Identity>,
        place: String
    ) {
        guard let joint = PairedComparison(a, b, without: unequal) else { return nil }
        self.joint = joint
        let pairs = PairedAttack.same(a, b)
        onlyA = a.map(\.name).filter { name in !pairs.contains { $0.a.name == name } }
        onlyB = b.map(\.name).filter { name in !pairs.contains { $0.b.name == name } }
        lacking =
            (onlyA.isEmpty
                ? [] : ["\(place): A was attacked with \(Wording.list(onlyA)), B was not"])
            + pairs.flatMap { one, other in
                PairedGap.lacking(one, other, joint, without: unequal)
                    .map { "\(place), \(one.name): \($0)" }
            }
        let isAll =
            onlyA.isEmpty && onlyB.isEmpty
            && pairs.allSatisfy { $0.a.levels.map(\.epsilon) == $0.b.levels.map(\.epsilon) }
        let trimmed = pairs.map { Self.trimmed($0.a, $0.b) }.filter { !$0.a.levels.isEmpty }
        shared =
            isAll
            ? nil
            : PairedComparison(trimmed.map(\.a), trimmed.map(\.b), without: unequal).flatMap {
                $0.epsilons.isEmpty ? nil : $0
            }
    }

    /// The levels that both were given.
    private static func trimmed(_ a: AttackRun, _ b: AttackRun) -> (a: AttackRun, b: AttackRun) {
        var (one, other) = (a, b)
        let (mine, theirs) = (Set(a.levels.map(\.epsilon)), Set(b.levels.map(\.epsilon)))
        one.levels.removeAll { !theirs.contains($0.epsilon) }
        other.levels.removeAll { !mine.contains($0.epsilon) }
        return (one, other)
    }
}

/// The same attack on both sides.
struct PairedAttack: Sendable {
    let name: String
    let comparison: PairedComparison

    /// The attacks of a network of each side that have the same name, method, norm and goal, and saw some of
    /// the same images.
    static func all(
        _ a: [AttackRun], _ b: [AttackRun], without unequal: Set<PairedImages.Identity>
    ) -> [PairedAttack] {
        same(a, b).compactMap { one, other in
            guard one.dataset == other.dataset else { return nil }
            return PairedComparison([one], [other], without: unequal).map {
                PairedAttack(name: one.name, comparison: $0)
            }
        }
    }

    static func same(_ a: [AttackRun], _ b: [AttackRun]) -> [(a: AttackRun, b: AttackRun)] {
        a.compactMap { one in
            b.first {
                ($0.name, $0.method, $0.norm, $0.goal) == (one.name, one.method, one.norm, one.goal)
                    && $0.isMinimumNorm == one.isMinimumNorm && !one.levels.isEmpty
            }.map { (one, $0) }
        }
    }

    /// Whether it looks for the least change.
    var isMinimumNorm: Bool { comparison.a.entries.first?.isMinimumNorm ?? false }

    /// The images that both networks read correctly: those whose distances can be compared.
    var eligible: [Int] {
        comparison.images.filter { comparison.a.isRight[$0] && comparison.b.isRight[$0] }
    }

    /// The distances of those on a side; infinite where the attack failed.
    func distances(_ side: PairedComparison.Side) -> [Double] {
        eligible.map { Double(side.worst[$0]) }
    }
}
