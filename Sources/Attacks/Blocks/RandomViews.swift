// Gradients through random views of the image, for steps that fool other networks too.

import Networks
import Randomness
import Tensors

/// Views of random size at random places on black, in place of the image.
struct RandomViews: SettingGroup {
    @Setting var diversity: Float
    @Setting(0.9, in: 0.05...1, "the least size of a view, as a share of the image's")
    var resize: Float

    init(diversity standard: Double) {
        _diversity = Setting(
            standard, in: 0...1, "the probability that a gradient is taken through a random view")
    }

    /// The gradient of the loss through a view of every run's point, drawn for its sample and step.
    func lossGradient<State>(
        of batch: Batch<State>, for purpose: String, on oracle: inout some GradientOracle
    ) throws -> Tensor {
        var seen = batch.points
        let (height, width) = (seen.shape[2], seen.shape[3])
        let views = batch.rows.indices.map { row in
            view(
                batch.stream("\(purpose)/view/\(batch[row].iterations)", row), height: height,
                width: width)
        }
        for (row, view) in views.enumerated() {
            guard let view else { continue }
            seen.replaceRows(from: row, with: view.applied(to: seen.rows(row..<row + 1)))
        }
        var logits = try oracle.logits(of: seen, for: batch.owners)
        _ = CrossEntropy.gradient(
            inPlaceOf: &logits, targets: batch.samples.map(\.lossClass), scale: 1)
        var gradient = try oracle.viewGradient(logits, for: batch.owners)
        for (row, view) in views.enumerated() { view?.pullBack(&gradient, row: row) }
        batch.limits.clearHeld(&gradient)
        return gradient
    }

    /// A view; nil for the image as it is.
    private func view(_ random: Randomness.Stream, height: Int, width: Int) -> Resampling? {
        var random = random
        guard random.uniform() < diversity else { return nil }
        // One size for both sides, each a share of its own.
        let choices = UInt32(max(height, width)) + 1
        let share = resize + (1 - resize) * Float(random.below(choices)) / Float(choices - 1)
        let rows = max(1, Int((share * Float(height)).rounded(.toNearestOrEven)))
        let columns = max(1, Int((share * Float(width)).rounded(.toNearestOrEven)))
        let top = Int(random.below(UInt32(height - rows + 1)))
        let left = Int(random.below(UInt32(width - columns + 1)))
        return Resampling(height: height, width: width) { row, column in
            let (y, x) = (row - top, column - left)
            guard (0..<rows).contains(y), (0..<columns).contains(x) else { return nil }
            // Centres of pixels on centres, clamped at the edge.
            let fromY = (Double(y) + 0.5) * Double(height) / Double(rows) - 0.5
            let fromX = (Double(x) + 0.5) * Double(width) / Double(columns) - 0.5
            return (
                min(max(fromY, 0), Double(height - 1)), min(max(fromX, 0), Double(width - 1))
            )
        }
    }
}
