// The losses that APGD climbs.

import Tensors

/// The losses that APGD follows upwards.
enum APGDLoss: Sendable {
    /// The cross-entropy of the label; for a targeted goal, minus that of the target.
    case crossEntropy
    /// The difference of logits ratio, −(Z_label − max other) / (Z_π1 − Z_π3), π the order of the
    /// logits; for a targeted goal its targeted form. Where the denominator is 0, since the logits
    /// at the top are equal, the loss is 0 or, behind them, −∞, and its gradient that of the numerator.
    case ratio
    /// Its targeted form, −(Z_label − Z_k) / (Z_π1 − (Z_π3 + Z_π4) / 2), k a class for each row.
    case targetedRatio([Int])

    /// The losses of all rows, whose logits become the losses' gradients; those of the ratios times
    /// their denominators, which are positive: only a gradient's direction counts, and so neither a
    /// small nor a large scale of the logits leaves the range of a float.
    func gradient(inPlaceOf logits: inout Tensor, for samples: [AttackSample]) -> [Float] {
        if case .crossEntropy = self {
            let losses = CrossEntropy.gradient(
                inPlaceOf: &logits, targets: samples.map(\.lossClass), scale: 1)
            for (row, sample) in samples.enumerated() where sample.direction < 0 {
                logits.negateRow(row)
            }
            return zip(samples, losses).map { $0.direction * $1 }
        }
        let classes = logits.rowLength
        let values = logits.values
        return logits.withMutableFloats { gradient in
            samples.enumerated().map { row, sample in
                let own = Array(values[row * classes..<(row + 1) * classes])
                let order = own.indices.sorted { (own[$0], $1) > (own[$1], $0) }
                for index in 0..<classes { gradient[row * classes + index] = 0 }
                func add(_ index: Int, _ value: Float) { gradient[row * classes + index] += value }
                let target: Int? =
                    if case .targetedRatio(let wanted) = self { wanted[row] } else { sample.target }
                let other = target ?? Margin.rival(in: own[...], of: sample.label)
                // −top / bottom, and bottom times its gradient by the rule for quotients.
                let top = own[sample.label] - own[other]
                let bottom: Float
                let weights: [(Int, Float)]
                if target == nil {
                    bottom = own[order[0]] - own[order[2]]
                    weights = [(order[0], 1), (order[2], -1)]
                } else {
                    bottom = own[order[0]] - (0.5 * own[order[2]] + 0.5 * own[order[3]])
                    weights = [(order[0], 1), (order[2], -0.5), (order[3], -0.5)]
                }
                add(sample.label, -1)
                add(other, 1)
                guard bottom > 0 else { return top == 0 ? 0 : -.infinity }
                let ratio = top / bottom
                // A ratio without bound leaves the numerator's direction.
                guard ratio.isFinite else { return -ratio }
                for (index, weight) in weights { add(index, weight * ratio) }
                return -ratio
            }
        }
    }
}
