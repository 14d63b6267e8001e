// What an attack may ask of the network: three doors, each wider than the one before. Every row of
// every pass is counted here, for the sample that it is asked for, so that no attack keeps books of its
// own; and a value that is not a number stops at the row in which it arose.

import Networks
import Tensors

/// The class that the network answers, and nothing else.
///
/// Each row has an owner, for whom it is counted (`Batch.owners`); nil for a row that nobody will look
/// at, such as that of a run that is over. What comes back for such a row is zero, and where no row
/// has an owner there is no pass at all.
public protocol DecisionOracle {
    /// The classes that the network answers to images [N, C, H, W]; one owner a row. Of equal logits
    /// the first counts.
    ///
    /// - Throws: `NetworkFault` for images of another shape.
    mutating func answers(to images: Tensor, for owners: [RowOwner?]) throws -> [Int]

    /// Runs another attack on some rows of a batch, each within a budget of its own (none for an
    /// attack that looks for the least perturbation), and judges what it proposes. All that is asked on
    /// the way is counted for the samples here.
    ///
    /// The other's random draws are keyed by the same seed and restart. Its samples are numbered by
    /// their places in `rows`.
    ///
    /// - Returns: One a row.
    /// - Throws: `AttackFault.dependsOnCompany`; `NetworkFault`.
    mutating func attempt<State>(
        _ attack: any Attack, on rows: [Int], of batch: Batch<State>, within epsilons: [Float]?
    ) throws -> [Attempt]
}

/// The logits.
public protocol ScoreOracle: DecisionOracle {
    /// The logits [N, classes] of images [N, C, H, W]; one owner a row. In the place of a row that is
    /// not finite stands one with which the sample clearly stands, 2¹⁰⁰ for a class that is no success
    /// and 0 for the others, so that no attack goes there; its record then says `notANumber`.
    ///
    /// - Throws: `NetworkFault` for images of another shape.
    mutating func logits(of images: Tensor, for owners: [RowOwner?]) throws -> Tensor
}

/// The logits, and gradients back to the pixels.
public protocol GradientOracle: ScoreOracle {
    /// The vector–Jacobian product Σ_j d[n, j]·∂logits[n, j]/∂pixels, [N, C, H, W], at the images of the
    /// last logits, and 0 at pixels that may not change; one owner a row. Any number of these may follow
    /// one call of `logits`: with ones and zeros they are the rows of the Jacobian.
    ///
    /// A row that is not finite comes back as zeros, and the record says `notANumber`; a gradient of
    /// zeros is counted as such.
    ///
    /// - Throws: What the network throws.
    mutating func pixelGradient(
        _ logitGradient: Tensor, for owners: [RowOwner?]
    ) throws -> Tensor

    /// The same where the last images were views of others, turned or shrunk: then which pixels may change
    /// says nothing of the pixels of the view, and none is left out.
    mutating func viewGradient(
        _ logitGradient: Tensor, for owners: [RowOwner?]
    ) throws -> Tensor

    /// What one unit of the network's normalised image is in pixels, channel by channel.
    var deviations: [Double] { get }
}

extension DecisionOracle {
    /// The answers at the points of the runs that are not over.
    public mutating func answers<State>(at batch: Batch<State>) throws -> [Int] {
        try answers(to: batch.points, for: batch.owners)
    }
}

extension ScoreOracle {
    /// The logits at the points of the runs that are not over.
    public mutating func logits<State>(at batch: Batch<State>) throws -> Tensor {
        try logits(of: batch.points, for: batch.owners)
    }
}

extension GradientOracle {
    /// The gradient of the cross-entropy L of each run's label, or target, with respect to the pixels,
    /// at the images of the last logits: uphill in L, which for a target leads away from it
    /// (`AttackSample.direction` says which way to go).
    ///
    /// - Parameters:
    ///   - logits: Those of the last call.
    ///   - batch: Whose runs they belong to.
    /// - Returns: [rows, C, H, W]; zeros for runs that are over.
    /// - Throws: What the network throws.
    public mutating func lossGradient<State>(
        _ logits: Tensor, of batch: Batch<State>
    ) throws -> Tensor {
        var gradient = logits
        _ = CrossEntropy.gradient(
            inPlaceOf: &gradient, targets: batch.samples.map(\.lossClass), scale: 1)
        return try pixelGradient(gradient, for: batch.owners)
    }
}

/// For whom a row of a pass is asked.
public struct RowOwner: Equatable, Sendable {
    /// The sample's row in the set that is attacked.
    let row: Int
    /// The place of the budget that pays; nil for a pass that serves all of them.
    let budget: Int?
    /// Whether it is counted by itself, beside what the budgets took.
    let isAside: Bool
    /// A class with which the sample stands: what is said for it where the network gives no number.
    let standing: Int

    init(_ sample: AttackSample, budget: Int? = nil, isAside: Bool = false) {
        (row, self.budget, self.isAside) = (sample.row, budget, isAside)
        standing = sample.label != sample.target ? sample.label : sample.label == 0 ? 1 : 0
    }
}
