// The margin loss and its gradient: by how much a sample still stands.

import Tensors

/// By how much a sample still stands: positive or 0 while the goal is not reached,
///
///     Z_label − max_{j≠label} Z_j,  or towards a target  max_{j≠target} Z_j − Z_target
enum Margin {
    /// The margin of one row of logits.
    static func of(_ logits: ArraySlice<Float>, for sample: AttackSample) -> Float {
        let rival = rival(in: logits, of: sample.lossClass)
        let start = logits.startIndex
        return sample.direction * (logits[start + sample.lossClass] - logits[start + rival])
    }

    /// The margins of all rows, whose logits become the margins' gradients with respect to them: +1 at
    /// the class ahead, −1 at the other; of equal rivals the first counts.
    static func gradient(inPlaceOf logits: inout Tensor, for samples: [AttackSample]) -> [Float] {
        let classes = logits.rowLength
        let values = logits.values
        return logits.withMutableFloats { gradient in
            samples.enumerated().map { row, sample in
                let own = values[row * classes..<(row + 1) * classes]
                let rival = rival(in: own, of: sample.lossClass)
                for index in own.indices { gradient[index] = 0 }
                gradient[own.startIndex + sample.lossClass] = sample.direction
                gradient[own.startIndex + rival] = -sample.direction
                return sample.direction
                    * (own[own.startIndex + sample.lossClass] - own[own.startIndex + rival])
            }
        }
    }

    /// The likeliest class but one.
    static func rival<Logits: RandomAccessCollection>(
        in logits: Logits, of index: Int
    ) -> Int where Logits.Element == Float, Logits.Index == Int {
        var best = index == 0 ? min(1, logits.count - 1) : 0
        for (place, value) in logits.enumerated()
        where place != index && value > logits[logits.startIndex + best] {
            best = place
        }
        return best
    }
}

/// Cosines of a schedule, the same on every machine.
enum Cosine {
    /// (1 + cos(π·step/steps)) / 2: from 1 down to 0.
    static func fade(_ step: Int, of steps: Int) -> Double {
        let angle = 180 * Double(step) / Double(max(1, steps))
        return (1 + Trigonometry.sineAndCosine(ofDegrees: angle).cosine) / 2
    }
}

/// Sine and cosine by sums of products alone.
enum Trigonometry {
    /// Taylor's sums to the 25th power, exact to the last bits of a Double for angles to ±180°.
    static func sineAndCosine(ofDegrees degrees: Double) -> (sine: Double, cosine: Double) {
        let angle = degrees * (Double.pi / 180)
        let square = angle * angle
        var (sine, cosine) = (1.0, 1.0)
        for power in stride(from: 25.0, to: 1, by: -2) {
            sine = 1 - square / (power * (power - 1)) * sine
            cosine = 1 - square / ((power - 1) * (power - 2)) * cosine
        }
        return (angle * sine, cosine)
    }
}
