// The images that attacks of two sides both saw. An image is the same one on both sides if data set, number there and
// label are the same, and every pixel is.

/// Images by their number among those that both sides saw.
struct PairedImages {
    typealias Identity = Comparison.Identity

    /// What each image is, in the order of A.
    let identities: [Identity]
    /// Whether each side's network read it correctly before any attack.
    let isRightA: [Bool], isRightB: [Bool]

    /// The images that at least one attack of each side saw; without those that are not the same picture.
    init(_ a: [AttackRun], _ b: [AttackRun], without unequal: Set<Identity>) {
        let (rightA, rightB) = (Self.answers(a), Self.answers(b))
        identities = rightA.order.filter { rightB.isRight[$0] != nil && !unequal.contains($0) }
        isRightA = identities.map { rightA.isRight[$0] ?? false }
        isRightB = identities.map { rightB.isRight[$0] ?? false }
    }

    private static func answers(_ attacks: [AttackRun]) -> (
        order: [Identity], isRight: [Identity: Bool]
    ) {
        var (order, isRight): ([Identity], [Identity: Bool]) = ([], [:])
        for attack in attacks {
            for (identity, sample) in zip(Identity.all(attack), attack.samples)
            where isRight[identity] == nil {
                order.append(identity)
                isRight[identity] = sample.answer == sample.label
            }
        }
        return (order, isRight)
    }

    /// How many were read correctly before any attack.
    var clean: PairedShares {
        zip(isRightA, isRightB).reduce(into: PairedShares()) { $0.add(a: $1.0, b: $1.1) }
    }

    /// An attack on these images; nil where it saw none of them.
    func entry(_ attack: AttackRun) -> Comparison.Entry? {
        let places = Dictionary(
            zip(Identity.all(attack), attack.samples.indices),
            uniquingKeysWith: { first, _ in first })
        let found = identities.map { places[$0] }
        return found.contains { $0 != nil } ? Comparison.Entry(attack, places: found) : nil
    }

    /// The images of the same data set, number and label that are not the same picture, bit by bit.
    static func unequal(_ a: [AttackRun], _ b: [AttackRun]) -> Set<Identity> {
        var found: Set<Identity> = []
        for one in distinct(a) {
            let places = Dictionary(
                zip(Identity.all(one), one.samples.indices), uniquingKeysWith: { first, _ in first }
            )
            for other in distinct(b) where other.dataset == one.dataset {
                let pairs = zip(Identity.all(other), other.samples.indices).compactMap {
                    identity, place in places[identity].map { (identity, $0, place) }
                }
                guard one.originals.shape.dropFirst() == other.originals.shape.dropFirst() else {
                    found.formUnion(pairs.map(\.0))
                    continue
                }
                let size = one.originals.shape.dropFirst().reduce(1, *)
                one.originals.withFloats { mine in
                    other.originals.withFloats { theirs in
                        for (identity, here, there) in pairs
                        where (0..<size).contains(where: {
                            mine[here * size + $0].bitPattern
                                != theirs[there * size + $0].bitPattern
                        }) {
                            found.insert(identity)
                        }
                    }
                }
            }
        }
        return found
    }

    /// One attack of each sample.
    private static func distinct(_ attacks: [AttackRun]) -> [AttackRun] {
        var seen: Set<String> = []
        return attacks.filter { seen.insert($0.origin).inserted }
    }
}
