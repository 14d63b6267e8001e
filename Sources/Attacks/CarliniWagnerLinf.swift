// Carlini and Wagner's attack on the largest change.

import Networks
import Tensors

/// The L∞ attack of Carlini and Wagner, "Towards Evaluating the Robustness of Neural Networks" (2017):
///
///     minimise over w   Σ max(|x′ − x| − τ, 0) + c·max(M(x′), 0),   x′ = (tanh(w) + 1) / 2
///
/// with τ lowered to 0.9 of the largest change each time an x′ succeeds with all of its changes within
/// τ, each descent beginning where the last one ended; c is doubled as long as a descent does not
/// succeed. Where even the largest c does not help, the nearest x′ so far counts.
///
/// Everything is the sample's own: its c, its τ, its steps. Defaults are the authors' code's, with the
/// largest c at 20 and descents of up to 1,000 steps that end at the first success.
public struct CarliniWagnerLinf: Attack {
    /// "cw-linf".
    public static let name = "cw-linf"
    /// One line.
    public static let summary =
        "Carlini–Wagner L∞: a bound on every change, lowered at each success (2017)."
    /// It looks for the least perturbation.
    public static let usesEpsilons = false
    /// That of the paper's name.
    public static let norms = [Norm.linf]
    /// See above.
    public static let settings = [
        Setting(
            "steps", .integer(1...1_000_000), default: .integer(1000), unit: "steps",
            help: "steps of a descent"),
        Setting(
            "step_size", .number(1e-9...1e3), default: .number(0.005), help: "Adam's step size"),
        Setting(
            "initial_constant", .number(1e-9...1e9), default: .number(1e-3), help: "the first c"),
        Setting(
            "largest_constant", .number(1e-9...1e9), default: .number(20), help: "the last c"),
        Setting(
            "decrease", .number(0.01...0.999), default: .number(0.9),
            help: "what is left of τ after a success"),
        Setting(
            "least_bound", .number(1e-6...1), default: .number(1.0 / 256), unit: "pixels, 0…1",
            help: "the τ at which it is content"),
    ]

    private let steps: Int
    private let rate: Double
    private let first: Double
    private let last: Double
    private let decrease: Double
    private let content: Double

    /// Takes its settings.
    public init(_ values: SettingValues) {
        steps = values.integer("steps")
        rate = Double(values.float("step_size"))
        first = Double(values.float("initial_constant"))
        last = Double(values.float("largest_constant"))
        decrease = Double(values.float("decrease"))
        content = Double(values.float("least_bound"))
    }

    /// Where a sample stands.
    private struct State {
        var bound = 1.0
        var weight: Double
        var step = 0
        var least = Double.infinity
        var isMoving = true
    }

    /// Every sample in flight has its own bound and weight.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        // The nearest success.
        var window = SampleWindow<State>(queue, tensors: 1) { _, image in
            (State(weight: first), [image])
        }
        var points = UnboundedPixels(window.originals)
        while !window.isEmpty {
            var flow = try oracle.logits(of: points.pixels, for: window.owners)
            let answers = flow.argmaxOfRows()
            let margins = Margin.gradient(inPlaceOf: &flow, for: window.flights.map(\.sample))
            for row in window.flights.indices {
                let isFooled = window[row].sample.isFooled(by: answers[row])
                look(&window, row, &points, isFooled: isFooled, margin: margins[row], queue)
            }
            if window.flights.contains(where: { $0.state.isMoving }) {
                var gradient = try oracle.pixelGradient(
                    flow, for: window.owners(where: \.isMoving))
                addExcess(&gradient, window, points.pixels, margins)
                for row in window.flights.indices where window[row].state.isMoving {
                    window[row].iterations += 1
                    points.step(row, down: gradient, rate: rate)
                }
            }
            let (new, closed) = window.refill()
            for row in new { points.restart(row, at: window.originals, row: row) }
            for row in closed { points.closeRow(row) }
        }
    }

    /// Takes the answer at a point: lowers τ, raises c, or ends.
    private func look(
        _ window: inout SampleWindow<State>, _ row: Int, _ points: inout UnboundedPixels,
        isFooled: Bool, margin: Float, _ queue: AttackQueue
    ) {
        var state = window[row].state
        state.isMoving = true
        let image = points.pixels.rows(row..<row + 1)
        let largest = queue.engine.distances(
            from: window.originals.rows(row..<row + 1), to: image)[0].linf
        if isFooled && largest < state.least {
            state.least = largest
            window.tensors[0].copyRow(0, of: image, to: row)
        }
        if isFooled && largest <= state.bound {
            // A success within the bound: a tighter one, from here.
            state.bound = decrease * largest
            (state.step, state.isMoving) = (0, state.bound >= content)
            points.restart(row, at: image, row: 0)
        } else if state.step == steps {
            state.weight *= 2
            (state.step, state.isMoving) = (0, state.weight <= last)
            // From the nearest success, or from the image itself.
            points.restart(row, at: window.tensors[0], row: row)
        } else {
            state.step += 1
        }
        window[row].state = state
        if !state.isMoving { window.finish(row, image: window.tensors[0], row: row) }
    }

    /// c·∂M/∂x′ while the margin counts, and the signs of the changes beyond τ.
    private func addExcess(
        _ gradient: inout Tensor, _ window: SampleWindow<State>, _ pixels: Tensor,
        _ margins: [Float]
    ) {
        let length = pixels.rowLength
        gradient.withMutableFloats { gradient in
            window.originals.withFloats { x in
                pixels.withFloats { y in
                    for (row, flight) in window.flights.enumerated() {
                        let weight = margins[row] >= 0 ? Float(flight.state.weight) : 0
                        let bound = Float(flight.state.bound)
                        for index in row * length..<(row + 1) * length {
                            let change = y[index] - x[index]
                            let sign: Float = change > bound ? 1 : change < -bound ? -1 : 0
                            gradient[index] = weight * gradient[index] + sign
                        }
                    }
                }
            }
        }
    }
}
