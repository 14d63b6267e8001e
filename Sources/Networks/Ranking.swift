// The likeliest classes of an answer, for networks that tell many apart.

import Tensors

/// The classes with the largest logits, the largest first; of equals, the lower number first.
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
        let count = min(length, width)
        var labels = Array(repeating: 0, count: count)
        let probabilities = logits.softmaxOfRows().values
        // By logits: probabilities that differ may round to the same float.
        return logits.withFloats { logits in
            (0..<probabilities.count / max(1, width)).map { row in
                let own = row * width
                var held = 0
                for label in 0..<width {
                    // A place among the best: before those that are smaller, behind its equals.
                    let value = logits[own + label]
                    var place = held
                    while place > 0, logits[own + labels[place - 1]] < value { place -= 1 }
                    guard place < count else { continue }
                    held = min(held + 1, count)
                    for moved in stride(from: held - 1, to: place, by: -1) {
                        labels[moved] = labels[moved - 1]
                    }
                    labels[place] = label
                }
                return Ranking(
                    classes: labels, confidences: labels.map { probabilities[own + $0] })
            }
        }
    }
}
