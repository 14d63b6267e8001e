// Lines below and above activations over an interval.

import Tensors

/// slope·z + offset.
struct Line: Equatable {
    var slope: Double
    var offset: Double
}

/// The two lines of one neuron, over the interval [lower, upper] of what it reads.
struct ActivationLines {
    var low: Line
    var high: Line

    /// x > 0 ? x : RN(α·x): above it the chord; below it one of its two pieces, z where u > −l and α·z
    /// elsewhere, which leaves less between the lines (the adaptive slope of CROWN).
    ///
    /// Every slope s in [α, 1] gives a line above, with the offset max((α − s)·l, (1 − s)·u), as the
    /// activation is convex: s needs no rounding of a certain kind, and two `nextUp` of the offset are
    /// more than its two roundings lose.
    static func rectifier(_ alpha: Float, _ lower: Float, _ upper: Float) -> ActivationLines {
        let (alpha, l, u) = (Double(alpha), Double(lower), Double(upper))
        guard l < 0 else { return ActivationLines(exactly: 1) }
        let product = Float(alpha) * lower
        let error = alpha == 0 || alpha == 1 ? 0 : Double(product.ulp) / 2
        guard u > 0 else { return ActivationLines(exactly: alpha).widened(by: error) }
        let slope = min(max((u - alpha * l) / (u - l), alpha), 1)
        let offset = max((alpha - slope) * l, (1 - slope) * u).nextUp.nextUp
        return ActivationLines(
            low: Line(slope: u > -l ? 1 : alpha, offset: 0),
            high: Line(slope: slope, offset: offset)
        ).widened(by: error)
    }

    /// The float sigmoid, which is within 2⁻²⁵ + 2⁻⁵² of the real one.
    static func sigmoid(_ lower: Float, _ upper: Float) -> ActivationLines {
        let (l, u) = (Double(lower), Double(upper))
        let below = Line.aboveSigmoid(-u, -l)
        return ActivationLines(
            low: Line(slope: below.slope, offset: 1 - below.offset),
            high: Line.aboveSigmoid(l, u)
        ).widened(by: 0x1p-25 + 0x1p-40)
    }

    /// The float tanh, which is within 2⁻²⁵ + 2⁻⁴⁸ of the real one: tanh z = 2σ(2z) − 1.
    static func tanh(_ lower: Float, _ upper: Float) -> ActivationLines {
        let (l, u) = (2 * Double(lower), 2 * Double(upper))
        let (above, below) = (Line.aboveSigmoid(l, u), Line.aboveSigmoid(-u, -l))
        return ActivationLines(
            low: Line(slope: 4 * below.slope, offset: 1 - 2 * below.offset),
            high: Line(slope: 4 * above.slope, offset: 2 * above.offset - 1)
        ).widened(by: 0x1p-25 + 0x1p-40)
    }

    private init(low: Line, high: Line) { (self.low, self.high) = (low, high) }

    private init(exactly slope: Double) {
        low = Line(slope: slope, offset: 0)
        high = low
    }

    /// Both offsets outwards by so much, the sum rounded outwards.
    private func widened(by error: Double) -> ActivationLines {
        guard error > 0 else { return self }
        var lines = self
        lines.low.offset = (low.offset - error).nextDown
        lines.high.offset = (high.offset + error).nextUp
        return lines
    }
}

extension Line {
    /// A line above the real sigmoid σ over [l, u].
    ///
    /// With g(z) = σ(z) − s·z the offset is the largest g of the interval, and some more for what double
    /// loses in finding it. σ is convex up to 0 and concave from there on, so g is largest at l, at u or
    /// where σ′ = s on the concave side: there it is flat, so that an error of that place is of second
    /// order.
    static func aboveSigmoid(_ l: Double, _ u: Double) -> Line {
        func at(_ p: Double) -> (value: Double, slope: Double) {
            let value = Engine.wideSigmoid(p)
            return (value, value * (1 - value))
        }
        let (first, last) = (at(l), at(u))
        func line(_ slope: Double, through points: [Double]) -> Line {
            let offset = points.map { at($0).value - slope * $0 }.max() ?? 0
            let loss = 0x1p-40 * (1 + slope * max(-l, u))
            return Line(slope: slope, offset: offset + loss)
        }
        guard l < u else { return line(0, through: [u]) }
        let chord = (last.value - first.value) / (u - l)
        if u <= 0 { return line(chord, through: [l, u]) }
        if l >= 0 {
            let middle = l + (u - l) / 2
            return line(at(middle).slope, through: [middle])
        }
        /// Whether the tangent at p passes above l.
        func clears(_ p: Double) -> Bool {
            let point = at(p)
            return point.value - point.slope * (p - l) >= first.value
        }
        // As long as σ is steeper at u than the chord, nothing between is above the chord.
        guard clears(u) else {
            return chord <= last.slope
                ? line(chord, through: [l, u]) : line(last.slope, through: [l, u])
        }
        var (from, to) = (0.0, u)
        for _ in 0..<40 {
            let middle = (from + to) / 2
            if clears(middle) { to = middle } else { from = middle }
        }
        return line(at(to).slope, through: [l, to])
    }
}
