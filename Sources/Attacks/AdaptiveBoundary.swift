// Between the image and the boundary, nearer at each step.

import Networks
import Tensors

/// The fast adaptive boundary attack of Croce and Hein, "Minimally distorted Adversarial Examples with a
/// Fast Adaptive Boundary Attack" (2020). With the nearest of the hyperplanes on which the network, made
/// linear at the point x, changes its answer, and the least changes within [0, 1] that lead there from
/// x (d₁) and from the image x₀ (d₂):
///
///     α = min(‖d₁‖ / (‖d₁‖ + ‖d₂‖), α_max)
///     x ← clamp((1 − α)·(x + η·d₁) + α·(x₀ + η·d₂))
///
/// and where that is adversarial, it is kept if it is nearer than before, and the walk goes on from
/// x₀ + β·(x − x₀). At the end three halvings of the last way to the image. Restarts begin at a random
/// point of the ball whose radius is a tenth of the norm's largest sensible budget (for L∞ 0.1), clamped
/// to [0, 1]; the authors' code takes half of the distance that was found, or of ε if that is less. The
/// driver keeps the nearest.
///
/// Both projections are exact, in L∞, L2 and L1. Settings are the authors'. ART's "AutoAttack" runs
/// DeepFool in this attack's place.
struct BoundaryWalk: Sendable {
    static let settings = [
        Setting(
            "steps", .integer(1...1_000_000), default: .integer(100), unit: "steps",
            help: "steps of a run"),
        Setting(
            "alpha_max", .number(0...1), default: .number(0.1),
            help: "the largest share of the image's own projection"),
        Setting(
            "eta", .number(1...10), default: .number(1.05), help: "how far past the hyperplane"),
        Setting(
            "beta", .number(0...1), default: .number(0.9),
            help: "how far a success is drawn back towards the image"),
    ]

    private let steps: Int
    private let mostAlpha: Double
    private let eta: Double
    private let beta: Double

    init(_ values: SettingValues) {
        steps = values.integer("steps")
        mostAlpha = Double(values.float("alpha_max"))
        eta = Double(values.float("eta"))
        beta = Double(values.float("beta"))
    }

    /// What the walk of one batch holds.
    private struct Walk {
        var points: Tensor
        var nearest: Tensor
        var least: [Double]
        /// d₁ and d₂.
        var ways: Tensor
        var returns: Tensor
        /// The slope of the nearest hyperplane, and its gap at the point.
        var slopes: Tensor
        var gaps: [Double]
        var iterations = 0
    }

    /// The nearest adversarial images of a batch, and what they took. `rivals` are, for each sample, the
    /// classes whose hyperplanes it goes to; `start` says where it begins, as a vector that is added to
    /// the image.
    func nearest(
        _ batch: AttackQueue.Batch, rivals: [[Int]], start: (Int) -> [Float]?,
        for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>
    ) throws -> (images: Tensor, sizes: [Double], iterations: Int) {
        let images = batch.images
        let count = batch.samples.count
        var walk = Walk(
            points: images, nearest: images, least: Array(repeating: .infinity, count: count),
            ways: images, returns: images, slopes: images, gaps: Array(repeating: 0, count: count))
        let owners = rivals.indices.map { row in
            rivals[row].isEmpty ? nil : RowOwner(batch.samples[row], budget: 0)
        }
        for row in 0..<count {
            guard let vector = start(row) else { continue }
            walk.points.withMutableFloats { points in
                for (index, value) in vector.enumerated() {
                    points[row * vector.count + index] += value
                }
            }
            walk.points.clampRow(row)
        }
        for _ in 0..<steps {
            try findHyperplanes(&walk, batch, rivals, queue.model.norm, on: &oracle)
            for row in 0..<count { move(&walk, row, images, queue) }
            let answers = try oracle.answers(to: walk.points, for: owners)
            walk.iterations += 1
            let sizes = queue.engine.distances(from: images, to: walk.points)
            for (row, sample) in batch.samples.enumerated() {
                guard sample.isFooled(by: answers[row]) else { continue }
                let size = queue.model.norm.size(of: sizes[row])
                if size < walk.least[row] {
                    walk.least[row] = size
                    walk.nearest.copyRow(row, of: walk.points, to: row)
                }
                blend(&walk.points, row, with: images, share: beta)
            }
        }
        try shorten(&walk, batch, queue, on: &oracle)
        return (walk.nearest, walk.least, walk.iterations)
    }

    /// The rival with the least gap over the dual norm of its slope, for each sample.
    private func findHyperplanes(
        _ walk: inout Walk, _ batch: AttackQueue.Batch, _ rivals: [[Int]], _ norm: Norm,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws {
        func owners(_ rank: Int) -> [RowOwner?] {
            rivals.indices.map { row in
                rank < rivals[row].count ? RowOwner(batch.samples[row], budget: 0) : nil
            }
        }
        let logits = try oracle.logits(of: walk.points, for: owners(0))
        let (values, classes) = (logits.values, logits.rowLength)
        var best = Array(repeating: Double.infinity, count: rivals.count)
        for row in rivals.indices {
            walk.gaps[row] = 0
            walk.slopes.clearRow(row)
        }
        for rank in 0..<(rivals.map(\.count).max() ?? 0) {
            var flow = Tensor(shape: logits.shape)
            flow.withMutableFloats { flow in
                for (row, sample) in batch.samples.enumerated() where rank < rivals[row].count {
                    flow[row * classes + rivals[row][rank]] = 1
                    flow[row * classes + sample.label] = -1
                }
            }
            let slope = try oracle.pixelGradient(flow, for: owners(rank))
            for (row, sample) in batch.samples.enumerated() where rank < rivals[row].count {
                let gap = Double(
                    values[row * classes + sample.label]
                        - values[row * classes + rivals[row][rank]])
                let size =
                    switch norm {
                    case .linf: slope.l1(ofRow: row)
                    case .l2: slope.l2(ofRow: row)
                    case .l1, .l0: Double(slope.linf(ofRow: row))
                    }
                // Where the slope is 0 there is no hyperplane to go to.
                guard size > 0, abs(gap) / size < best[row] else { continue }
                best[row] = abs(gap) / size
                walk.gaps[row] = gap
                walk.slopes.copyRow(row, of: slope, to: row)
            }
        }
    }

    /// To the hyperplane from the point and from the image, and a mixture of both.
    private func move(_ walk: inout Walk, _ row: Int, _ images: Tensor, _ queue: AttackQueue) {
        let (norm, ball) = (queue.model.norm, queue.model.norm.ball)
        walk.ways.goToHyperplane(
            row, from: walk.points, along: walk.slopes, row: row, gap: walk.gaps[row], in: ball)
        // From the image the gap is larger by what lies between.
        let between =
            walk.slopes.dot(ofRow: row, walk.points, row: row)
            - walk.slopes.dot(ofRow: row, images, row: row)
        walk.returns.goToHyperplane(
            row, from: images, along: walk.slopes, row: row, gap: walk.gaps[row] + between, in: ball
        )
        func size(_ way: Tensor) -> Double {
            switch norm {
            case .linf: Double(way.linf(ofRow: row))
            case .l2: way.l2(ofRow: row)
            case .l1, .l0: way.l1(ofRow: row)
            }
        }
        let (near, far) = (max(size(walk.ways), 1e-8), max(size(walk.returns), 1e-8))
        let alpha = min(max(near / (near + far), 0), mostAlpha)
        let length = images.rowLength
        images.withFloats { x in
            walk.ways.withFloats { near in
                walk.returns.withFloats { far in
                    walk.points.withMutableFloats { y in
                        for index in row * length..<(row + 1) * length {
                            let own = Double(y[index]) + eta * Double(near[index])
                            let back = Double(x[index]) + eta * Double(far[index])
                            let mixed = Float((1 - alpha) * own + alpha * back)
                            y[index] = min(max(mixed, 0), 1)
                        }
                    }
                }
            }
        }
    }

    /// x₀ + share·(x − x₀).
    private func blend(_ points: inout Tensor, _ row: Int, with images: Tensor, share: Double) {
        let length = images.rowLength
        images.withFloats { x in
            points.withMutableFloats { y in
                for index in row * length..<(row + 1) * length {
                    let from = Double(x[index])
                    y[index] = Float(from + share * (Double(y[index]) - from))
                }
            }
        }
    }

    /// Three halvings of the last way: between the nearest success and the image.
    private func shorten(
        _ walk: inout Walk, _ batch: AttackQueue.Batch, _ queue: AttackQueue,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws {
        guard batch.samples.indices.contains(where: { walk.least[$0].isFinite }) else { return }
        let found = walk.nearest
        var (low, high) = (
            Array(repeating: 0.0, count: batch.samples.count),
            Array(repeating: 1.0, count: batch.samples.count)
        )
        for _ in 0..<3 {
            var tried = found
            for row in batch.samples.indices where walk.least[row].isFinite {
                blend(&tried, row, with: batch.images, share: (low[row] + high[row]) / 2)
            }
            let owners = batch.samples.indices.map { row in
                walk.least[row].isFinite ? RowOwner(batch.samples[row], budget: 0) : nil
            }
            let answers = try oracle.answers(to: tried, for: owners)
            let sizes = queue.engine.distances(from: batch.images, to: tried)
            for (row, sample) in batch.samples.enumerated() where walk.least[row].isFinite {
                let middle = (low[row] + high[row]) / 2
                if sample.isFooled(by: answers[row]) {
                    high[row] = middle
                    walk.least[row] = queue.model.norm.size(of: sizes[row])
                    walk.nearest.copyRow(row, of: tried, to: row)
                } else {
                    low[row] = middle
                }
            }
        }
    }

    /// Where a run begins, as a vector that is added to the image: nil for the first run, which begins at
    /// the image; for a restart a random point of the ball that the type's documentation names.
    static func start(
        _ sample: AttackSample, _ name: String, _ queue: AttackQueue, count: Int
    ) -> [Float]? {
        guard queue.restart > 0 else { return nil }
        var random = queue.stream("\(name)/start", for: sample)
        let norm = queue.model.norm
        let radius = 0.1 * norm.budgets(count: count).upperBound
        return BallStart.point(of: norm.ball, count: count, random: &random).map { radius * $0 }
    }
}

/// The fast adaptive boundary attack towards whichever class is nearest: see `BoundaryWalk`.
public struct AdaptiveBoundary: Attack {
    /// "fab".
    public static let name = "fab"
    /// One line.
    public static let summary =
        "FAB: projections onto the linearised boundary, drawn towards the image (Croce 2020)."
    /// It looks for the least perturbation.
    public static let usesEpsilons = false
    /// Those of the paper.
    public static let norms = [Norm.linf, .l2, .l1]
    /// Its restarts.
    public static let isRandom = true
    /// The authors'.
    public static let settings = BoundaryWalk.settings

    private let walk: BoundaryWalk

    /// Takes its settings.
    public init(_ values: SettingValues) { walk = BoundaryWalk(values) }

    /// All classes but the label; for a targeted goal, that class.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        while true {
            let batch = queue.take(queue.window)
            guard !batch.samples.isEmpty else { return }
            let classes = try oracle.logits(of: batch.images, for: batch.owners()).rowLength
            let rivals = batch.samples.map { sample in
                sample.target.map { [$0] } ?? (0..<classes).filter { $0 != sample.label }
            }
            let found = try walk.nearest(
                batch, rivals: rivals,
                start: {
                    BoundaryWalk.start(
                        batch.samples[$0], Self.name, queue, count: batch.images.rowLength)
                }, for: queue, on: &oracle)
            for (row, sample) in batch.samples.enumerated() {
                queue.deliver(
                    sample, image: found.images, row: row, iterations: found.iterations)
            }
        }
    }
}

/// The fast adaptive boundary attack towards each of the likeliest other classes in turn, which takes one
/// backward pass a step however many classes there are; the nearest image counts: see `BoundaryWalk`.
public struct TargetedAdaptiveBoundary: Attack {
    /// "fab-targeted".
    public static let name = "fab-targeted"
    /// One line.
    public static let summary =
        "FAB towards each of the nine likeliest other classes, the nearest of which counts (Croce 2020)."
    /// It looks for the least perturbation.
    public static let usesEpsilons = false
    /// Those of the paper.
    public static let norms = [Norm.linf, .l2, .l1]
    /// Its restarts.
    public static let isRandom = true
    /// The authors'.
    public static let settings =
        BoundaryWalk.settings + [
            Setting(
                "targets", .integer(1...1000), default: .integer(9), unit: "classes",
                help: "how many of the likeliest other classes are tried")
        ]

    private let walk: BoundaryWalk
    private let targets: Int

    /// Takes its settings.
    public init(_ values: SettingValues) {
        walk = BoundaryWalk(values)
        targets = values.integer("targets")
    }

    /// A walk for each class.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        while true {
            let batch = queue.take(queue.window)
            guard !batch.samples.isEmpty else { return }
            let logits = try oracle.logits(of: batch.images, for: batch.owners())
            let (values, classes) = (logits.values, logits.rowLength)
            let rivals = batch.samples.enumerated().map { row, sample in
                sample.target.map { [$0] }
                    ?? DeepFool.likeliest(
                        values[row * classes..<(row + 1) * classes], except: sample.label,
                        count: targets)
            }
            var best = (
                images: batch.images,
                sizes: Array(repeating: Double.infinity, count: rivals.count),
                iterations: Array(repeating: 0, count: rivals.count)
            )
            for rank in 0..<(rivals.map(\.count).max() ?? 0) {
                let found = try walk.nearest(
                    batch, rivals: rivals.map { $0.count > rank ? [$0[rank]] : [] },
                    start: {
                        BoundaryWalk.start(
                            batch.samples[$0], "\(Self.name)/\(rank)", queue,
                            count: batch.images.rowLength)
                    }, for: queue, on: &oracle)
                for row in rivals.indices where rank < rivals[row].count {
                    best.iterations[row] += found.iterations
                    guard found.sizes[row] < best.sizes[row] else { continue }
                    best.sizes[row] = found.sizes[row]
                    best.images.copyRow(row, of: found.images, to: row)
                }
            }
            for (row, sample) in batch.samples.enumerated() {
                queue.deliver(
                    sample, image: best.images, row: row, iterations: best.iterations[row])
            }
        }
    }
}
