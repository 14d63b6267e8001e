// Exact sums of doubles, for comparisons with the real numbers.

/// A real number: the exact sum of doubles that do not overlap, smallest first (Shewchuk 1997).
struct Exact {
    private var parts: [Double] = []

    init(_ terms: Double...) { for term in terms { add(term) } }

    /// Adds a double, exactly.
    mutating func add(_ term: Double) {
        var (carry, kept) = (term, [Double]())
        for part in parts {
            let sum = carry + part
            let other = sum - carry
            let error = (carry - (sum - other)) + (part - other)
            if error != 0 { kept.append(error) }
            carry = sum
        }
        if carry != 0 { kept.append(carry) }
        parts = kept
    }

    /// Adds the product of two doubles, exactly where it does not underflow.
    mutating func add(_ a: Double, times b: Double) {
        let product = a * b
        add(product)
        add((-product).addingProduct(a, b))
    }

    /// −1, 0 or 1: the largest part decides.
    var sign: Int { parts.last.map { $0 > 0 ? 1 : -1 } ?? 0 }

    /// This less another.
    func minus(_ other: Exact) -> Exact {
        var difference = self
        for part in other.parts { difference.add(-part) }
        return difference
    }

    /// Whether the magnitude is at most a double.
    func isWithin(_ bound: Double) -> Bool {
        Exact(bound).minus(self).sign >= 0 && minus(Exact(-bound)).sign >= 0
    }
}
