// The few statistics that the report needs, each with one order of operations.

enum Statistics {
    /// The sum in index order over the count; nil for nothing.
    static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// A part of a whole; nil if the whole is empty.
    static func share(_ part: Int, of whole: Int) -> Double? {
        whole > 0 ? Double(part) / Double(whole) : nil
    }

    /// The value below which a share of the values lies, straight lines between ranks.
    static func quantile(_ share: Double, of values: [Double]) -> Double? {
        let sorted = values.sorted()
        guard let last = sorted.indices.last else { return nil }
        let place = min(max(share, 0), 1) * Double(last)
        let below = Int(place)
        guard below < last else { return sorted[last] }
        return sorted[below] + (place - Double(below)) * (sorted[below + 1] - sorted[below])
    }

    /// The median, and between which two values that of a larger crowd lies with 95 % confidence: those
    /// whose ranks are the ends of Wilson's interval for one half. Infinite values are values; nil for
    /// none at all.
    static func median(of values: [Double]) -> (middle: Double, low: Double, high: Double)? {
        let sorted = values.sorted()
        let count = sorted.count
        guard count > 0 else { return nil }
        let (lower, upper) = (sorted[(count - 1) / 2], sorted[count / 2])
        let ends = wilson(count / 2, of: count)
        let (low, high) = (
            Int((ends.low * Double(count)).rounded(.down)),
            Int((ends.high * Double(count)).rounded(.up)) - 1
        )
        return (
            lower == upper ? lower : (lower + upper) / 2, sorted[min(max(low, 0), count - 1)],
            sorted[min(max(high, 0), count - 1)]
        )
    }

    /// How many values fall into each of equal bins; the last bin holds its upper end too.
    /// Values outside the range are left out.
    static func histogram(_ values: [Double], from low: Double, to high: Double, bins: Int) -> [Int]
    {
        var counts = Array(repeating: 0, count: bins)
        for value in values where value >= low && value <= high {
            counts[min(bins - 1, Int((value - low) / (high - low) * Double(bins)))] += 1
        }
        return counts
    }

    /// Wilson's interval for a share seen as `part` of `whole`: where the true share lies with 95 %
    /// confidence, were the images drawn from a larger crowd.
    static func wilson(_ part: Int, of whole: Int) -> (low: Double, high: Double) {
        guard whole > 0 else { return (0, 1) }
        let (z, count) = (1.959963984540054, Double(whole))
        let share = Double(part) / count
        let spread = z * (share * (1 - share) / count + z * z / (4 * count * count)).squareRoot()
        let (middle, scale) = (share + z * z / (2 * count), 1 + z * z / count)
        // Rounding must not push an end past the share itself.
        return (
            part == 0 ? 0 : max(0, min(share, (middle - spread) / scale)),
            part == whole ? 1 : min(1, max(share, (middle + spread) / scale))
        )
    }
}
