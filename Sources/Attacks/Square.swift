// Random squares: an attack that only asks for scores.

import Networks
import Randomness
import Tensors

/// The square attack of Andriushchenko, Croce, Flammarion and Hein, "Square Attack: a query-efficient
/// black-box adversarial attack via random search" (2020): a proposal changes one random square of the
/// best image so far, and is kept if the loss falls. The share p of the image that a square covers
/// begins at `p_init` and is halved along a fixed schedule of queries.
///
/// L∞: vertical stripes of ±ε at first; a square takes x ± ε, one sign a channel. L2: a grid of little
/// waves at first; a square's perturbation is made anew with the budget that another square gives up.
/// Both follow the version in AutoAttack. The loss is the margin; for a targeted goal the
/// cross-entropy of the target, as in the paper. The schedule, made for 10,000 queries, is fitted to the
/// number that is allowed unless `rescale_schedule` is off, as it is inside AutoAttack.
///
/// A run ends at the first image that reaches the goal. Draws are the sample's own.
public struct Square: Attack {
    /// "square".
    public static let name = "square"
    /// One line.
    public static let summary =
        "Square: random search by squares, asking for scores alone (Andriushchenko 2020)."
    /// A run for every budget.
    public static let usesEpsilons = true
    /// Those of the paper.
    public static let norms = [Norm.linf, .l2]
    /// All of it is drawn.
    public static let isRandom = true
    /// Those of the authors.
    public static let settings = [
        Setting(
            "queries", .integer(1...10_000_000), default: .integer(5000), unit: "queries",
            help: "forward passes that a run may take"),
        Setting(
            "p_init", .number(0.000001...1), default: .number(0.8),
            help: "the share of the image that the first squares cover"),
        Setting(
            "rescale_schedule", .flag, default: .flag(true),
            help: "stretch the schedule of p from 10,000 to the number of queries"),
    ]

    private let queries: Int
    private let first: Double
    private let isRescaled: Bool

    /// Takes its settings.
    public init(_ values: SettingValues) {
        queries = values.integer("queries")
        first = Double(values.float("p_init"))
        isRescaled = values.flag("rescale_schedule")
    }

    /// A square needs rows and columns.
    public func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {
        guard imageShape.count == 3, imageShape[1] > 0, imageShape[2] > 0 else {
            throw AttackFault.impossible(
                attack: Self.name, "it needs images [C, H, W], and these are \(imageShape).")
        }
        guard model.norm == .linf || min(imageShape[1], imageShape[2]) >= 5 else {
            throw AttackFault.impossible(
                attack: Self.name, "in the norm l2 it needs images of 5 × 5 pixels or more.")
        }
    }

    /// What a run remembers.
    private struct Memory {
        var random: Randomness.Stream?
        var least = Float.infinity
    }

    /// One query of every run in flight at a time.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        // The best image so far.
        var window = RunWindow<Memory>(queue, state: Memory(), tensors: 1) { _, _, _ in nil }
        while !window.runs.isEmpty {
            for row in window.runs.indices { propose(&window, row, in: queue) }
            let logits = try oracle.logits(of: window.points, for: window.owners)
            let answers = logits.argmaxOfRows()
            let losses = losses(logits, window.runs.map(\.sample))
            for (row, run) in window.runs.enumerated() {
                window.runs[row].iterations += 1
                window.runs[row].step += 1
                if run.sample.isFooled(by: answers[row]) {
                    window.finish(row)
                    continue
                }
                if losses[row] < run.state.least {
                    window.runs[row].state.least = losses[row]
                    window.tensors[0].copyRow(row, of: window.points, to: row)
                }
                if run.step + 1 == queries {
                    window.finish(row, at: window.tensors[0], row: row)
                }
            }
            window.refill()
        }
    }

    private func losses(_ logits: Tensor, _ samples: [AttackSample]) -> [Float] {
        let (values, classes) = (logits.values, logits.rowLength)
        let distant = CrossEntropy.losses(of: logits, targets: samples.map(\.lossClass))
        return samples.enumerated().map { row, sample in
            sample.target == nil
                ? Margin.of(values[row * classes..<(row + 1) * classes], for: sample)
                : distant[row]
        }
    }

    /// The share of the image that a square covers at a query.
    func share(at step: Int) -> Double {
        let place = isRescaled ? Int(Double(step) / Double(queries) * 10_000) : step
        let limits = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000]
        return limits.reduce(first) { place > $1 ? $0 / 2 : $0 }
    }

    /// Writes a run's next proposal over its point.
    private func propose(_ window: inout RunWindow<Memory>, _ row: Int, in queue: AttackQueue) {
        let run = window.runs[row]
        var random = run.state.random ?? queue.stream("square", for: run.sample)
        let shape = window.points.shape
        var canvas = SquareCanvas(
            channels: shape[1], height: shape[2], width: shape[3], epsilon: run.epsilon,
            isL2: queue.model.norm == .l2)
        if run.step > 0 { window.points.copyRow(row, of: window.tensors[0], to: row) }
        let length = window.points.rowLength
        let originals = window.originals
        originals.withFloats { x in
            window.points.withMutableFloats { y in
                let here = row * length..<(row + 1) * length
                let x = UnsafeBufferPointer(rebasing: x[here])
                let y = UnsafeMutableBufferPointer(rebasing: y[here])
                if run.step == 0 {
                    canvas.begin(y, around: x, &random)
                } else {
                    canvas.change(y, around: x, share: share(at: run.step - 1), &random)
                }
            }
        }
        window.runs[row].state.random = random
    }
}

/// The proposals for one image.
struct SquareCanvas {
    let channels: Int
    let height: Int
    let width: Int
    let epsilon: Float
    let isL2: Bool

    typealias Pixels = UnsafeMutableBufferPointer<Float>
    typealias Original = UnsafeBufferPointer<Float>

    /// The first proposal.
    mutating func begin(_ y: Pixels, around x: Original, _ random: inout Randomness.Stream) {
        guard isL2 else {
            for channel in 0..<channels {
                for column in 0..<width {
                    let step = sign(&random) * epsilon
                    for row in 0..<height {
                        let index = (channel * height + row) * width + column
                        y[index] = Self.held(x[index] + step, x[index], epsilon)
                    }
                }
            }
            return
        }
        let side = height / 5 > 0 ? min(height, width) / 5 : 1
        var changes = [Double](repeating: 0, count: x.count)
        for top in stride(from: (height - side * 5) / 2, through: height - side, by: side) {
            for left in stride(from: (width - side * 5) / 2, through: width - side, by: side)
            where top >= 0 && left >= 0 {
                let wave = Self.wave(side, &random)
                for channel in 0..<channels {
                    let sign = Double(sign(&random))
                    for (place, value) in wave.enumerated() {
                        let index =
                            (channel * height + top + place / side) * width + left + place % side
                        changes[index] += value * sign
                    }
                }
            }
        }
        write(changes, y, x)
    }

    /// The best image with one square made anew.
    mutating func change(
        _ y: Pixels, around x: Original, share: Double, _ random: inout Randomness.Stream
    ) {
        let wanted = (share * Double(height * width)).squareRoot().rounded(.toNearestOrEven)
        guard isL2 else {
            let side = min(max(1, Int(wanted)), min(height, width))
            let (top, left) = corner(side, &random)
            for channel in 0..<channels {
                let step = 2 * epsilon * sign(&random)
                for row in top..<top + side {
                    for column in left..<left + side {
                        let index = (channel * height + row) * width + column
                        y[index] = Self.held(y[index] + step, x[index], epsilon)
                    }
                }
            }
            return
        }
        var side = max(3, Int(wanted))
        side += side % 2 == 0 ? 1 : 0
        let most = min(height, width)
        side = min(side, most % 2 == 0 ? most - 1 : most)
        moveBudget(y, x, side, &random)
    }

    /// L2: the budget of one square goes to another, where it takes the shape of a wave.
    private func moveBudget(
        _ y: Pixels, _ x: Original, _ side: Int, _ random: inout Randomness.Stream
    ) {
        let (new, old) = (corner(side, &random), corner(side, &random))
        var changes = x.indices.map { Double(y[$0]) - Double(x[$0]) }
        func places(_ corner: (Int, Int), _ channel: Int) -> [Int] {
            (0..<side * side).map {
                (channel * height + corner.0 + $0 / side) * width + corner.1 + $0 % side
            }
        }
        let total = changes.reduce(0) { $0 + $1 * $1 }
        let spare = max(0, Double(epsilon) * Double(epsilon) - total) / Double(channels)
        let wave = Self.wave(side, &random)
        for channel in 0..<channels {
            let (gains, gives) = (places(new, channel), places(old, channel))
            let own = gains.reduce(0) { $0 + changes[$1] * changes[$1] }
            var both = own
            for index in gives {
                let (row, column) = (index / width % height, index % width)
                let isShared =
                    (new.0..<new.0 + side).contains(row)
                    && (new.1..<new.1 + side).contains(column)
                if !isShared { both += changes[index] * changes[index] }
            }
            let sign = Double(sign(&random))
            let before = 1e-12 + own.squareRoot()
            let mixed = gains.enumerated().map { wave[$0] * sign + changes[$1] / before }
            let size = 1e-12 + mixed.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let scale = (spare + both).squareRoot() / size
            for index in gives { changes[index] = 0 }
            for (place, index) in gains.enumerated() { changes[index] = mixed[place] * scale }
        }
        write(changes, y, x)
    }

    /// x + changes, the whole of them brought to the norm ε, within [0, 1].
    private func write(_ changes: [Double], _ y: Pixels, _ x: Original) {
        let size = changes.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let scale = size > 0 ? Double(epsilon) / size : 0
        for index in x.indices {
            y[index] = min(max(Float(Double(x[index]) + scale * changes[index]), 0), 1)
        }
    }

    private func corner(_ side: Int, _ random: inout Randomness.Stream) -> (Int, Int) {
        (
            Int(random.below(UInt32(height - side + 1))),
            Int(random.below(UInt32(width - side + 1)))
        )
    }

    private func sign(_ random: inout Randomness.Stream) -> Float {
        random.next() & 1 == 0 ? -1 : 1
    }

    private static func held(_ value: Float, _ x: Float, _ epsilon: Float) -> Float {
        min(max(min(max(value, x - epsilon), x + epsilon), 0), 1)
    }

    /// Two hills, one up and one down, of norm 1 together; lying or standing.
    private static func wave(_ side: Int, _ random: inout Randomness.Stream) -> [Double] {
        let (upper, lower) = (hill(side / 2, side), hill(side - side / 2, side).map { -$0 })
        var wave = upper + lower
        let size = wave.reduce(0) { $0 + $1 * $1 }.squareRoot()
        if size > 0 { wave = wave.map { $0 / size } }
        guard random.next() & 1 == 0 else { return wave }
        return (0..<side * side).map { wave[$0 % side * side + $0 / side] }
    }

    /// Growing rectangles about the middle, each adding 1 / n², of norm 1.
    private static func hill(_ rows: Int, _ columns: Int) -> [Double] {
        var values = [Double](repeating: 0, count: rows * columns)
        for ring in 0..<max(rows / 2 + 1, columns / 2 + 1) {
            let (top, left) = (rows / 2 - ring, columns / 2 - ring)
            for row in max(0, top)..<max(0, top, min(rows, top + 2 * ring + 1)) {
                for column in max(0, left)..<max(0, left, min(columns, left + 2 * ring + 1)) {
                    values[row * columns + column] += 1 / Double((ring + 1) * (ring + 1))
                }
            }
        }
        let size = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return size > 0 ? values.map { $0 / size } : values
    }
}
