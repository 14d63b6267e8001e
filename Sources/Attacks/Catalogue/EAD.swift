// Few pixels and small changes at once.

import Tensors

/// Carlini and Wagner's loss with an L1 penalty, by accelerated iterated shrinking; see `EAD.md`.
public struct EAD: GradientAttack {
    /// It looks for the least perturbation.
    public static let facts = AttackFacts("ead", norms: [.l1, .l2], budget: .least)

    /// What the nearest image is judged by.
    enum Rule: String, CaseIterable, SettingValue {
        /// The L1 norm.
        case l1
        /// The squared L2 norm and β times the L1 norm.
        case en
    }

    let search = WeightSearch(steps: 1000)
    @Setting(0, in: 0...1e6, "the margin κ by which the goal must be reached")
    var confidence: Float
    @Setting(0.01, in: 0...1e3, "the weight of the L1 norm") var beta: Float
    @Setting(Rule.l1, "what the nearest image is judged by: the L1 norm, or the elastic net")
    var rule: Rule

    /// As in the paper.
    public init() {}

    /// Where a run's search stands.
    public struct State: Sendable {
        var search: WeightSearch.State
    }

    /// The first search.
    public func start(_ run: inout Run) -> State { State(search: search.begin()) }

    /// The points of the accelerated descent, ahead of those that are looked at.
    private static let ahead = RowTensor("ahead", .image)

    /// A look at the points, and one step of the runs whose search goes on.
    public func step(_ batch: inout Batch<State>, on oracle: inout some GradientOracle) throws {
        try look(&batch, on: &oracle)
        let owners = batch.owners(where: \.state.search.isMoving)
        var logits = try oracle.logits(of: batch[Self.ahead], for: owners)
        let margins = Margin.gradient(inPlaceOf: &logits, for: batch.samples)
        let gradient = try oracle.pixelGradient(logits, for: owners)
        let confidence = confidence
        for row in batch.open where batch[row].state.search.isMoving {
            batch[row].iterations += 1
            let counts = margins[row] + confidence > 0
            step(&batch, row, gradient, weight: counts ? batch[row].state.search.weight : 0)
        }
    }

    /// Takes the answers at the points: nearer successes are kept, searches end or begin anew.
    private func look(_ batch: inout Batch<State>, on oracle: inout some GradientOracle) throws {
        var logits = try oracle.logits(at: batch)
        let answers = logits.argmaxOfRows()
        let margins = Margin.gradient(inPlaceOf: &logits, for: batch.samples)
        let sizes = batch.engine.distances(from: batch.originals, to: batch.points)
        let (beta, confidence, rule) = (beta, confidence, rule)
        for row in batch.open {
            let net = sizes[row].l2 * sizes[row].l2 + Double(beta) * sizes[row].l1
            let size = rule == .l1 ? sizes[row].l1 : net
            let isFooled =
                batch[row].sample.isFooled(by: answers[row]) && margins[row] <= -confidence
            if isFooled { batch.keepNearest(row, batch.points, row: row, size: size) }
            let excess = max(0, Double(margins[row] + confidence))
            switch search.look(&batch[row].state.search, size, excess, isFooled: isFooled) {
            case .step: break
            case .restart:
                batch.points.copyRow(row, of: batch.originals, to: row)
                batch[Self.ahead].copyRow(row, of: batch.originals, to: row)
            case .finish: batch.finishAtNearest(row)
            }
        }
    }

    /// One shrinking step from the point ahead, and how far ahead the next is.
    private func step(
        _ batch: inout Batch<State>, _ row: Int, _ gradient: Tensor, weight: Double
    ) {
        // The search has counted this step already.
        let done = batch[row].state.search.step - 1
        let left = 1 - Double(done) / Double(search.steps)
        let width = Float(search.stepSize * left.squareRoot())
        let push = Float(Double(done) / Double(done + 3))
        let (weight, length, beta) = (Float(weight), gradient.rowLength, beta)
        let limits = batch.limits
        batch.change(Self.ahead) { point, ahead, originals in
            originals.withFloats { x in
                gradient.withFloats { slope in
                    point.withMutableFloats { point in
                        ahead.withMutableFloats { ahead in
                            for index in row * length..<(row + 1) * length {
                                let here = ahead[index]
                                let down = weight * slope[index] + 2 * (here - x[index])
                                let change = here - width * down - x[index]
                                let kept =
                                    change > beta
                                    ? change - beta : change < -beta ? change + beta : 0
                                let next = limits.clamped(
                                    x[index] + kept, index - row * length, around: x[index])
                                ahead[index] = next + push * (next - point[index])
                                point[index] = next
                            }
                        }
                    }
                }
            }
        }
    }
}
