// The network behind all three doors. The driver owns it; an attack is handed it as the door of its
// kind.

import Networks
import Tensors

/// A pass through the network that counts its rows.
public struct NetworkOracle<Pass: ClassifierPass>: GradientOracle, Sendable {
    private var pass: Pass
    var tally: Tally
    /// The rows of the last logits that were not finite.
    private(set) var notFinite: [Int] = []
    private let classes: Int
    private let limits: PixelLimits
    /// The shape of the last images.
    private var shape: [Int] = [0]

    init(_ pass: Pass, for queue: AttackQueue) {
        (self.pass, tally, classes) = (pass, queue.tally, queue.classes)
        limits = queue.model.limits
    }

    /// Of the network's first layer.
    public var deviations: [Double] { pass.deviations }

    /// By logits.
    public mutating func answers(to images: Tensor, for owners: [RowOwner?]) throws -> [Int] {
        try logits(of: images, for: owners).argmaxOfRows()
    }

    /// One forward pass, counted for each owner.
    public mutating func logits(of images: Tensor, for owners: [RowOwner?]) throws -> Tensor {
        precondition(
            owners.count == images.rowCount,
            "Oracle: \(owners.count) owners for \(images.rowCount) rows")
        notFinite = []
        shape = images.shape
        guard owners.contains(where: { $0 != nil }) else {
            return Tensor(shape: [owners.count, classes])
        }
        var logits: Tensor
        (logits, notFinite) = try pass.finiteLogits(of: images)
        let classes = logits.rowLength
        logits.withMutableFloats { logits in
            for row in notFinite {
                guard let owner = owners[row], owner.standing < classes else { continue }
                logits[row * classes + owner.standing] = 0x1p100
            }
        }
        for row in owners.indices where owners[row] == nil { logits.clearRow(row) }
        tally.count(owners, .forward)
        tally.mark(notFinite.map { owners[$0] }, .notANumber)
        return logits
    }

    /// One backward pass, counted for each owner; 0 at pixels that may not change.
    public mutating func pixelGradient(
        _ logitGradient: Tensor, for owners: [RowOwner?]
    ) throws -> Tensor {
        try gradient(logitGradient, for: owners, limits)
    }

    /// One backward pass, counted for each owner.
    public mutating func viewGradient(
        _ logitGradient: Tensor, for owners: [RowOwner?]
    ) throws -> Tensor {
        try gradient(logitGradient, for: owners, .box)
    }

    private mutating func gradient(
        _ logitGradient: Tensor, for owners: [RowOwner?], _ limits: PixelLimits
    ) throws -> Tensor {
        precondition(
            owners.count == logitGradient.rowCount,
            "Oracle: \(owners.count) owners for \(logitGradient.rowCount) rows")
        guard owners.contains(where: { $0 != nil }) else { return Tensor(shape: shape) }
        var gradient = try pass.uncheckedPixelGradient(logitGradient)
        let wrong = gradient.clearRowsThatAreNotFinite()
        limits.clearHeld(&gradient)
        for row in owners.indices where owners[row] == nil { gradient.clearRow(row) }
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
        _ queue: AttackQueue, _ body: (inout NetworkOracle) throws -> R
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
