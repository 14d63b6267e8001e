// Attacks of one norm on a network of each side, joined on the same images.
//
// An image stands at ε on a side if its network read it correctly and no attack that counts turned it with a
// change of at most ε. What is said is said of one set of images, chosen as in the report of one experiment: one
// that on each side two attacks at least saw (or the only one), and of those sets the one on which most is
// shown: where the upper ends of Wilson's intervals of both sides' shares are lowest, on average over the
// budgets that both were given. Where there is no such set all images count, and the page says so.

/// One network of A and one of B under attacks of one norm.
struct PairedComparison {
    /// One side on the images that both saw.
    struct Side {
        let entries: [Comparison.Entry]
        let isRight: [Bool]
        /// The least distance at which any attack turned the image; infinite where none did.
        let worst: [Float]

        init(_ entries: [Comparison.Entry], _ isRight: [Bool]) {
            (self.entries, self.isRight) = (entries, isRight)
            worst = isRight.indices.map { image in
                entries.reduce(.infinity) { min($0, $1.least[image]) }
            }
        }

        /// Whether an image stands against all attacks together.
        func stands(_ image: Int, at epsilon: Double) -> Bool {
            isRight[image] && !(worst[image] <= Float(epsilon))
        }

        /// The budgets that attacks were given.
        var budgets: Set<Double> {
            Set(entries.flatMap { $0.attack.levels.compactMap(\.epsilon) }.filter { $0 > 0 })
        }

        func hasResult(at epsilon: Double) -> Bool {
            entries.contains { $0.hasResult(at: epsilon) }
        }
    }

    let norm: String
    /// The networks by the stems of their nodes.
    let modelA: String, modelB: String
    let pool: PairedImages
    let a: Side, b: Side
    /// The images of which something is said, by number, rising.
    let images: [Int]
    /// Whether on some of them an attack is missing that would have to be there: there is no set that two attacks
    /// of each side saw whole, or the only one, so that all images are counted.
    let isPatchy: Bool
    /// Where the sides are compared: the budgets at which both have a result, rising. Where both only look for
    /// the least change: the quartiles of A's distances.
    let epsilons: [Double]

    /// Nil where no image was seen by both.
    init?(_ one: [AttackRun], _ other: [AttackRun], without unequal: Set<PairedImages.Identity>) {
        let pool = PairedImages(one, other, without: unequal)
        guard let first = one.first, let second = other.first, !pool.identities.isEmpty else {
            return nil
        }
        let a = Side(one.compactMap(pool.entry), pool.isRightA)
        let b = Side(other.compactMap(pool.entry), pool.isRightB)
        (norm, modelA, modelB) = (first.norm, first.model, second.model)
        (self.pool, self.a, self.b) = (pool, a, b)
        let budgets = a.budgets.union(b.budgets).filter {
            a.hasResult(at: $0) && b.hasResult(at: $0)
        }.sorted()
        let isLeast = a.budgets.isEmpty && b.budgets.isEmpty
        func quantiles(_ shares: [Double], of images: [Int]) -> [Double] {
            let found = images.map { Double(a.worst[$0]) }.filter(\.isFinite)
            return Set(shares.compactMap { Statistics.quantile($0, of: found) }).sorted()
        }
        let all = Array(pool.identities.indices)
        let places =
            isLeast ? quantiles((1...9).map { Double($0) / 10 }, of: all) : budgets
        let chosen = Self.mostInformative(a, b, places)
        (images, isPatchy) = (chosen ?? all, chosen == nil)
        epsilons = isLeast ? quantiles([0.25, 0.5, 0.75], of: images) : budgets
    }

    private static func mostInformative(
        _ a: Side, _ b: Side, _ places: [Double]
    ) -> [Int]? {
        func full(_ side: Side, _ images: [Int]) -> Bool {
            side.entries.count { $0.seen(of: images) == images.count } >= min(2, side.entries.count)
        }
        let (one, other) = (Comparison.sets(a.entries), Comparison.sets(b.entries))
        let mixed = one.flatMap { set in
            let mine = Set(set.images)
            return other.map { $0.images.filter(mine.contains) }
        }
        let candidates = Set((one + other).map(\.images) + mixed)
            .filter { !$0.isEmpty && full(a, $0) && full(b, $0) }
            .sorted {
                $0.count == $1.count ? $0.lexicographicallyPrecedes($1) : $0.count > $1.count
            }
        func end(_ images: [Int]) -> Double {
            places.reduce(0) { sum, epsilon in
                [a, b].reduce(sum) { sum, side in
                    let left = images.count { side.stands($0, at: epsilon) }
                    return sum + Statistics.wilson(left, of: images.count).high
                }
            }
        }
        let ends = candidates.map(end)
        let best = candidates.indices.min { ends[$0] < ends[$1] }
        return best.map { candidates[$0] }
    }

    /// What all attacks together leave.
    func shares(at epsilon: Double) -> PairedShares {
        images.reduce(into: PairedShares()) {
            $0.add(a: a.stands($1, at: epsilon), b: b.stands($1, at: epsilon))
        }
    }

    /// What the only attack of each side leaves at exactly this budget; nil where one was not given it.
    func ownShares(at epsilon: Double) -> PairedShares? {
        guard let one = a.entries.first, let other = b.entries.first,
            one.hasResult(at: epsilon), other.hasResult(at: epsilon)
        else { return nil }
        func stands(_ side: Side, _ entry: Comparison.Entry, _ image: Int) -> Bool {
            side.isRight[image] && entry.fooled(at: epsilon, of: [image]) == 0
        }
        return images.reduce(into: PairedShares()) {
            $0.add(a: stands(a, one, $1), b: stands(b, other, $1))
        }
    }

    /// How many images were read correctly before any attack.
    var clean: PairedShares {
        images.reduce(into: PairedShares()) { $0.add(a: a.isRight[$1], b: b.isRight[$1]) }
    }
}
