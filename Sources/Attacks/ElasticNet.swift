// Few pixels and small changes at once.

import Networks
import Tensors

/// The elastic-net attack of Chen, Sharma, Zhang, Yi and Hsieh, "EAD: Elastic-Net Attacks to Deep
/// Neural Networks via Adversarial Examples" (2018):
///
///     minimise over x′ in [0, 1]   c·max(M(x′) + κ, 0) + ‖x′ − x‖₂² + β·‖x′ − x‖₁
///
/// by FISTA: a gradient step on the smooth part from a point y ahead, then every change is shrunk by β
/// and clamped; the step size falls like √(1 − t/steps). c is searched as in Carlini and Wagner's attack,
/// sample by sample. Of all points that succeed the one with the least value of the `rule` counts: "en"
/// for ‖·‖₂² + β·‖·‖₁, "l1" for ‖·‖₁.
///
/// Defaults are those of the paper's code, with β 0.01 (the paper compares 10⁻³ to 10⁻¹). foolbox and
/// ART end descents by the loss summed over the batch; here every sample ends its own.
public struct ElasticNet: Attack {
    /// "ead".
    public static let name = "ead"
    /// One line.
    public static let summary =
        "Elastic net: Carlini–Wagner's loss with an L1 penalty, by iterated shrinking (Chen 2018)."
    /// It looks for the least perturbation.
    public static let usesEpsilons = false
    /// L1 is what it is known for.
    public static let norms = [Norm.l1, .l2]
    /// See above.
    public static let settings =
        WeightSearch.settings(steps: 1000) + [
            Setting(
                "confidence", .number(0...1e6), default: .number(0),
                help: "the margin κ by which the goal must be reached"),
            Setting(
                "beta", .number(0...1e3), default: .number(0.01), help: "the weight of the L1 norm"),
            Setting(
                "rule", .choice(["l1", "en"]), default: .text("l1"),
                help: "what the nearest image is judged by: the L1 norm, or the elastic net"),
        ]

    private let search: WeightSearch
    private let rate: Double
    private let confidence: Float
    private let beta: Float
    private let judgesByL1: Bool

    /// Takes its settings.
    public init(_ values: SettingValues) {
        search = WeightSearch(values)
        rate = Double(values.float("step_size"))
        confidence = values.float("confidence")
        beta = values.float("beta")
        judgesByL1 = values.text("rule") == "l1"
    }

    /// The places of its tensors.
    private enum Part {
        /// The point that is judged, the one ahead that gradients are taken at, and the nearest success.
        static let (point, ahead, nearest) = (0, 1, 2)
    }

    /// Every sample in flight goes through its own searches.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        var window = SampleWindow<WeightSearch.State>(queue, tensors: 3) { _, image in
            (search.begin(), [image, image, image])
        }
        while !window.isEmpty {
            try look(&window, in: queue, on: &oracle)
            if window.flights.contains(where: { $0.state.isMoving }) {
                let owners = window.owners(where: \.isMoving)
                var flow = try oracle.logits(of: window.tensors[Part.ahead], for: owners)
                let margins = Margin.gradient(inPlaceOf: &flow, for: window.flights.map(\.sample))
                let gradient = try oracle.pixelGradient(flow, for: owners)
                for row in window.flights.indices where window[row].state.isMoving {
                    window[row].iterations += 1
                    let counts = margins[row] + confidence > 0
                    step(&window, row, gradient, weight: counts ? window[row].state.weight : 0)
                }
            }
            window.refill()
        }
    }

    /// Judges the points, and ends or restarts searches.
    private func look(
        _ window: inout SampleWindow<WeightSearch.State>, in queue: AttackQueue,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws {
        var logits = try oracle.logits(of: window.tensors[Part.point], for: window.owners)
        let answers = logits.argmaxOfRows()
        let margins = Margin.gradient(inPlaceOf: &logits, for: window.flights.map(\.sample))
        let sizes = queue.engine.distances(
            from: window.originals, to: window.tensors[Part.point])
        for row in window.flights.indices {
            let net = sizes[row].l2 * sizes[row].l2 + Double(beta) * sizes[row].l1
            let size = judgesByL1 ? sizes[row].l1 : net
            let isFooled =
                window[row].sample.isFooled(by: answers[row]) && margins[row] <= -confidence
            if isFooled && size < window[row].state.least {
                window.tensors[Part.nearest].copyRow(
                    row, of: window.tensors[Part.point], to: row)
            }
            let excess = max(0, Double(margins[row] + confidence))
            switch search.look(&window[row].state, size, excess, isFooled: isFooled) {
            case .step: break
            case .restart:
                for part in [Part.point, Part.ahead] {
                    window.tensors[part].copyRow(row, of: window.originals, to: row)
                }
            case .finish: window.finish(row, image: window.tensors[Part.nearest], row: row)
            }
        }
    }

    /// x⁺ = shrink(y − rate·∇), y = x⁺ + t/(t + 3)·(x⁺ − x).
    private func step(
        _ window: inout SampleWindow<WeightSearch.State>, _ row: Int, _ gradient: Tensor,
        weight: Double
    ) {
        // The search has counted this step already.
        let done = window[row].state.step - 1
        let left = 1 - Double(done) / Double(search.steps)
        let width = Float(rate * left.squareRoot())
        let push = Float(Double(done) / Double(done + 3))
        let (weight, length) = (Float(weight), gradient.rowLength)
        window.change(Part.point, Part.ahead) { point, ahead, originals in
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
                                let next = min(max(x[index] + kept, 0), 1)
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
