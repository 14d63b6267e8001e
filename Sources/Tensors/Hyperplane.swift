// Hyperplanes through rows of pixels.

import CKernels

extension Tensor {
    /// Σ w·x of a row with a row of another tensor, in Double.
    ///
    /// - Precondition: Both rows exist and are equally long.
    public func dot(ofRow row: Int, _ other: Tensor, row source: Int) -> Double {
        let length = rowLength
        precondition(
            other.rowLength == length && row < rowCount && source < other.rowCount,
            "dot: row \(source) of \(other.shape) with row \(row) of \(shape)")
        return withFloats { w in
            other.withFloats { x in
                guard let w = w.baseAddress, let x = x.baseAddress else { return 0 }
                return ck_dot(w + row * length, x + source * length, length)
            }
        }
    }

    /// Makes a row the least change d, in a norm, with Σ w·(t + d) = Σ w·t + gap and t + d within the limits; as
    /// far as these allow where they do not reach that hyperplane.
    ///
    /// - Parameters:
    ///   - row: The row of this tensor that becomes d.
    ///   - points: Where t is, within the limits.
    ///   - slopes: Where w is.
    ///   - source: The row of t and w.
    ///   - gap: How much w·t is to change.
    ///   - ball: The norm: linf, l2 or l1.
    ///   - limits: Between which values pixels may move, in place of [0, 1].
    ///   - originals: Around which; its row `source` counts.
    /// - Precondition: The rows exist and are equally long.
    public mutating func goToHyperplane(
        _ row: Int, from points: Tensor, along slopes: Tensor, row source: Int, gap: Double,
        in ball: Ball, limits: PixelLimits = .box, around originals: Tensor
    ) {
        let length = rowLength
        precondition(
            points.rowLength == length && slopes.rowLength == length && row < rowCount
                && source < min(points.rowCount, slopes.rowCount),
            "goToHyperplane: \(points.shape), \(slopes.shape), \(shape)")
        let norm: Int32 = ball == .linf ? 0 : ball == .l2 ? 1 : 2
        limits.withBounds(around: originals, row: source) { lower, upper in
            points.withFloats { t in
                slopes.withFloats { w in
                    withMutableFloats { d in
                        guard let t = t.baseAddress, let w = w.baseAddress, let d = d.baseAddress
                        else { return }
                        ck_to_hyperplane(
                            d + row * length, t + source * length, w + source * length, length,
                            gap, norm, lower, upper)
                    }
                }
            }
        }
    }
}

/// Products of lists.
public enum RowProduct {
    /// Σ a·b in Double, in a fixed order.
    ///
    /// - Precondition: Both are equally long.
    public static func dot(_ a: [Float], _ b: [Float]) -> Double {
        precondition(a.count == b.count, "dot: \(a.count) and \(b.count) values")
        return ck_dot(a, b, a.count)
    }
}
