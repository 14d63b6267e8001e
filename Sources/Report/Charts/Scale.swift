// From values to places on a chart, with round numbers on the axis.

/// A linear axis.
struct Scale {
    /// The values at the two ends.
    let low: Double, high: Double
    /// The places of the two ends, in units of the drawing.
    let start: Double, end: Double
    /// The round values that get a mark.
    let ticks: [Double]
    /// Decimals that tell the ticks apart.
    let decimals: Int

    /// An axis that covers at least `low…high` and ends on round values.
    ///
    /// Without extent, as when all values are equal, one unit of the value's size is added.
    init(from low: Double, to high: Double, start: Double, end: Double, about count: Int = 5) {
        let low = low.isFinite ? low : 0
        var high = high.isFinite ? max(low, high) : low + 1
        if high - low <= 1e-12 * max(low.magnitude, high.magnitude, 1e-300) {
            high = low + (low == 0 ? 1 : low.magnitude)
        }
        let (step, decimals) = Self.step(for: (high - low) / Double(max(count, 1)))
        let first = (low / step + 1e-9).rounded(.down)
        let last = (high / step - 1e-9).rounded(.up)
        ticks = (0...Int(last - first)).map { (first + Double($0)) * step }
        self.low = first * step
        self.high = last * step
        self.start = start
        self.end = end
        self.decimals = decimals
    }

    /// Where a value lies; values beyond the ends lie on the end.
    func place(_ value: Double) -> Double {
        let share = (min(max(value, low), high) - low) / (high - low)
        return start + share * (end - start)
    }

    /// The next of …, 0.1, 0.2, 0.5, 1, 2, 5, 10, … that is not below `rough`, and its decimals.
    private static func step(for rough: Double) -> (Double, Int) {
        var power = 0
        var scaled = rough
        while scaled > 10 { (scaled, power) = (scaled / 10, power + 1) }
        while scaled <= 1 { (scaled, power) = (scaled * 10, power - 1) }
        let digit = [1.0, 2, 5, 10].first { $0 >= scaled - 1e-9 } ?? 10
        var step = digit
        for _ in 0..<power.magnitude { step = power > 0 ? step * 10 : step / 10 }
        return (step, max(0, digit == 10 ? -power - 1 : -power))
    }
}

/// A place in a drawing, as SVG writes it: at most two decimals, an ordinary minus sign.
func coordinate(_ value: Double) -> String {
    let hundredths = Int((value * 100).rounded())
    let whole = hundredths.magnitude / 100
    let rest = hundredths.magnitude % 100
    let sign = hundredths < 0 ? "-" : ""
    guard rest > 0 else { return "\(sign)\(whole)" }
    let digits = rest < 10 ? "0\(rest)" : rest.isMultiple(of: 10) ? "\(rest / 10)" : "\(rest)"
    return "\(sign)\(whole).\(digits)"
}
