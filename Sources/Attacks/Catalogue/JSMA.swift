// The attack that changes as few pixels as it can, two at a time.

import Tensors

/// The Jacobian saliency map: each step moves the best pair of values to the bound; see `JSMA.md`.
///
/// Without a target the most likely other class of the clean image is one.
public struct JSMA: GradientAttack {
    /// It stops at the first image that works.
    public static let facts = AttackFacts("jsma", norms: [.l0, .l1, .l2, .linf], budget: .least)

    @Setting(
        1, in: -1...1, unit: "pixels, −1…1", "how far a value is moved; negative values darken")
    var theta: Float
    @Setting(
        0.1, in: 0...1,
        "the largest share of values that may be changed; the paper goes to 0.145")
    var gamma: Double

    /// Up to the bound.
    public init() {}

    /// A step that moves nothing leads nowhere.
    public func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {
        guard theta != 0 else {
            throw AttackFault.impossible(attack: Self.name, "theta is 0; no value would move.")
        }
    }

    /// Where a run stands.
    public struct State: Sendable {
        var target: Int?
        var isChanged: [Bool]
    }

    /// Nothing changed.
    public func start(_ run: inout Run) -> State {
        State(
            target: run.sample.target,
            isChanged: Array(repeating: false, count: run.image.count))
    }

    /// The best pair of values, moved.
    public func step(_ batch: inout Batch<State>, on oracle: inout some GradientOracle) throws {
        let logits = try oracle.logits(at: batch)
        let answers = logits.argmaxOfRows()
        let limit = Int(gamma * Double(batch.length))
        for row in batch.open {
            if batch[row].state.target == nil {
                batch[row].state.target = logits.lastLikeliest(
                    row, except: batch[row].sample.label)
            }
            let changed = batch[row].state.isChanged.count { $0 }
            if batch[row].sample.isFooled(by: answers[row]) || changed + 2 > limit {
                batch.finish(row)
            }
        }
        let owners = batch.owners
        let targets = batch.rows.map { $0.state.target ?? 0 }
        let alpha = try oracle.pixelGradient(
            Self.weights(targets, logits.rowLength, target: 1, others: 0), for: owners)
        let beta = try oracle.pixelGradient(
            Self.weights(targets, logits.rowLength, target: 0, others: 1), for: owners)
        for row in batch.open {
            if move(row, of: &batch, alpha, beta) {
                batch[row].iterations += 1
            } else {
                batch.finish(row)
            }
        }
    }

    /// Logit gradients with one number at the target and one at all others.
    private static func weights(
        _ targets: [Int], _ classes: Int, target: Float, others: Float
    ) -> Tensor {
        Tensor(
            shape: [targets.count, classes],
            values: targets.flatMap { wanted in
                (0..<classes).map { $0 == wanted ? target : others }
            })
    }

    /// Moves the best pair of values; false where there is none.
    private func move(
        _ row: Int, of batch: inout Batch<State>, _ alpha: Tensor, _ beta: Tensor
    ) -> Bool {
        let (length, theta, limits) = (alpha.rowLength, theta, batch.limits)
        let image = batch.originals.rows(row..<row + 1).values
        func bound(_ index: Int) -> Float {
            theta > 0
                ? limits.upper(index, around: image[index])
                : limits.lower(index, around: image[index])
        }
        let pair = alpha.withFloats { alpha in
            beta.withFloats { beta in
                batch.points.withFloats { pixels in
                    let start = row * length
                    let free = (0..<length).filter {
                        limits.mayChange($0) && pixels[start + $0] != bound($0)
                    }
                    return SaliencyPair.best(
                        of: free, alpha: alpha[start..<start + length],
                        beta: beta[start..<start + length], sign: theta > 0 ? 1 : -1)
                }
            }
        }
        guard let pair else { return false }
        for index in [pair.first, pair.second] {
            batch.points.withMutableFloats {
                let value = $0[row * length + index] + theta
                $0[row * length + index] = limits.clamped(value, index, around: image[index])
            }
            batch[row].state.isChanged[index] = true
        }
        return true
    }
}

extension Tensor {
    /// The class with the largest logit in a row but the label; of equals the last.
    fileprivate func lastLikeliest(_ row: Int, except label: Int) -> Int {
        withFloats { all in
            (0..<rowLength).filter { $0 != label }
                .max { all[row * rowLength + $0] < all[row * rowLength + $1] } ?? label
        }
    }
}
