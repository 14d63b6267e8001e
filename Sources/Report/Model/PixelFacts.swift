// What a network of somebody else expects of its pixels, and how that was found out.

/// The preprocessing of a network, as `stage-fit` records it.
public struct PixelFacts: Sendable {
    /// As PIXELS has it: "0..255 bgr".
    public var words: String
    /// "given", "graph" or "tried".
    public var reason: String
    /// Subtracted from each channel of pixels in [0, 1], and what it is divided by.
    public var mean: [Double], deviation: [Double]
    /// What was tried, the best first: its words, and on how many images the network was right.
    public var tried: [(words: String, correct: Int, count: Int)]

    /// A preprocessing from its parts.
    public init(
        words: String, reason: String, mean: [Double], deviation: [Double],
        tried: [(words: String, correct: Int, count: Int)]
    ) {
        (self.words, self.reason, self.mean) = (words, reason, mean)
        (self.deviation, self.tried) = (deviation, tried)
    }
}
