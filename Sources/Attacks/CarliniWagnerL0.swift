// Carlini and Wagner's attack on the number of changes.

import Networks
import Tensors

/// The L0 attack of Carlini and Wagner, "Towards Evaluating the Robustness of Neural Networks" (2017):
/// descents as in their L2 attack over the values that are still free; after each that succeeds with a
/// perturbation δ, values whose part g·δ of the change in the margin is smallest are put back to the
/// original for good, and the next descent begins from what is left. It ends when no more values can be
/// put back: when a descent does not succeed even with the largest c.
///
/// A third of the changed values, those with the smallest |g·δ|, is put back at a time, at least one;
/// the authors' code puts back about as many. Values that the descent has moved by no more than
/// `threshold` count as unmoved and are put back too.
public struct CarliniWagnerL0: Attack {
    /// "cw-l0".
    public static let name = "cw-l0"
    /// One line.
    public static let summary =
        "Carlini–Wagner L0: descents over ever fewer values, the least useful put back (2017)."
    /// It looks for the least perturbation.
    public static let usesEpsilons = false
    /// That of the paper's name.
    public static let norms = [Norm.l0]
    /// See above.
    public static let settings = [
        Setting(
            "steps", .integer(1...1_000_000), default: .integer(200), unit: "steps",
            help: "steps of a descent"),
        Setting(
            "step_size", .number(1e-9...1e3), default: .number(0.05), help: "Adam's step size"),
        Setting(
            "initial_constant", .number(1e-9...1e9), default: .number(0.1), help: "the first c"),
        Setting(
            "largest_constant", .number(1e-9...1e9), default: .number(1000), help: "the last c"),
        Setting(
            "threshold", .number(0...1), default: .number(1.0 / 512), unit: "pixels, 0…1",
            help: "changes up to this count as none"),
    ]

    private let steps: Int
    private let rate: Double
    private let first: Double
    private let last: Double
    private let threshold: Float

    /// Takes its settings.
    public init(_ values: SettingValues) {
        steps = values.integer("steps")
        rate = Double(values.float("step_size"))
        first = Double(values.float("initial_constant"))
        last = Double(values.float("largest_constant"))
        threshold = values.float("threshold")
    }

    /// Where a sample stands.
    private struct State {
        /// Which values may move.
        var isFree: [Bool]
        var weight: Double
        var step = 0
        var least = Int.max
        var isMoving = true
    }

    /// Every sample in flight has its own free values.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        // The success with the fewest changes.
        var window = SampleWindow<State>(queue, tensors: 1) { _, image in
            (
                State(isFree: Array(repeating: true, count: image.count), weight: first), [image]
            )
        }
        var points = UnboundedPixels(window.originals)
        while !window.isEmpty {
            let held = held(points.pixels, window)
            var flow = try oracle.logits(of: held, for: window.owners)
            let answers = flow.argmaxOfRows()
            let margins = Margin.gradient(inPlaceOf: &flow, for: window.flights.map(\.sample))
            var gradient = try oracle.pixelGradient(flow, for: window.owners)
            for row in window.flights.indices {
                let isFooled = window[row].sample.isFooled(by: answers[row])
                look(&window, row, &points, held, gradient, isFooled: isFooled)
            }
            if window.flights.contains(where: { $0.state.isMoving }) {
                addDistance(&gradient, window, held, margins)
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

    /// The points with every value that is not free, or hardly moved, as in the image.
    private func held(_ pixels: Tensor, _ window: SampleWindow<State>) -> Tensor {
        var held = pixels
        let length = pixels.rowLength
        window.originals.withFloats { x in
            held.withMutableFloats { y in
                for (row, flight) in window.flights.enumerated() {
                    for index in 0..<length {
                        let place = row * length + index
                        let isKept =
                            flight.state.isFree[index] && abs(y[place] - x[place]) > threshold
                        if !isKept { y[place] = x[place] }
                    }
                }
            }
        }
        return held
    }

    /// Takes the answer at a point: puts values back, raises c, or ends.
    private func look(
        _ window: inout SampleWindow<State>, _ row: Int, _ points: inout UnboundedPixels,
        _ held: Tensor, _ gradient: Tensor, isFooled: Bool
    ) {
        var state = window[row].state
        state.isMoving = true
        if isFooled {
            let changed = changedValues(held, window.originals, row)
            if changed.count < state.least {
                state.least = changed.count
                window.tensors[0].copyRow(row, of: held, to: row)
            }
            let useful = kept(changed, held, window.originals, gradient, row)
            state.isFree = Array(repeating: false, count: held.rowLength)
            for index in useful { state.isFree[index] = true }
            (state.step, state.isMoving) = (0, !useful.isEmpty)
            points.restart(row, at: held, row: row)
        } else if state.step == steps {
            state.weight *= 10
            (state.step, state.isMoving) = (0, state.weight <= last)
            points.restart(row, at: window.originals, row: row)
        } else {
            state.step += 1
        }
        window[row].state = state
        if !state.isMoving { window.finish(row, image: window.tensors[0], row: row) }
    }

    private func changedValues(_ y: Tensor, _ x: Tensor, _ row: Int) -> [Int] {
        let length = y.rowLength
        return x.withFloats { x in
            y.withFloats { y in
                (0..<length).filter { y[row * length + $0] != x[row * length + $0] }
            }
        }
    }

    /// The values that stay free: all that were changed but the third with the smallest |g·δ|.
    private func kept(
        _ changed: [Int], _ y: Tensor, _ x: Tensor, _ gradient: Tensor, _ row: Int
    ) -> [Int] {
        let start = row * y.rowLength
        let parts = x.withFloats { x in
            y.withFloats { y in
                gradient.withFloats { g in
                    changed.map { abs(g[start + $0] * (y[start + $0] - x[start + $0])) }
                }
            }
        }
        let order = changed.indices.sorted { (parts[$0], $0) < (parts[$1], $1) }
        return order.dropFirst(max(1, changed.count / 3)).map { changed[$0] }
    }

    /// c·∂M/∂x′ while the margin counts, and 2·(x′ − x), for values that are free.
    private func addDistance(
        _ gradient: inout Tensor, _ window: SampleWindow<State>, _ pixels: Tensor,
        _ margins: [Float]
    ) {
        let length = pixels.rowLength
        gradient.withMutableFloats { gradient in
            window.originals.withFloats { x in
                pixels.withFloats { y in
                    for (row, flight) in window.flights.enumerated() {
                        let weight = margins[row] >= 0 ? Float(flight.state.weight) : 0
                        for index in 0..<length {
                            let place = row * length + index
                            let slope = weight * gradient[place] + 2 * (y[place] - x[place])
                            gradient[place] = flight.state.isFree[index] ? slope : 0
                        }
                    }
                }
            }
        }
    }
}
