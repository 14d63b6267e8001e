// Numbers as people read them. Written with + − × ÷ and conversions alone, so that every machine
// prints the same digits; no locale, no libm.

/// How the report prints numbers.
public enum Numerals {
    /// What stands for a number that does not exist.
    public static let none = "–"

    /// A whole number in groups of three: `266,610`.
    public static func whole(_ value: Int) -> String {
        let digits = Array(String(value.magnitude))
        var text = value < 0 ? "−" : ""
        for (place, digit) in digits.enumerated() {
            if place > 0 && (digits.count - place).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return text
    }

    /// A number with a fixed count of decimals, half rounded away from zero: `−0.999`.
    ///
    /// Infinite values are `∞`; not-a-number is a dash.
    public static func fixed(_ value: Double, _ decimals: Int) -> String {
        guard !value.isNaN else { return none }
        let sign = value < 0 ? "−" : ""
        guard value.isFinite else { return sign + "∞" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 9e15 else { return "\(value)" }
        let units = Int(scaled)
        let point = Int(scale)
        guard decimals > 0 else { return (units == 0 ? "" : sign) + whole(units) }
        let fraction = String(units % point)
        let zeros = String(repeating: "0", count: decimals - fraction.count)
        return (units == 0 ? "" : sign) + whole(units / point) + "." + zeros + fraction
    }

    /// A number that may be missing.
    public static func fixed(_ value: Double?, _ decimals: Int) -> String {
        value.map { fixed($0, decimals) } ?? none
    }

    /// A difference, with its sign also when it is positive.
    public static func signed(_ value: Double, _ decimals: Int) -> String {
        let text = fixed(value, decimals)
        return text.hasPrefix("−") || !text.contains { ("1"..."9").contains($0) }
            ? text : "+" + text
    }

    /// A share of one as a percentage: `99.1 %`. A share that is not quite all or nothing never
    /// reads as if it were.
    public static func percent(_ share: Double?, _ decimals: Int = 1) -> String {
        guard let share, share.isFinite else { return none }
        var smallest = 1.0
        for _ in 0..<decimals { smallest /= 10 }
        let value = share * 100
        let space = "\u{202F}%"
        if value > 0 && value < smallest { return "<\u{202F}" + fixed(smallest, decimals) + space }
        if value < 100 && value > 100 - smallest {
            return ">\u{202F}" + fixed(100 - smallest, decimals) + space
        }
        if value == 0 || value == 100 { return fixed(value, 0) + space }
        return fixed(value, decimals) + space
    }

    /// A number with three significant digits and a unit prefix: `1.07 M`.
    public static func engineering(_ value: Double?) -> String {
        guard let value, value.isFinite else { return none }
        let prefixes = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
        for (scale, prefix) in prefixes where value.magnitude >= scale * 0.9995 {
            return significant(value / scale) + "\u{202F}" + prefix
        }
        return significant(value)
    }

    /// A number with three significant digits, no more: `215`, `3.17`, `0.036`.
    public static func significant(_ value: Double?, _ digits: Int = 3) -> String {
        guard let value else { return none }
        guard value != 0, value.isFinite else { return fixed(value, 0) }
        // What rounds up to the next power of ten counts as having reached it.
        var half = 0.5
        for _ in 0..<digits { half /= 10 }
        var limit = 1.0
        var decimals = digits
        while decimals > 0 && value.magnitude >= limit * (1 - half) {
            limit *= 10
            decimals -= 1
        }
        var small = 0.1
        while decimals >= digits && value.magnitude < small * (1 - half) && decimals < 9 {
            small /= 10
            decimals += 1
        }
        return fixed(value, decimals)
    }

    /// The same without the zeros that end it, for a value that may be a round one: `0.05`.
    public static func concise(_ value: Double?) -> String { significant(value).withoutZeros }

    /// A mean of whole numbers: whole if it is, with three significant digits otherwise.
    public static func amount(_ value: Double?) -> String {
        guard let value, value.isFinite, value == value.rounded() else { return significant(value) }
        return fixed(value, 0)
    }

    /// A number as a config writes it, for epsilons and step sizes: `0.1`, `25`.
    public static func plain(_ value: Double) -> String {
        guard value.isFinite else { return fixed(value, 0) }
        if value == value.rounded() && value.magnitude < 1e15 { return whole(Int(value)) }
        let text = "\(value)"
        return text.hasPrefix("-") ? "−" + text.dropFirst() : text
    }

    /// A setting as a config writes it, or as the small fraction that it is: 0.05, but 1/30 for
    /// 0.03333333333333333 and for the float that is nearest to it.
    public static func setting(_ value: Double) -> String {
        let text = plain(value)
        guard text.count > 6, value.isFinite, value.magnitude < 1, value != 0 else { return text }
        for bottom in 2...512 {
            let top = (value.magnitude * Double(bottom)).rounded()
            guard top >= 1, top <= 16 else { continue }
            let fraction = top / Double(bottom)
            let isStored = Double(Float(value)) == value
            if fraction == value.magnitude
                || (isStored && Float(fraction) == Float(value.magnitude))
            {
                return (value < 0 ? "−" : "") + "\(Int(top))/\(bottom)"
            }
        }
        return text
    }

    /// A budget as people write it: 0.1 as it is, and 0.00392157 as 1/255, a level of an 8-bit image.
    public static func epsilon(_ value: Double) -> String {
        let levels = value * 255
        let quarters = (levels * 4).rounded()
        let isShort = plain(value).count <= 5
        // Budgets are stored as floats, so a fraction comes back within a millionth of itself.
        guard !isShort, quarters >= 1, abs(levels * 4 - quarters) < 1e-5 * quarters else {
            return plain(value)
        }
        return "\(plain(quarters / 4))/255"
    }

    /// A factor: `×5`, `×2.5`.
    public static func factor(_ value: Double) -> String { "×" + concise(value) }

    /// A count with its noun: `1 image`, `5,000 images`.
    public static func count(_ value: Int, _ noun: String, plural: String? = nil) -> String {
        whole(value) + " " + (value == 1 ? noun : plural ?? noun + "s")
    }
}

extension String {
    /// Without the zeros that end a decimal fraction.
    fileprivate var withoutZeros: String {
        guard contains(".") else { return self }
        var text = self
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }
}
