// Whether a network knows anything: it must be right more often than one that always gives one answer.

/// The binomial test of a share of right answers against guessing.
enum Guessing {
    /// The largest probability with which guessing may do as well.
    static let level = 0.005

    /// Whether `correct` of `count` answers are more than a guess that is right with `share` would give:
    /// P(X ≥ correct) < 0.005 for a binomial X; for more than 200 images by three deviations.
    static func isBeaten(_ correct: Int, of count: Int, share: Double) -> Bool {
        guard count > 0, correct > 0, share < 1 else { return false }
        guard count <= 200 else {
            let (n, p) = (Double(count), share)
            return Double(correct) > n * p + 3 * (n * p * (1 - p)).squareRoot()
        }
        return tail(correct, of: count, share) < level
    }

    /// P(X ≥ k), by products and sums alone, from the end whose probability does not vanish.
    private static func tail(_ k: Int, of n: Int, _ p: Double) -> Double {
        func power(_ base: Double) -> Double { (0..<n).reduce(1) { value, _ in value * base } }
        if p < 0.5 {
            var (term, below) = (power(1 - p), 0.0)
            for i in 0..<k {
                below += term
                term *= Double(n - i) / Double(i + 1) * p / (1 - p)
            }
            return max(0, 1 - below)
        }
        var (term, above) = (power(p), 0.0)
        for i in stride(from: n, through: k, by: -1) {
            above += term
            term *= Double(i) / Double(n - i + 1) * (1 - p) / p
        }
        return above
    }
}
