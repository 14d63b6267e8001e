// The nearest adversarial image by gradient descent, with a search for the right weight.

import Networks
import Tensors

/// The L2 attack of Carlini and Wagner, "Towards Evaluating the Robustness of Neural Networks" (2017):
///
///     minimise over w   ‖x′ − x‖₂² + c·max(M(x′) + κ, 0),   x′ = (tanh(w) + 1) / 2
///
/// by Adam, with M the margin of the logits by which the sample still stands, and c searched by
/// bisection, ten times larger as long as nothing is found. The nearest x′ of all searches whose margin
/// is at most −κ counts.
///
/// w begins where tanh is 0.999999 of the pixel's value, so that black and white pixels move (in
/// torchattacks, without that factor, they never do, nor is there a search for c). A search ends early
/// when a tenth of its steps has not lowered the sample's own loss (foolbox asks the sum over the
/// batch, so that results depend on batch mates). A sample without a success is the image itself.
///
/// Defaults: 9 searches from c = 10⁻³ as in the paper, but 1,000 steps of 0.01 each where the paper has
/// 10,000: with the early end the rest buys less than a per cent on MNIST.
public struct CarliniWagnerL2: Attack {
    /// "cw-l2".
    public static let name = "cw-l2"
    /// One line.
    public static let summary =
        "Carlini–Wagner L2: the nearest adversarial image by Adam and a search for its weight (2017)."
    /// It looks for the least perturbation.
    public static let usesEpsilons = false
    /// That of the paper's name.
    public static let norms = [Norm.l2]
    /// See above.
    public static let settings =
        WeightSearch.settings(steps: 1000) + [
            Setting(
                "confidence", .number(0...1e6), default: .number(0),
                help: "the margin κ by which the goal must be reached")
        ]

    private let search: WeightSearch
    private let rate: Double
    private let confidence: Float

    /// Takes its settings.
    public init(_ values: SettingValues) {
        search = WeightSearch(values)
        rate = Double(values.float("step_size"))
        confidence = values.float("confidence")
    }

    /// Every sample in flight goes through its own searches.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        // The nearest adversarial image so far.
        var window = SampleWindow<WeightSearch.State>(queue, tensors: 1) { _, image in
            (search.begin(), [image])
        }
        var points = UnboundedPixels(window.originals)
        while !window.isEmpty {
            var flow = try oracle.logits(of: points.pixels, for: window.owners)
            let answers = flow.argmaxOfRows()
            let margins = Margin.gradient(inPlaceOf: &flow, for: window.flights.map(\.sample))
            let sizes = queue.engine.distances(from: window.originals, to: points.pixels)
            for row in window.flights.indices {
                let size = sizes[row].l2 * sizes[row].l2
                let isFooled =
                    window[row].sample.isFooled(by: answers[row]) && margins[row] <= -confidence
                if isFooled && size < window[row].state.least {
                    window.tensors[0].copyRow(row, of: points.pixels, to: row)
                }
                let excess = max(0, Double(margins[row] + confidence))
                switch search.look(&window[row].state, size, excess, isFooled: isFooled) {
                case .step: break
                case .restart: points.restart(row, at: window.originals, row: row)
                case .finish: window.finish(row, image: window.tensors[0], row: row)
                }
            }
            if window.flights.contains(where: { $0.state.isMoving }) {
                var gradient = try oracle.pixelGradient(
                    flow, for: window.owners(where: \.isMoving))
                addDistance(&gradient, window, points.pixels, margins)
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

    /// c·∂M/∂x′ while the margin counts, and 2·(x′ − x).
    private func addDistance(
        _ gradient: inout Tensor, _ window: SampleWindow<WeightSearch.State>, _ pixels: Tensor,
        _ margins: [Float]
    ) {
        let length = pixels.rowLength
        gradient.withMutableFloats { gradient in
            window.originals.withFloats { x in
                pixels.withFloats { y in
                    for (row, flight) in window.flights.enumerated() {
                        let counts = margins[row] + confidence > 0
                        let weight = counts ? Float(flight.state.weight) : 0
                        for index in row * length..<(row + 1) * length {
                            gradient[index] = weight * gradient[index] + 2 * (y[index] - x[index])
                        }
                    }
                }
            }
        }
    }
}

/// The search for the weight c of an attack that trades distance for success: bisection, sample by
/// sample, with an early end of descents that lead nowhere.
struct WeightSearch: Sendable {
    static func settings(steps: Int) -> [Setting] {
        [
            Setting(
                "searches", .integer(1...100), default: .integer(9), unit: "searches",
                help: "values of the weight c that are tried"),
            Setting(
                "steps", .integer(1...1_000_000), default: .integer(steps), unit: "steps",
                help: "steps of a search"),
            Setting(
                "step_size", .number(1e-9...1e3), default: .number(0.01),
                help: "the step size of the descent"),
            Setting(
                "initial_constant", .number(1e-9...1e9), default: .number(1e-3),
                help: "the first c"),
            Setting(
                "abort_early", .flag, default: .flag(true),
                help: "end a search when a tenth of its steps has not lowered the loss"),
        ]
    }

    /// Where a sample's search stands.
    struct State {
        /// The weight c.
        fileprivate(set) var weight: Double
        /// The least size that has succeeded; infinite before any has.
        fileprivate(set) var least = Double.infinity
        /// Steps of this search.
        fileprivate(set) var step = 0
        /// Whether it takes part in the next step.
        fileprivate(set) var isMoving = true
        fileprivate var lower = 0.0
        fileprivate var upper = Double.infinity
        fileprivate var searches = 0
        fileprivate var hasFound = false
        fileprivate var checkpoint = Double.infinity
    }

    /// What comes next.
    enum Move { case step, restart, finish }

    private let searches: Int
    /// Steps of a search.
    let steps: Int
    private let initial: Double
    private let abortsEarly: Bool

    init(_ values: SettingValues) {
        searches = values.integer("searches")
        steps = values.integer("steps")
        initial = Double(values.float("initial_constant"))
        abortsEarly = values.flag("abort_early")
    }

    /// Before the first step.
    func begin() -> State { State(weight: initial) }

    /// Takes what was found at a point: its size, by how much the margin still counts, and whether it
    /// succeeds.
    func look(_ state: inout State, _ size: Double, _ excess: Double, isFooled: Bool) -> Move {
        if isFooled {
            state.hasFound = true
            state.least = min(state.least, size)
        }
        state.isMoving = true
        var isOver = state.step == steps
        if abortsEarly && state.step > 0 && state.step % max(1, steps / 10) == 0 {
            let loss = size + state.weight * excess
            isOver = isOver || loss > 0.9999 * state.checkpoint
            state.checkpoint = loss
        }
        guard isOver else {
            state.step += 1
            return .step
        }
        state.isMoving = false
        state.searches += 1
        if state.searches == searches { return .finish }
        if state.hasFound { state.upper = state.weight } else { state.lower = state.weight }
        // No larger than what times a gradient is still a float.
        state.weight =
            state.upper.isFinite
            ? (state.lower + state.upper) / 2 : min(1e20, 10 * state.weight)
        (state.step, state.hasFound, state.checkpoint) = (0, false, .infinity)
        return .restart
    }
}
