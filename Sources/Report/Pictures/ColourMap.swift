// From numbers to colours.
//
// Perturbations go from orange (the pixel got brighter) through nothing to blue (darker): a pair
// that people with every kind of colour vision tell apart. "Nothing" is clear rather than white,
// so that the same picture sits well on light and dark paper.

/// How a value becomes a colour.
public enum ColourMap: Sendable {
    /// [0, 1] to black…white, each level one of the 256 that a picture file can hold.
    case grey
    /// [−1, 1] to blue…clear…orange.
    case signed

    /// The end of the signed scale that stands for brighter pixels.
    public static let brighter = Colour(0xE0, 0x5A, 0x00)
    /// The end of the signed scale that stands for darker pixels.
    public static let darker = Colour(0x1B, 0x6F, 0xD1)

    /// The colour of a value; values outside the range take the nearest end, NaN is clear.
    public func colour(of value: Float) -> Colour {
        guard !value.isNaN else { return .clear }
        switch self {
        case .grey:
            let level = Self.byte(min(max(value, 0), 1))
            return Colour(level, level, level)
        case .signed:
            // 127 steps each way keep the palette within 256 entries.
            let steps = (min(value.magnitude, 1) * 127).rounded()
            guard steps > 0 else { return .clear }
            let end = value > 0 ? Self.brighter : Self.darker
            return Colour(end.red, end.green, end.blue, alpha: Self.byte(steps / 127))
        }
    }

    /// [0, 1] to 0…255, to the nearest: what saving a picture does.
    public static func byte(_ value: Float) -> UInt8 { UInt8((value * 255).rounded()) }
}
