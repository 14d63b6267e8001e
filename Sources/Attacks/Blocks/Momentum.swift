// The sum of gradients along which steps with momentum go.

import Tensors

/// A decaying sum of gradients, each over its mean absolute value where pixels may change:
///
///     m ← μ·m + g / mean|g|
///
/// A gradient of zeros adds nothing.
enum Momentum {
    /// The sums, a row a run.
    static let sum = RowTensor("momentum", .zeros)

    /// Adds a gradient to the sums, and returns them.
    static func add<State>(
        _ gradient: Tensor, to batch: inout Batch<State>, decay: Float
    ) -> Tensor {
        let (length, free) = (gradient.rowLength, batch.freeCount)
        gradient.withFloats { gradient in
            batch[sum].withMutableFloats { momentum in
                for row in 0..<gradient.count / max(1, length) {
                    let rows = row * length..<(row + 1) * length
                    var sum = 0.0
                    for index in rows { sum += Double(abs(gradient[index])) }
                    // In Double: of a gradient of the least floats the factor is beyond any float.
                    let scale = sum > 0 ? Double(free) / sum : 0
                    for index in rows {
                        momentum[index] =
                            decay * momentum[index] + Float(scale * Double(gradient[index]))
                    }
                    // With a decay above 1 it grows without end; beside so large a sum what is added
                    // later is nothing, and only the direction counts.
                    if rows.contains(where: { abs(momentum[$0]) > 0x1p80 }) {
                        for index in rows { momentum[index] *= 0x1p-40 }
                    }
                }
            }
        }
        return batch[sum]
    }
}
