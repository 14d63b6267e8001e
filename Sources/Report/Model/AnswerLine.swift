// What the network answers along the one direction of an attack, between its budgets.

/// The answers to x + ε·s at M values of ε, and s, for each of N images.
public struct AnswerLine: Sendable {
    /// The values of ε, from 0 up.
    public let epsilons: [Float]
    /// By image and ε the likeliest classes, the likeliest first; none for an image that was not attacked.
    public let answers: [[[Guess]]]
    /// Where s is 1 and where it is −1, [N, C, H, W] each, 1 or 0.
    public let up: [UInt8], down: [UInt8]

    /// The answers from their parts.
    public init(epsilons: [Float], answers: [[[Guess]]], up: [UInt8], down: [UInt8]) {
        (self.epsilons, self.answers, self.up, self.down) = (epsilons, answers, up, down)
    }

    /// The direction of an image as a picture as large as another: black is −1, white is 1, middle grey 0.
    func direction(of image: Int, like picture: Picture) -> Picture {
        let start = image * picture.values.count
        return Picture(
            width: picture.width, height: picture.height, channels: picture.channels,
            values: picture.values.indices.map { index in
                up[start + index] != 0 ? 1 : down[start + index] != 0 ? 0 : 128 / 255
            })
    }
}
