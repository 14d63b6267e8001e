// Noise that knows nothing of the network: what any attack has to beat.

import Networks
import Randomness
import Tensors

/// Uniform random noise in the L∞ ball, the best of a few draws: a baseline for attacks of the same
/// budget.
///
/// Every pixel moves by ε or −ε with equal chances (`signs`, the largest noise that the ball holds),
/// or by anything in between (`uniform`, as foolbox draws it). The first draw that fools the network
/// counts, else the last one. A draw is the same for every ε.
public struct UniformNoise: Attack {
    /// "uniform-noise".
    public static let name = "uniform-noise"
    /// One line.
    public static let summary = "Random noise in the L∞ ball: a baseline that knows no network."
    /// A draw for every budget.
    public static let usesEpsilons = true
    /// Independent pixels.
    public static let norms = [Norm.linf]
    /// All of it is drawn.
    public static let isRandom = true
    /// What is drawn, and how often.
    public static let settings = [
        Setting(
            "shape", .choice(["signs", "uniform"]), default: .text("signs"),
            help: "whether pixels move by ±epsilon, or by anything between"),
        NoiseDraws.repeats,
    ]

    private let hasSigns: Bool
    private let repeats: Int

    /// Takes its settings.
    public init(_ values: SettingValues) {
        hasSigns = values.text("shape") == "signs"
        repeats = values.integer("repeats")
    }

    /// Tries its draws.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        try NoiseDraws(repeats: repeats).propose(for: queue, on: &oracle) { count, random in
            hasSigns
                ? (0..<count).map { _ in random.next() & 1 == 0 ? 1 : -1 }
                : BallStart.point(of: .linf, count: count, random: &random)
        }
    }
}

/// Gaussian noise of exactly the norm ε, the best of a few draws: a baseline for L2 attacks, and the
/// rows "Gaussian noise" of Szegedy et al. (2013).
///
/// The direction is uniform on the sphere; clamping to [0, 1] shortens it. Noise of standard
/// deviation σ has the norm σ·√n, so that σ = 0.1 on 28 × 28 pixels is ε = 2.8.
public struct GaussianNoise: Attack {
    /// "gaussian-noise".
    public static let name = "gaussian-noise"
    /// One line.
    public static let summary =
        "Gaussian noise of a given L2 norm: a baseline that knows no network."
    /// A draw for every budget.
    public static let usesEpsilons = true
    /// The sphere.
    public static let norms = [Norm.l2]
    /// All of it is drawn.
    public static let isRandom = true
    /// How often it draws.
    public static let settings = [NoiseDraws.repeats]

    private let repeats: Int

    /// Takes its settings.
    public init(_ values: SettingValues) { repeats = values.integer("repeats") }

    /// Tries its draws.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        try NoiseDraws(repeats: repeats).propose(for: queue, on: &oracle) { count, random in
            BallStart.direction(count: count, random: &random)
        }
    }
}

/// Some draws of a unit noise, scaled by each budget.
struct NoiseDraws {
    static let repeats = Setting(
        "repeats", .integer(1...100_000), default: .integer(1), unit: "draws",
        help: "draws a sample has, as long as none fools the network")

    let repeats: Int

    func propose(
        for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>,
        draw: (_ count: Int, inout Randomness.Stream) -> [Float]
    ) throws {
        while true {
            let batch = queue.take(queue.window)
            guard !batch.samples.isEmpty else { return }
            var open = queue.epsilons.indices.map { k in
                batch.samples.indices.filter { queue.isOpen(batch.samples[$0], epsilon: k) }
            }
            var streams = batch.samples.map { queue.stream("noise", for: $0) }
            for round in 1...repeats where !open.allSatisfy(\.isEmpty) {
                let noise = streams.indices.map { draw(batch.images.rowLength, &streams[$0]) }
                for (k, epsilon) in queue.epsilons.enumerated() where !open[k].isEmpty {
                    let rows = open[k]
                    let moved = move(batch.images, rows, by: noise, epsilon, in: queue)
                    // The driver itself looks at the last draw.
                    let owners = rows.map { RowOwner(batch.samples[$0], budget: k) }
                    let answers =
                        round < repeats ? try oracle.answers(to: moved, for: owners) : []
                    open[k] = []
                    for (place, row) in rows.enumerated() {
                        let sample = batch.samples[row]
                        if round < repeats && !sample.isFooled(by: answers[place]) {
                            open[k].append(row)
                        } else {
                            queue.deliver(
                                sample, epsilon: k, image: moved, row: place, iterations: round)
                        }
                    }
                }
            }
        }
    }

    private func move(
        _ images: Tensor, _ rows: [Int], by noise: [[Float]], _ epsilon: Float,
        in queue: AttackQueue
    ) -> Tensor {
        let x = images.gather(rows)
        var moved = x
        let length = x.rowLength
        moved.withMutableFloats { pixels in
            for (place, row) in rows.enumerated() {
                for index in 0..<length {
                    pixels[place * length + index] += epsilon * noise[row][index]
                }
            }
        }
        var scratch = Tensor(shape: [0])
        queue.engine.project(
            &moved, around: x, in: queue.model.norm.ball, within: rows.map { _ in epsilon },
            scratch: &scratch)
        return moved
    }
}

/// Salt and pepper: ever more pixels set to black or white until the network errs, then fewer of
/// them again. A baseline for attacks that count pixels.
///
/// A random order of the pixels and a random colour for each are drawn; the first n of that order are
/// changed, n growing in `steps` equal shares until the goal is reached, and then the least n is found
/// by bisection, of which every n was tried. The best of `repeats` orders counts. foolbox draws anew
/// at every share, so that its last noise says little about a smaller one.
public struct SaltAndPepper: Attack {
    /// "salt-and-pepper".
    public static let name = "salt-and-pepper"
    /// One line.
    public static let summary =
        "Salt and pepper: random pixels made black or white, as few as the same draw needs."
    /// It looks for the least number.
    public static let usesEpsilons = false
    /// It counts changed values.
    public static let norms = [Norm.l0, .l1, .l2]
    /// All of it is drawn.
    public static let isRandom = true
    /// How finely and how often it looks.
    public static let settings = [
        Setting(
            "steps", .integer(1...100_000), default: .integer(100), unit: "steps",
            help: "equal shares of all values in which the noise grows"),
        NoiseDraws.repeats,
    ]

    private let steps: Int
    private let repeats: Int

    /// Takes its settings.
    public init(_ values: SettingValues) {
        steps = values.integer("steps")
        repeats = values.integer("repeats")
    }

    /// Where a sample's search stands.
    private struct State {
        var order: [Int]
        var colours: [Float]
        var round = 0
        /// The number of values that is being tried; the largest that failed and the least that
        /// worked in this round.
        var count = 0
        var failed = 0
        var worked: Int?
        var stream: Randomness.Stream
        var best: (count: Int, image: Tensor)?
    }

    /// Each sample in flight tries one number of values a pass.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        var window = SampleWindow<State>(queue, tensors: 1) { sample, image in
            var state = State(
                order: [], colours: [], stream: queue.stream("salt-and-pepper", for: sample))
            shuffle(&state, image.count)
            return (state, [draw(state, on: image)])
        }
        while !window.isEmpty {
            let answers = try oracle.answers(to: window.tensors[0], for: window.owners)
            for row in window.flights.indices {
                window[row].iterations += 1
                let image = window.originals.rows(row..<row + 1)
                let isFooled = window[row].sample.isFooled(by: answers[row])
                let noisy = window.tensors[0].rows(row..<row + 1)
                if advance(&window[row].state, isFooled, noisy) {
                    window.tensors[0].replaceRows(
                        from: row, with: draw(window[row].state, on: image))
                } else {
                    window.finish(row, image: window[row].state.best?.image ?? image, row: 0)
                }
            }
            window.refill()
        }
    }

    private func shuffle(_ state: inout State, _ length: Int) {
        state.order = state.stream.permutation(of: length)
        state.colours = (0..<length).map { _ in state.stream.next() & 1 == 0 ? 0 : 1 }
        (state.failed, state.worked) = (0, nil)
        state.count = step(after: 0, length)
    }

    /// The next share after `count` values.
    private func step(after count: Int, _ length: Int) -> Int {
        min(length, count + max(1, length / steps))
    }

    /// Takes the answer; whether there is another number to try.
    private func advance(_ state: inout State, _ isFooled: Bool, _ image: Tensor) -> Bool {
        let length = state.order.count
        if isFooled {
            state.worked = state.count
            if state.best.map({ state.count < $0.count }) ?? true {
                state.best = (state.count, image)
            }
        } else {
            state.failed = state.count
        }
        if let worked = state.worked, worked - state.failed > 1 {
            state.count = state.failed + (worked - state.failed) / 2
            return true
        }
        // No larger number than the best so far is worth a try.
        let limit = min(length, state.best?.count ?? length)
        if state.worked == nil && state.failed < limit {
            state.count = min(limit, step(after: state.failed, length))
            return true
        }
        state.round += 1
        guard state.round < repeats else { return false }
        shuffle(&state, length)
        return true
    }

    private func draw(_ state: State, on image: Tensor) -> Tensor {
        var noisy = image
        noisy.withMutableFloats { pixels in
            for index in state.order.prefix(state.count) { pixels[index] = state.colours[index] }
        }
        return noisy
    }
}
