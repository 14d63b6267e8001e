// The likeliest classes of an answer, for networks that tell many apart.

import Tensors

/// The classes with the largest probabilities, the largest first; of equals, the lower number first.
public struct Ranking: Equatable, Sendable {
    /// How many classes a ranking has, where there are as many.
    public static let length = 5

    /// The classes.
    public let classes: [Int]
    /// Their softmax probabilities.
    public let confidences: [Float]

    /// The likeliest classes of each row of logits [N, classes]: `length` of them, or all.
    public static func ofRows(_ logits: Tensor) -> [Ranking] {
        let width = logits.rowLength
        return logits.softmaxOfRows().withFloats { probabilities in
            (0..<logits.rowCount).map { row in
                let base = row * width
                var best: [Int] = []
                for place in 0..<min(length, width) {
                    var found = -1
                    for label in 0..<width where !best.prefix(place).contains(label) {
                        if found < 0 || probabilities[base + label] > probabilities[base + found] {
                            found = label
                        }
                    }
                    best.append(found)
                }
                return Ranking(classes: best, confidences: best.map { probabilities[base + $0] })
            }
        }
    }
}
