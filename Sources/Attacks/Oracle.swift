// What an attack may ask of the network. Every row of every pass is booked here, by whoever asks it
// for whom, so that no attack keeps books of its own; and a value that is not a number stops at the
// row in which it arose.

import Networks
import Tensors

/// For whom a row of a pass is asked.
public struct RowOwner: Equatable, Sendable {
    /// The sample's row in the set that is attacked.
    let row: Int
    /// The place of the budget that pays; nil for a pass that serves all of them.
    let budget: Int?
    /// Whether it is booked by itself, beside what the budgets took.
    let isAside: Bool
    /// A class with which the sample stands: what is said for it where the network gives no number.
    let standing: Int

    /// A sample within one budget, or within all.
    public init(_ sample: AttackSample, budget: Int? = nil, isAside: Bool = false) {
        (row, self.budget, self.isAside) = (sample.row, budget, isAside)
        standing = sample.label != sample.target ? sample.label : sample.label == 0 ? 1 : 0
    }
}

/// The network as an attack sees it: logits, and the gradient back to the pixels.
///
/// Each row has an owner, for whom it is counted; nil for a row that nobody will look at, such as one
/// of a run that is over. A row of logits that is not finite comes back as one with which the sample
/// clearly stands, 2¹⁰⁰ for a class that is no success and 0 for the others, so that no attack goes there; a
/// row of a gradient that is not finite comes back as zeros. The owner's record then says `notANumber`; the
/// other rows are not touched. A gradient of zeros is counted as such.
public struct Oracle<Pass: ClassifierPass>: Sendable {
    private var pass: Pass
    private var tally: Tally
    /// The rows of the last logits that were not finite.
    private(set) var notFinite: [Int] = []

    init(_ pass: Pass, for queue: AttackQueue) { (self.pass, tally) = (pass, queue.tally) }

    /// What one unit of the network's normalised image is in pixels, channel by channel.
    public var deviations: [Double] { pass.deviations }

    /// The logits [N, classes] of images [N, C, H, W]; one owner a row.
    ///
    /// - Throws: `NetworkFault` for images of another shape.
    public mutating func logits(of images: Tensor, for owners: [RowOwner?]) throws -> Tensor {
        precondition(
            owners.count == images.rowCount,
            "Oracle: \(owners.count) owners for \(images.rowCount) rows")
        var logits: Tensor
        (logits, notFinite) = try pass.finiteLogits(of: images)
        let classes = logits.rowLength
        logits.withMutableFloats { logits in
            for row in notFinite {
                guard let owner = owners[row], owner.standing < classes else { continue }
                logits[row * classes + owner.standing] = 0x1p100
            }
        }
        tally.count(owners, .forward)
        tally.mark(notFinite.map { owners[$0] }, .notANumber)
        return logits
    }

    /// The classes that the network answers.
    public mutating func answers(to images: Tensor, for owners: [RowOwner?]) throws -> [Int] {
        try logits(of: images, for: owners).argmaxOfRows()
    }

    /// The vector–Jacobian product Σ_j d[n, j]·∂logits[n, j]/∂pixels of the last logits; one owner a
    /// row. Any number of these may follow one call of `logits`.
    ///
    /// - Throws: What the pass throws.
    public mutating func pixelGradient(
        _ logitGradient: Tensor, for owners: [RowOwner?]
    ) throws -> Tensor {
        var gradient = try pass.uncheckedPixelGradient(logitGradient)
        precondition(
            owners.count == gradient.rowCount,
            "Oracle: \(owners.count) owners for \(gradient.rowCount) rows")
        let wrong = gradient.clearRowsThatAreNotFinite()
        tally.count(owners, .backward)
        tally.mark(wrong.map { owners[$0] }, .notANumber)
        let vanished = owners.indices.filter {
            owners[$0] != nil && !wrong.contains($0) && gradient.isZero(row: $0)
        }
        tally.count(vanished.map { owners[$0] }, .zero)
        tally.mark(vanished.map { owners[$0] }, .gradientVanished)
        return gradient
    }

    /// Has another queue pay for what `body` asks.
    mutating func serving<R>(
        _ queue: AttackQueue, _ body: (inout Oracle) throws -> R
    ) rethrows -> R {
        let own = tally
        tally = queue.tally
        defer { tally = own }
        return try body(&self)
    }
}

extension ClassifierPass {
    /// The logits, where rows that are not finite have become zeros; and which rows that are.
    mutating func finiteLogits(of images: Tensor) throws -> (Tensor, notFinite: [Int]) {
        var logits = try uncheckedLogits(of: images)
        let wrong = logits.clearRowsThatAreNotFinite()
        return (logits, wrong)
    }
}

extension Tensor {
    /// Makes zeros of the rows that hold an infinity or a NaN, and says which.
    mutating func clearRowsThatAreNotFinite() -> [Int] {
        guard firstNotFinite != nil else { return [] }
        let wrong = (0..<rowCount).filter { !isFinite(row: $0) }
        for row in wrong { clearRow(row) }
        return wrong
    }
}
