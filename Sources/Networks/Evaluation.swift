// How well a network does on labelled images.

import Tensors

/// What a network answered on labelled images.
public struct Evaluation: Equatable, Sendable {
    /// How many images.
    public var count: Int
    /// How many were classified as labelled.
    public var correct: Int
    /// The mean cross-entropy.
    public var loss: Double
    /// confusion[label][predicted]: how often.
    public var confusion: [[Int]]

    /// correct / count; 0 without images.
    public var accuracy: Double { count == 0 ? 0 : Double(correct) / Double(count) }
}

extension Network {
    /// Classifies every image and compares with the labels.
    ///
    /// - Parameters:
    ///   - images: [N, C, H, W], pixels in [0, 1].
    ///   - labels: One a row, each within the classes.
    /// - Returns: Counts, the mean loss and the confusion matrix.
    /// - Throws: `NetworkFault`.
    public func evaluate(images: Tensor, labels: [Int]) throws -> Evaluation {
        try Self.check(labels, classes: classes)
        let parts = try mapBatches(of: labels.count) { pass, rows in
            let logits = try pass.logits(of: images.rows(rows))
            return (
                logits.argmaxOfRows(), CrossEntropy.losses(of: logits, targets: Array(labels[rows]))
            )
        }
        var result = Evaluation(
            count: labels.count, correct: 0, loss: 0,
            confusion: Array(repeating: Array(repeating: 0, count: classes), count: classes))
        for (label, predicted) in zip(labels, parts.flatMap(\.0)) {
            result.confusion[label][predicted] += 1
            if label == predicted { result.correct += 1 }
        }
        let total = parts.flatMap(\.1).reduce(0) { $0 + Double($1) }
        result.loss = labels.isEmpty ? 0 : total / Double(labels.count)
        return result
    }

    /// The class of each image.
    ///
    /// - Throws: `NetworkFault`.
    public func answers(to images: Tensor) throws -> [Int] {
        try mapBatches(of: images.rowCount) { pass, rows in
            try pass.logits(of: images.rows(rows)).argmaxOfRows()
        }.flatMap { $0 }
    }

    static func check(_ labels: [Int], classes: Int) throws {
        if let sample = labels.firstIndex(where: { !(0..<classes).contains($0) }) {
            throw NetworkFault.wrongLabel(labels[sample], sample: sample, classes: classes)
        }
    }
}
