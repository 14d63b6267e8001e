// The choice of a saliency map.

/// The pair of pixels that a saliency map likes best.
enum SaliencyPair {
    /// Values times a power of two that brings the largest near 1, so that their products neither
    /// vanish nor overflow; the order of the products is the same.
    private static func scaled(_ values: [Float]) -> [Float] {
        let most = values.reduce(0) { max($0, abs($1)) }
        guard most > 0, most.isFinite else { return values }
        // In two steps: of the least floats the factor is beyond a float itself.
        let exponent = -Int(most.exponent)
        let half = Float(sign: .plus, exponent: exponent / 2, significand: 1)
        let rest = Float(sign: .plus, exponent: exponent - exponent / 2, significand: 1)
        return values.map { $0 * half * rest }
    }

    /// The pair (p < q) with the largest −(α_p + α_q)·(β_p + β_q) of those where sign·(α_p + α_q) > 0
    /// and sign·(β_p + β_q) < 0; of equals the first in order. nil if there is none.
    ///
    /// A pair's score is at most that of p with the best α and the best β of all, which leaves most
    /// values out after a few rows.
    static func best(
        of free: [Int], alpha: Slice<UnsafeBufferPointer<Float>>,
        beta: Slice<UnsafeBufferPointer<Float>>, sign: Float
    ) -> (first: Int, second: Int)? {
        let a = scaled(free.map { sign * alpha[alpha.startIndex + $0] })
        let b = scaled(free.map { -sign * beta[beta.startIndex + $0] })
        let (mostA, mostB) = (a.max() ?? 0, b.max() ?? 0)
        var best: (first: Int, second: Int)?
        var most: Float = 0
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                for p in a.indices {
                    let bound = max(a[p] + mostA, 0) * max(b[p] + mostB, 0)
                    guard bound > most else { continue }
                    for q in p + 1..<max(p + 1, a.count) {
                        let (up, down) = (a[p] + a[q], b[p] + b[q])
                        let score = up * down
                        if score > most && up > 0 && down > 0 {
                            most = score
                            best = (free[p], free[q])
                        }
                    }
                }
            }
        }
        return best
    }
}
