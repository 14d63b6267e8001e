// Softmax and cross-entropy, from logits [batch, classes].

import CKernels

extension Tensor {
    /// Softmax of each row: e_j = exp(x_j − max); p_j = e_j / Σe, summed in index order.
    ///
    /// - Returns: Probabilities, of this tensor's shape. Equal logits give 1/classes; a NaN logit
    ///   makes its row NaN.
    public func softmaxOfRows() -> Tensor {
        var result = Tensor(shape: shape)
        withFloats { logits in
            result.withMutableFloats { result in
                guard let logits = logits.baseAddress, let result = result.baseAddress else {
                    return
                }
                ck_softmax(result, logits, rowCount, rowLength)
            }
        }
        return result
    }
}

/// The cross-entropy of softmax(logits) with one target class a row:
/// loss = log Σ exp(x_j − max) − (x_target − max), where the target leads log(1 + Σ of the others).
///
/// Nothing cancels: loss and gradient of a confident answer are as exact as those of any other, down
/// to a lead of about 103, where exp itself is 0.
public enum CrossEntropy {
    /// The loss of each row. `logits`: [batch, classes]; targets: [batch].
    public static func losses(of logits: Tensor, targets: [Int]) -> [Float] {
        var losses = [Float](repeating: 0, count: check(logits, targets))
        let targets = targets.map(Int64.init)
        logits.withFloats { logits in
            guard let base = logits.baseAddress else { return }
            ck_cross_entropy(
                &losses, nil, base, targets, targets.count,
                targets.isEmpty ? 0 : logits.count / targets.count, 1)
        }
        return losses
    }

    /// Replaces logits by the gradient of scale·Σ losses with respect to them and returns the losses:
    /// scale·p_j, and −scale·Σ_{j≠target} p_j at the target, which is softmax − onehot written so
    /// that it does not round to 0.
    public static func gradient(
        inPlaceOf logits: inout Tensor, targets: [Int], scale: Float
    ) -> [Float] {
        var losses = [Float](repeating: 0, count: check(logits, targets))
        let targets = targets.map(Int64.init)
        logits.withMutableFloats { logits in
            guard let base = logits.baseAddress else { return }
            ck_cross_entropy(
                &losses, base, base, targets, targets.count,
                targets.isEmpty ? 0 : logits.count / targets.count, scale)
        }
        return losses
    }

    private static func check(_ logits: Tensor, _ targets: [Int]) -> Int {
        precondition(
            logits.rowCount == targets.count,
            "CrossEntropy: \(logits.rowCount) rows of logits, \(targets.count) targets")
        let classes = logits.rowLength
        precondition(
            targets.allSatisfy { (0..<classes).contains($0) },
            "CrossEntropy: a target is not within 0..<\(classes)")
        return targets.count
    }
}

/// The Kullback–Leibler divergence of the answers q to moved images from the answers p to clean ones,
/// Σ_j p_j·(log p_j − log q_j), from logits [batch, classes]. Worked out in double, so that it and its
/// gradients are exact to a float where p and q are nearly alike.
public enum Divergence {
    /// The divergence of each row.
    ///
    /// - Precondition: Both have one shape.
    public static func losses(of moved: Tensor, from clean: Tensor) -> [Float] {
        check(moved, clean)
        var losses = [Float](repeating: 0, count: clean.rowCount)
        clean.withFloats { x in
            moved.withFloats { y in
                guard let x = x.baseAddress, let y = y.baseAddress else { return }
                ck_divergence(&losses, nil, nil, x, y, losses.count, clean.rowLength, 1)
            }
        }
        return losses
    }

    /// Replaces the moved logits by the gradient of Σ divergences with respect to them: q − p.
    ///
    /// - Precondition: Both have one shape.
    public static func gradient(inPlaceOfMoved moved: inout Tensor, from clean: Tensor) {
        check(moved, clean)
        let (rows, classes) = (clean.rowCount, clean.rowLength)
        clean.withFloats { x in
            moved.withMutableFloats { y in
                guard let x = x.baseAddress, let y = y.baseAddress else { return }
                ck_divergence(nil, nil, y, x, y, rows, classes, 1)
            }
        }
    }

    /// Replaces both logits by the gradients of scale·Σ divergences with respect to them:
    /// scale·p·(log p − log q − divergence) for the clean ones, scale·(q − p) for the moved ones.
    ///
    /// - Returns: The divergence of each row.
    /// - Precondition: Both have one shape.
    public static func gradients(
        inPlaceOfClean clean: inout Tensor, moved: inout Tensor, scale: Float
    ) -> [Float] {
        check(moved, clean)
        var losses = [Float](repeating: 0, count: clean.rowCount)
        let classes = clean.rowLength
        clean.withMutableFloats { x in
            moved.withMutableFloats { y in
                guard let x = x.baseAddress, let y = y.baseAddress else { return }
                ck_divergence(&losses, x, y, x, y, losses.count, classes, scale)
            }
        }
        return losses
    }

    private static func check(_ moved: Tensor, _ clean: Tensor) {
        precondition(
            moved.shape == clean.shape, "Divergence: logits \(moved.shape) from \(clean.shape)")
    }
}
