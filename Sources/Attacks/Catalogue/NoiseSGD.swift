// Method 1 of the original scripts.

import Networks
import Tensors

/// Noise by gradient descent until the network is fooled, with no, L1 or L2 regularisation; see
/// `NoiseSGD.md`.
///
/// The notes are the mean and the extremes of the noise before the image is clamped.
public struct NoiseSGD: GradientAttack {
    /// No budget; a distance in either norm is measured.
    public static let facts = AttackFacts("noise-sgd", norms: [.l2, .linf], budget: .least)

    /// What is added to the loss.
    enum Regularization: String, CaseIterable, SettingValue {
        /// Nothing.
        case none
        /// λ·mean |r|.
        case l1
        /// λ·mean r².
        case l2
    }

    @Setting(Regularization.none, "what is added to the loss: nothing, mean |r| or mean r²")
    var regularization: Regularization
    @Setting(1, in: 0...1e6, "the factor λ of the regularization") var regularizationWeight: Float
    @Setting(0.008, in: 1e-9...1e3, "how far a step follows the gradient") var stepSize: Float
    @Setting(
        1000, in: 1...1_000_000, unit: "steps", "steps after which a sample counts as failed")
    var maxSteps: Int

    /// As in the scripts, without regularisation.
    public init() {}

    private static let noise = RowTensor("noise", .zeros)

    private func regulariser(pixels: Int) -> NoiseRegulariser {
        switch regularization {
        case .none: .none
        case .l1: .l1(slope: regularizationWeight / Float(pixels))
        case .l2: .l2(slope: 2 * regularizationWeight / Float(pixels))
        }
    }

    /// One step of the noise, down the loss.
    public func step(_ batch: inout Batch<Void>, on oracle: inout some GradientOracle) throws {
        var logits = try oracle.logits(at: batch)
        let answers = logits.argmaxOfRows()
        _ = CrossEntropy.gradient(
            inPlaceOf: &logits, targets: batch.samples.map(\.lossClass), scale: 1)
        let limit = maxSteps
        for row in batch.open {
            let sample = batch[row].sample
            // The kernel steps down the gradient; going up is going down its negative.
            if sample.direction > 0 { logits.negateRow(row) }
            if sample.isFooled(by: answers[row]) || batch[row].iterations == limit {
                finish(row, of: &batch)
            } else {
                batch[row].iterations += 1
            }
        }
        let gradient = try oracle.pixelGradient(logits, for: batch.owners)
        let (engine, rate, regulariser) = (
            batch.engine, stepSize, regulariser(pixels: batch.length)
        )
        batch.change(Self.noise) { moved, noise, originals in
            engine.noiseStep(
                &moved, noise: &noise, around: originals, gradient: gradient, rate: rate,
                regulariser: regulariser)
        }
        // The step itself knows the box.
        if !batch.limits.isBox { for row in batch.open { batch.confine(row) } }
    }

    private func finish(_ row: Int, of batch: inout Batch<Void>) {
        batch.finish(row)
        let raw = batch[Self.noise].rows(row..<row + 1)
        for size in batch.engine.distances(from: Tensor(shape: raw.shape), to: raw) {
            batch.note("noise_mean", Float(size.sum / Double(raw.count)), row)
            batch.note("noise_min", Float(size.min), row)
            batch.note("noise_max", Float(size.max), row)
        }
    }
}
