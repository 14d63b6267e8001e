// One perturbation for all images.

import Networks
import Tensors

/// One noise that fools as many images as it can, by steps along sums of gradients; see
/// `UniversalPerturbation.md`.
///
/// The noise of the epoch that fools most counts.
public struct UniversalPerturbation: GradientAttack {
    /// All samples make one batch a budget.
    public static let facts = AttackFacts(
        "universal", norms: [.linf, .l2], budget: .each, company: .all)

    @Setting(10, in: 1...10_000, unit: "epochs", "how often it goes through the samples")
    var epochs: Int
    @Setting(100, in: 1...1_000_000, unit: "samples", "samples whose gradients make one step")
    var batchSize: Int
    @Setting(0.1, in: 1e-6...1e3, "how far a step goes, as a share of epsilon")
    var stepSize: Float
    @Setting(9, in: 0...1e6, "the loss β beyond which a sample pulls no more")
    var lossLimit: Float

    /// Ten epochs.
    public init() {}

    /// All epochs.
    public func step(_ batch: inout Batch<Void>, on oracle: inout some GradientOracle) throws {
        var noise = Tensor(shape: [1] + batch.originals.shape.dropFirst())
        var best = (count: -1, noise: noise)
        let (count, size) = (batch.rows.count, batchSize)
        for _ in 0..<epochs {
            for start in stride(from: 0, to: count, by: size) {
                let rows = start..<min(start + size, count)
                let sum = try slope(of: batch, rows, noise, on: &oracle)
                move(&noise, along: sum, batch)
            }
            let fooled = try fooled(batch, noise, on: &oracle)
            if fooled > best.count { best = (fooled, noise) }
        }
        for row in batch.open {
            batch[row].iterations = epochs
            batch.finish(row, at: moved(batch, row..<row + 1, by: best.noise), row: 0)
        }
    }

    private func moved(_ batch: Batch<Void>, _ rows: Range<Int>, by noise: Tensor) -> Tensor {
        var moved = batch.originals.rows(rows)
        let limits = batch.limits
        let length = noise.count
        noise.withFloats { noise in
            moved.withMutableFloats { pixels in
                for index in pixels.indices {
                    pixels[index] = limits.clamped(
                        pixels[index] + noise[index % length], index % length,
                        around: pixels[index])
                }
            }
        }
        return moved
    }

    private func chunks(_ rows: Range<Int>, _ window: Int) -> [Range<Int>] {
        stride(from: rows.lowerBound, to: rows.upperBound, by: window).map {
            $0..<min($0 + window, rows.upperBound)
        }
    }

    /// The sum of the gradients of samples whose loss still counts.
    private func slope(
        of batch: Batch<Void>, _ rows: Range<Int>, _ noise: Tensor,
        on oracle: inout some GradientOracle
    ) throws -> Tensor {
        var sum = [Double](repeating: 0, count: noise.count)
        let limit = lossLimit
        for chunk in chunks(rows, batch.window) {
            let samples = chunk.map { batch[$0].sample }
            let owners = batch.owners(of: Array(chunk))
            var logits = try oracle.logits(
                of: moved(batch, chunk, by: noise), for: owners)
            let losses = CrossEntropy.gradient(
                inPlaceOf: &logits, targets: samples.map(\.lossClass), scale: 1)
            let gradient = try oracle.pixelGradient(logits, for: owners)
            let length = noise.count
            gradient.withFloats { gradient in
                for (row, sample) in samples.enumerated() {
                    // Towards a target the loss falls, and there is no limit to that.
                    guard sample.target != nil || losses[row] <= limit else { continue }
                    let sign = Double(sample.direction)
                    for index in 0..<length {
                        sum[index] += sign * Double(gradient[row * length + index])
                    }
                }
            }
        }
        let most = Double(Float.greatestFiniteMagnitude)
        return Tensor(
            shape: noise.shape, values: sum.map { Float(min(max($0, -most), most)) })
    }

    /// One step of the noise, within the ball around 0.
    private func move(_ noise: inout Tensor, along sum: Tensor, _ batch: Batch<Void>) {
        let epsilon = batch[0].epsilon
        let length = stepSize * epsilon
        let norm = batch.norm
        let size = sum.values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        noise.withMutableFloats { noise in
            sum.withFloats { sum in
                for index in noise.indices {
                    if norm == .linf {
                        let sign: Float = sum[index] > 0 ? 1 : sum[index] < 0 ? -1 : 0
                        noise[index] = min(max(noise[index] + length * sign, -epsilon), epsilon)
                    } else if size > 0 {
                        noise[index] += Float(Double(length) * Double(sum[index]) / size)
                    }
                }
            }
        }
        guard norm == .l2 else { return }
        let now = noise.values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        guard now > Double(epsilon) else { return }
        noise.withMutableFloats { noise in
            for index in noise.indices {
                noise[index] = Float(Double(noise[index]) * Double(epsilon) / now)
            }
        }
    }

    private func fooled(
        _ batch: Batch<Void>, _ noise: Tensor, on oracle: inout some GradientOracle
    ) throws -> Int {
        try chunks(batch.rows.indices, batch.window).reduce(0) { count, chunk in
            let answers = try oracle.answers(
                to: moved(batch, chunk, by: noise),
                for: batch.owners(of: Array(chunk)))
            return count + zip(chunk, answers).count { batch[$0].sample.isFooled(by: $1) }
        }
    }
}
