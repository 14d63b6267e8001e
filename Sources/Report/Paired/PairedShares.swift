// Two shares of the same images: how many stand on both sides, on one, on none; the difference with its interval,
// and McNemar's test. Only + − × ÷ √, so that every machine prints the same digits.

/// What became of the same images on two sides.
public struct PairedShares: Equatable, Sendable {
    /// Images that stand on both sides, on one alone, and on none.
    public var both = 0, onlyA = 0, onlyB = 0, neither = 0

    /// No images.
    public init() {}

    /// Counted already.
    init(both: Int, onlyA: Int, onlyB: Int, neither: Int) {
        (self.both, self.onlyA, self.onlyB, self.neither) = (both, onlyA, onlyB, neither)
    }

    /// Counts an image.
    mutating func add(a: Bool, b: Bool) {
        switch (a, b) {
        case (true, true): both += 1
        case (true, false): onlyA += 1
        case (false, true): onlyB += 1
        case (false, false): neither += 1
        }
    }

    /// All images.
    public var images: Int { both + onlyA + onlyB + neither }
    /// Those that stand on a side.
    public var a: Int { both + onlyA }
    /// Those that stand on a side.
    public var b: Int { both + onlyB }

    /// B's share less A's, in −1…1; 0 without images.
    ///
    /// One division of whole numbers, so that it equals a decimal limit exactly where it should.
    public var difference: Double {
        images > 0 ? Double(onlyB - onlyA) / Double(images) : 0
    }

    /// Where that difference lies with 95 % confidence, were the images drawn from a larger crowd; −1…1
    /// without images.
    ///
    /// Newcombe's hybrid score interval for paired data (Statistics in Medicine 17, 1998, 2635–2650, method
    /// 10): Wilson's intervals (l, u) of both shares p, joined by their correlation φ, which is taken with a
    /// continuity correction where it is positive, and as 0 where a share is 0 or 1:
    ///
    ///     low  = p_B − p_A − √((p_B − l_B)² − 2 φ (p_B − l_B)(u_A − p_A) + (u_A − p_A)²)
    ///     high = p_B − p_A + √((u_B − p_B)² − 2 φ (u_B − p_B)(p_A − l_A) + (p_A − l_A)²)
    public var interval: (low: Double, high: Double) {
        guard images > 0 else { return (-1, 1) }
        let count = Double(images)
        let (shareA, shareB) = (Double(a) / count, Double(b) / count)
        let (endsA, endsB) = (Statistics.wilson(a, of: images), Statistics.wilson(b, of: images))
        let phi = correlation
        func spread(_ one: Double, _ other: Double) -> Double {
            max(0, one * one - 2 * phi * one * other + other * other).squareRoot()
        }
        return (
            max(-1, difference - spread(shareB - endsB.low, endsA.high - shareA)),
            min(1, difference + spread(endsB.high - shareB, shareA - endsA.low))
        )
    }

    private var correlation: Double {
        // Whole numbers as doubles: up to 10⁷ images the products below are exact enough not to matter.
        let (both, onlyA, onlyB) = (Double(both), Double(onlyA), Double(onlyB))
        let neither = Double(neither)
        let margins =
            (both + onlyB) * (onlyA + neither) * ((both + onlyA) * (onlyB + neither))
        guard margins > 0 else { return 0 }
        let product = both * neither - onlyA * onlyB
        let corrected = product > 0 ? max(product - Double(images) / 2, 0) : product
        return corrected / margins.squareRoot()
    }

    /// McNemar's exact test, two-sided: the probability that of the images on which the sides differ as many
    /// or more would fall to one side, were either side as likely; 1 where they differ on none.
    public var probability: Double { Statistics.signTest(onlyA, onlyB) }

    /// Whether that probability is below 5 %, this test taken by itself.
    public var isSignificant: Bool { probability < 0.05 }
}

extension Statistics {
    /// Which of several tests are significant such that the probability of even one wrong verdict among them is
    /// below 5 %, however they hang together: the least probability is held against 0.05 / n, the next against
    /// 0.05 / (n − 1), and so on up to the first that is not below (Holm, Scandinavian Journal of Statistics
    /// 6, 1979, 65–70).
    static func holm(_ probabilities: [Double]) -> [Bool] {
        var found = probabilities.map { _ in false }
        let order = probabilities.indices.sorted {
            (probabilities[$0], $0) < (probabilities[$1], $1)
        }
        for (place, test) in order.enumerated() {
            guard probabilities[test] * Double(order.count - place) < 0.05 else { break }
            found[test] = true
        }
        return found
    }

    /// The exact sign test, two-sided: 2 P(X ≤ min(m, n)) of a binomial X of m + n fair throws, at most 1.
    static func signTest(_ one: Int, _ other: Int) -> Double {
        let (few, all) = (min(one, other), one + other)
        guard 2 * few < all else { return 1 }
        // The largest term, C(all, few) / 2^all, multiplied and halved by turns so that it stays in range.
        var (term, halvings) = (1.0, all)
        for step in 0..<few {
            term *= Double(all - step) / Double(step + 1)
            while term > 1, halvings > 0 { (term, halvings) = (term / 2, halvings - 1) }
        }
        while halvings > 0, term > 0 { (term, halvings) = (term / 2, halvings - 1) }
        // The smaller terms, as parts of the largest: C(n, k − 1) = C(n, k) k / (n − k + 1).
        var (part, sum) = (1.0, 1.0)
        for count in stride(from: few, to: 0, by: -1) {
            part *= Double(count) / Double(all - count + 1)
            sum += part
        }
        return min(1, 2 * term * sum)
    }
}
