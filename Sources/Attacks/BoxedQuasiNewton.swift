// The paper's own method: a quasi-Newton descent within the pixels' bounds.

import Networks
import Tensors

/// Box-constrained L-BFGS as in Szegedy, Zaremba, Sutskever, Bruna, Erhan, Goodfellow and Fergus,
/// "Intriguing properties of neural networks" (2013):
///
///     minimise over x′ in [0, 1]   ‖x′ − x‖₂² + c·CE(f(x′), target)
///
/// with the least c, found by bisection, for which the minimiser is of the target's class; the nearest
/// image of that class on all ways there counts. The paper writes the weight before the norm; its line
/// search is the same seen from the other side. For an untargeted goal the target is the likeliest
/// other class of the clean image, since the loss that rises has no minimum.
///
/// The bounds are kept by the method, not by a penalty or a clamp at the end: values that stand at a
/// bound and are pushed against it are held, the direction for the others comes from their own `memory`
/// last pairs of steps and gradient changes (Bertsekas, "Projected Newton methods", 1982; Byrd, Lu,
/// Nocedal and Zhu, "A limited memory algorithm for bound constrained optimization", 1995), and the line
/// search goes along the projected path until the loss falls by Armijo's rule. foolbox and ART have
/// no such version: their L-BFGS calls SciPy image by image.
///
/// Every sample is at a state of its own, all of them share the passes.
public struct BoxedQuasiNewton: Attack {
    /// "lbfgs".
    public static let name = "lbfgs"
    /// One line.
    public static let summary =
        "Box-constrained L-BFGS with a search for the weight of the loss: the first paper's method (2013)."
    /// It looks for the least perturbation.
    public static let usesEpsilons = false
    /// That of the paper.
    public static let norms = [Norm.l2]
    /// See above.
    public static let settings = [
        Setting(
            "searches", .integer(1...100), default: .integer(9), unit: "searches",
            help: "values of the weight c that are tried"),
        Setting(
            "iterations", .integer(1...100_000), default: .integer(100), unit: "iterations",
            help: "iterations of a search"),
        Setting(
            "initial_constant", .number(1e-9...1e9), default: .number(1),
            help: "the first c; ten times larger until the target is reached"),
        Setting(
            "memory", .integer(1...100), default: .integer(10), unit: "pairs",
            help: "steps and gradient changes that are remembered"),
    ]

    private let searches: Int
    private let iterations: Int
    private let initial: Double
    private let memory: Int

    /// Takes its settings.
    public init(_ values: SettingValues) {
        searches = values.integer("searches")
        iterations = values.integer("iterations")
        initial = Double(values.float("initial_constant"))
        memory = values.integer("memory")
    }

    /// Where a sample stands.
    private struct State {
        var target: Int?
        var descent: BoxedDescent
        var weight: Double
        var lower = 0.0
        var upper = Double.infinity
        var search = 0
        var least = Double.infinity
    }

    /// One evaluation of every sample in flight at a time.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        // The point that is evaluated, and the nearest success.
        var window = SampleWindow<State>(queue, tensors: 2) { sample, image in
            let descent = BoxedDescent(image.values, memory: memory, iterations: iterations)
            return (
                State(target: sample.target, descent: descent, weight: initial), [image, image]
            )
        }
        while !window.isEmpty {
            var flow = try oracle.logits(of: window.tensors[0], for: window.owners)
            let answers = flow.argmaxOfRows()
            let (values, classes) = (flow.values, flow.rowLength)
            for row in window.flights.indices where window[row].state.target == nil {
                let own = values[row * classes..<(row + 1) * classes]
                window[row].state.target = Margin.rival(in: own, of: window[row].sample.label)
            }
            let losses = CrossEntropy.gradient(
                inPlaceOf: &flow, targets: window.flights.map { $0.state.target ?? 0 }, scale: 1)
            let gradient = try oracle.pixelGradient(flow, for: window.owners)
            let sizes = queue.engine.distances(from: window.originals, to: window.tensors[0])
            for row in window.flights.indices {
                if window[row].sample.isFooled(by: answers[row])
                    && sizes[row].l2 < window[row].state.least
                {
                    window[row].state.least = sizes[row].l2
                    window.tensors[1].copyRow(row, of: window.tensors[0], to: row)
                }
                advance(
                    &window, row, Double(losses[row]), gradient,
                    square: sizes[row].l2 * sizes[row].l2,
                    reached: answers[row] == window[row].state.target)
            }
            window.refill()
        }
    }

    /// Takes one evaluation, and says where the next one is.
    private func advance(
        _ window: inout SampleWindow<State>, _ row: Int, _ loss: Double, _ gradient: Tensor,
        square: Double, reached: Bool
    ) {
        let length = gradient.rowLength
        let weight = window[row].state.weight
        let slope = gradient.withFloats { g in
            window.originals.withFloats { x in
                window.tensors[0].withFloats { y in
                    (row * length..<(row + 1) * length).map {
                        Float(
                            weight * Double(g[$0]) + 2 * (Double(y[$0]) - Double(x[$0])))
                    }
                }
            }
        }
        window[row].iterations += 1
        let point = window[row].state.descent.take(
            value: square + weight * loss, slope: slope, reached: reached)
        if let point {
            write(point, to: &window, row)
            return
        }
        var state = window[row].state
        state.search += 1
        if state.search == searches {
            window.finish(row, image: window.tensors[1], row: row)
            return
        }
        if state.descent.hasReached { state.upper = weight } else { state.lower = weight }
        state.weight = state.upper.isFinite ? (state.lower + state.upper) / 2 : 10 * weight
        let image = window.originals.rows(row..<row + 1).values
        state.descent = BoxedDescent(image, memory: memory, iterations: iterations)
        window[row].state = state
        write(image, to: &window, row)
    }

    private func write(_ point: [Float], to window: inout SampleWindow<State>, _ row: Int) {
        window.tensors[0].replaceRows(
            from: row,
            with: Tensor(shape: [1] + window.originals.shape.dropFirst(), values: point))
    }
}

/// A descent of one point within [0, 1], told its value and slope one evaluation at a time.
struct BoxedDescent {
    /// Whether the goal held at the last point that was accepted.
    private(set) var hasReached = false

    private let memory: Int
    private let limit: Int
    private var point: [Float]
    private var value = Double.infinity
    private var slope: [Float] = []
    private var pairs: [(step: [Float], change: [Float], product: Double)] = []
    private var iterations = 0
    // The line search: the direction, how far along it, and the point there.
    private var direction: [Float] = []
    private var share = 1.0
    private var halvings = 0
    private var trial: [Float]

    init(_ point: [Float], memory: Int, iterations: Int) {
        (self.point, trial) = (point, point)
        self.memory = memory
        limit = iterations
    }

    /// Takes the value and slope at the point that was asked for; the next one, or nil at the end.
    mutating func take(value found: Double, slope foundSlope: [Float], reached: Bool) -> [Float]? {
        if slope.isEmpty {
            accept(found, foundSlope, reached)
            return begin()
        }
        // Armijo's rule along the projected path.
        let gain = Self.dot(slope, Self.difference(trial, point))
        if found <= value + 1e-4 * gain && gain < 0 {
            remember(foundSlope)
            let fall = value - found
            accept(found, foundSlope, reached)
            iterations += 1
            // No more to gain than rounding hides.
            if iterations == limit || fall <= 1e-7 * max(1e-3, abs(found)) { return nil }
            return begin()
        }
        halvings += 1
        guard halvings < 20 else {
            // The remembered pairs may mislead; once more along the slope itself.
            guard !pairs.isEmpty else { return nil }
            pairs = []
            return begin()
        }
        share *= 0.5
        return step()
    }

    private mutating func accept(_ found: Double, _ foundSlope: [Float], _ reached: Bool) {
        (point, value, slope, hasReached) = (trial, found, foundSlope, reached)
    }

    private mutating func remember(_ newSlope: [Float]) {
        let step = Self.difference(trial, point)
        let change = Self.difference(newSlope, slope)
        let product = Self.dot(step, change)
        guard product > 1e-12 * Self.dot(change, change) && product > 0 else { return }
        if pairs.count == memory { pairs.removeFirst() }
        pairs.append((step, change, product))
    }

    /// A new direction, and the first point along it; nil where nothing is free to move.
    private mutating func begin() -> [Float]? {
        let isHeld = point.indices.map {
            (point[$0] <= 0 && slope[$0] > 0) || (point[$0] >= 1 && slope[$0] < 0)
        }
        let free = slope.indices.map { isHeld[$0] ? 0 : slope[$0] }
        let size = Self.dot(free, free).squareRoot()
        guard size > 1e-7 else { return nil }
        direction = newton(free, isHeld)
        share = 1
        if Self.dot(direction, slope) > -1e-10 * size * size {
            pairs = []
            direction = free.map { -$0 }
        }
        // Without a memory the slope says nothing of how far.
        if pairs.isEmpty { share = min(1, 1 / size) }
        halvings = 0
        return step()
    }

    /// Minus the inverse Hessian times the slope, by the two loops over the pairs, among the free
    /// values.
    private func newton(_ free: [Float], _ isHeld: [Bool]) -> [Float] {
        var q = free
        var factors: [Double] = []
        for pair in pairs.reversed() {
            let factor = Self.dot(pair.step, q) / pair.product
            factors.append(factor)
            Self.add(&q, -factor, pair.change)
        }
        if let last = pairs.last {
            let scale = last.product / Self.dot(last.change, last.change)
            for index in q.indices { q[index] = Float(scale * Double(q[index])) }
        }
        for (pair, factor) in zip(pairs, factors.reversed()) {
            let back = Self.dot(pair.change, q) / pair.product
            Self.add(&q, factor - back, pair.step)
        }
        return q.indices.map { isHeld[$0] ? 0 : -q[$0] }
    }

    private mutating func step() -> [Float] {
        trial = point.indices.map {
            min(max(Float(Double(point[$0]) + share * Double(direction[$0])), 0), 1)
        }
        return trial
    }

    private static func difference(_ a: [Float], _ b: [Float]) -> [Float] {
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in a.indices.map { a[$0] - b[$0] } }
        }
    }

    private static func dot(_ a: [Float], _ b: [Float]) -> Double {
        RowProduct.dot(a, b)
    }

    private static func add(_ a: inout [Float], _ scale: Double, _ b: [Float]) {
        a.withUnsafeMutableBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                for index in a.indices {
                    a[index] = Float(Double(a[index]) + scale * Double(b[index]))
                }
            }
        }
    }
}
