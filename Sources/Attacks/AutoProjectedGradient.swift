// Projected gradient descent that chooses its own steps.

import Networks
import Tensors

/// The losses that APGD follows upwards.
enum AutoLoss: Sendable {
    /// The cross-entropy of the label; for a targeted goal, minus that of the target.
    case crossEntropy
    /// The difference of logits ratio, −(Z_label − max other) / (Z_π1 − Z_π3), π the order of the
    /// logits; for a targeted goal its targeted form. Where the denominator is 0, since the logits
    /// at the top are equal, the loss is 0 or, behind them, −∞, and its gradient that of the numerator.
    case ratio
    /// Its targeted form, −(Z_label − Z_k) / (Z_π1 − (Z_π3 + Z_π4) / 2), k a class for each row.
    case targetedRatio([Int])

    /// The losses of all rows, whose logits become the losses' gradients; those of the ratios times
    /// their denominators, which are positive: only a gradient's direction counts, and so neither a
    /// small nor a large scale of the logits leaves the range of a float.
    func gradient(inPlaceOf logits: inout Tensor, for samples: [AttackSample]) -> [Float] {
        if case .crossEntropy = self {
            let losses = CrossEntropy.gradient(
                inPlaceOf: &logits, targets: samples.map(\.lossClass), scale: 1)
            for (row, sample) in samples.enumerated() where sample.direction < 0 {
                logits.negateRow(row)
            }
            return zip(samples, losses).map { $0.direction * $1 }
        }
        let classes = logits.rowLength
        let values = logits.values
        return logits.withMutableFloats { flow in
            samples.enumerated().map { row, sample in
                let own = Array(values[row * classes..<(row + 1) * classes])
                let order = own.indices.sorted { (own[$0], $1) > (own[$1], $0) }
                for index in 0..<classes { flow[row * classes + index] = 0 }
                func add(_ index: Int, _ value: Float) { flow[row * classes + index] += value }
                let target: Int? =
                    if case .targetedRatio(let wanted) = self { wanted[row] } else { sample.target }
                let other = target ?? Margin.rival(in: own[...], of: sample.label)
                // −top / bottom, and bottom times its gradient by the rule for quotients.
                let top = own[sample.label] - own[other]
                let bottom: Float
                let weights: [(Int, Float)]
                if target == nil {
                    bottom = own[order[0]] - own[order[2]]
                    weights = [(order[0], 1), (order[2], -1)]
                } else {
                    bottom = own[order[0]] - (0.5 * own[order[2]] + 0.5 * own[order[3]])
                    weights = [(order[0], 1), (order[2], -0.5), (order[3], -0.5)]
                }
                add(sample.label, -1)
                add(other, 1)
                guard bottom > 0 else { return top == 0 ? 0 : -.infinity }
                let ratio = top / bottom
                // A ratio without bound leaves the numerator's direction.
                guard ratio.isFinite else { return -ratio }
                for (index, weight) in weights { add(index, weight * ratio) }
                return -ratio
            }
        }
    }
}

/// The walk of APGD: Croce and Hein, "Reliable evaluation of adversarial robustness with an ensemble of
/// diverse parameter-free attacks" (2020).
///
///     z = project(x + η·direction(g)),   x⁺ = project(x + 0.75·(z − x) + 0.25·(x − x⁻))
///
/// η begins at 2ε and is halved at checkpoints where fewer than 0.75 of the steps since the last one
/// have raised the loss, or where neither η nor the best loss has changed; then the run goes on from
/// its best point. Checkpoints come after 0.22·steps, each interval shorter by 0.03·steps, at least
/// 0.06·steps. Step, checkpoints and best point are the run's own. A run ends at the first point that
/// reaches its goal.
struct AutoWalk: Sendable {
    static let settings = [
        Setting(
            "steps", .integer(2...1_000_000), default: .integer(100), unit: "steps",
            help: "gradient steps of a run"),
        Setting(
            "rho", .number(0...1), default: .number(0.75),
            help: "the share of steps that must raise the loss for the step size to stay"),
    ]

    let steps: Int
    let rho: Double
    /// The loss, given the samples' rows in the queue.
    let loss: @Sendable ([AttackSample]) -> AutoLoss
    /// What names the random starts.
    let name: String

    init(
        _ values: SettingValues, name: String,
        loss: @escaping @Sendable ([AttackSample]) -> AutoLoss
    ) {
        self.init(
            steps: values.integer("steps"), rho: Double(values.float("rho")), name: name,
            loss: loss)
    }

    init(
        steps: Int, rho: Double, name: String,
        loss: @escaping @Sendable ([AttackSample]) -> AutoLoss
    ) {
        (self.steps, self.rho, self.name, self.loss) = (steps, rho, name, loss)
    }

    /// What a run remembers.
    struct Memory: Sendable {
        /// η as a share of ε.
        var width: Float = 2
        var best = -Float.infinity
        var last = -Float.infinity
        /// The best loss at the last checkpoint, and whether η was halved there.
        var checked = -Float.infinity
        var wasHalved = true
        /// Steps since the last checkpoint, until the next one, and how many raised the loss.
        var since = 0
        var interval = 0
        var raised = 0
    }

    /// The places of its tensors.
    private enum Part {
        /// The point before, the gradient at the point, the best point, and its gradient.
        static let (previous, slope, best, bestSlope) = (0, 1, 2, 3)
    }

    func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws {
        let name = name
        var memory = Memory()
        memory.interval = max(1, Int(0.22 * Double(steps)))
        var window = RunWindow<Memory>(queue, state: memory, tensors: 4) { sample, queue, count in
            var random = queue.stream("\(name)/start", for: sample)
            return BallStart.point(of: queue.model.norm.ball, count: count, random: &random)
        }
        while !window.runs.isEmpty {
            var flow = try oracle.logits(of: window.points, for: window.owners)
            let answers = flow.argmaxOfRows()
            let samples = window.runs.map(\.sample)
            let losses = loss(samples).gradient(inPlaceOf: &flow, for: samples)
            for (row, run) in window.runs.enumerated() where run.sample.isFooled(by: answers[row]) {
                window.finish(row)
            }
            if window.runs.contains(where: \.isWalking) {
                window.tensors[Part.slope] = try oracle.pixelGradient(flow, for: window.owners)
                for row in window.runs.indices where window.runs[row].isWalking {
                    remember(&window, row, losses[row])
                }
                step(&window, in: queue.engine)
            }
            window.refill()
        }
    }

    /// Takes the loss at a run's point, and chooses the step.
    private func remember(_ window: inout RunWindow<Memory>, _ row: Int, _ loss: Float) {
        var memory = window.runs[row].state
        if memory.best == -.infinity { memory.checked = loss }
        // The first point is the best so far, however bad.
        if loss > memory.best || window.runs[row].step == 0 {
            memory.best = loss
            window.tensors[Part.best].copyRow(row, of: window.points, to: row)
            window.tensors[Part.bestSlope].copyRow(row, of: window.tensors[Part.slope], to: row)
        }
        if window.runs[row].step > 0 {
            memory.since += 1
            memory.raised += loss > memory.last ? 1 : 0
        }
        memory.last = loss
        if memory.since == memory.interval {
            let isSwinging = Double(memory.raised) <= rho * Double(memory.interval)
            let isStuck = !memory.wasHalved && memory.checked >= memory.best
            memory.wasHalved = isSwinging || isStuck
            memory.checked = memory.best
            if memory.wasHalved {
                memory.width *= 0.5
                window.points.copyRow(row, of: window.tensors[Part.best], to: row)
                window.tensors[Part.slope].copyRow(
                    row, of: window.tensors[Part.bestSlope], to: row)
            }
            memory.interval = max(
                memory.interval - max(1, Int(0.03 * Double(steps))),
                max(1, Int(0.06 * Double(steps))))
            (memory.since, memory.raised) = (0, 0)
        }
        window.runs[row].state = memory
    }

    /// One step with momentum of every run that is not over.
    private func step(_ window: inout RunWindow<Memory>, in engine: Engine) {
        let here = window.points
        window.step(
            along: window.tensors[Part.slope],
            by: window.runs.map { $0.isWalking ? $0.state.width * $0.epsilon : 0 }, share: 0.05)
        var mixed = window.points
        let length = mixed.rowLength
        here.withFloats { here in
            window.tensors[Part.previous].withFloats { previous in
                mixed.withMutableFloats { mixed in
                    for (row, run) in window.runs.enumerated() where run.isWalking && run.step > 0 {
                        for index in row * length..<(row + 1) * length {
                            let point = here[index]
                            mixed[index] =
                                point + 0.75 * (mixed[index] - point)
                                + 0.25 * (point - previous[index])
                        }
                    }
                }
            }
        }
        window.project(&mixed)
        window.tensors[Part.previous] = here
        window.points = mixed
        for (row, run) in window.runs.enumerated() where run.isWalking {
            window.runs[row].step += 1
            window.runs[row].iterations += 1
            // The driver itself looks at the last point.
            if run.step + 1 == steps { window.finish(row) }
        }
    }
}

/// APGD on the cross-entropy: see `AutoWalk`.
public struct AutoProjectedGradient: Attack {
    /// "apgd-ce".
    public static let name = "apgd-ce"
    /// One line.
    public static let summary =
        "APGD: projected gradient descent that chooses its steps, on the cross-entropy (Croce 2020)."
    /// A run for every budget.
    public static let usesEpsilons = true
    /// Those of the paper; and L1, with sparse steps and the same schedule, which is not the adaptive
    /// sparsity of "Mind the box" (2021).
    public static let norms = [Norm.linf, .l2, .l1]
    /// Its starts.
    public static let isRandom = true
    /// Those of the paper.
    public static let settings = AutoWalk.settings

    private let walk: AutoWalk

    /// Takes its settings.
    public init(_ values: SettingValues) {
        walk = AutoWalk(values, name: Self.name) { _ in .crossEntropy }
    }

    /// Walks.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        try walk.propose(for: queue, on: &oracle)
    }
}

/// APGD on the difference of logits ratio, whose size does not fade where a network is confident: see
/// `AutoWalk`.
public struct AutoRatioGradient: Attack {
    /// "apgd-dlr".
    public static let name = "apgd-dlr"
    /// One line.
    public static let summary =
        "APGD on the difference of logits ratio, which confident networks cannot flatten (Croce 2020)."
    /// A run for every budget.
    public static let usesEpsilons = true
    /// Those of the paper; and L1, with sparse steps and the same schedule, which is not the adaptive
    /// sparsity of "Mind the box" (2021).
    public static let norms = [Norm.linf, .l2, .l1]
    /// Its starts.
    public static let isRandom = true
    /// Those of the paper.
    public static let settings = AutoWalk.settings

    private let walk: AutoWalk

    /// Takes its settings.
    public init(_ values: SettingValues) {
        walk = AutoWalk(values, name: Self.name) { _ in .ratio }
    }

    /// The ratio needs a third logit, and its targeted form a fourth.
    public func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {
        let needed = model.goal.isTargeted ? 4 : 3
        guard classes >= needed else {
            throw AttackFault.impossible(
                attack: Self.name,
                "the difference of logits ratio needs \(needed) classes, and the network has "
                    + "\(classes); take apgd-ce.")
        }
    }

    /// Walks.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        try walk.propose(for: queue, on: &oracle)
    }
}

/// APGD on the targeted difference of logits ratio, towards each of the likeliest other classes in turn
/// until any wrong answer comes: see `AutoWalk`. For a targeted goal, towards that class alone.
public struct AutoTargetedGradient: Attack {
    /// "apgd-targeted".
    public static let name = "apgd-targeted"
    /// One line.
    public static let summary =
        "APGD towards each of the nine likeliest other classes, by the targeted ratio (Croce 2020)."
    /// A run for every budget and class.
    public static let usesEpsilons = true
    /// Those of the paper; and L1, with sparse steps and the same schedule, which is not the adaptive
    /// sparsity of "Mind the box" (2021).
    public static let norms = [Norm.linf, .l2, .l1]
    /// Its starts.
    public static let isRandom = true
    /// Those of the paper.
    public static let settings =
        AutoWalk.settings + [
            Setting(
                "targets", .integer(1...1000), default: .integer(9), unit: "classes",
                help: "how many of the likeliest other classes are tried")
        ]

    private let values: SettingValues
    private let targets: Int

    /// Takes its settings.
    public init(_ values: SettingValues) {
        self.values = values
        targets = values.integer("targets")
    }

    /// Its ratio needs a fourth logit.
    public func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {
        guard classes >= 4 else {
            throw AttackFault.impossible(
                attack: Self.name,
                "the targeted difference of logits ratio needs 4 classes, and the network has "
                    + "\(classes); take apgd-ce.")
        }
    }

    /// Class after class for the samples that still stand.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        while true {
            let batch = queue.take(queue.window)
            guard !batch.samples.isEmpty else { return }
            let logits = try oracle.logits(of: batch.images, for: batch.owners(nil))
            let (values, classes) = (logits.values, logits.rowLength)
            let rivals = batch.samples.enumerated().map { row, sample in
                sample.target.map { [$0] }
                    ?? DeepFool.likeliest(
                        values[row * classes..<(row + 1) * classes], except: sample.label,
                        count: targets)
            }
            for (k, epsilon) in queue.epsilons.enumerated() {
                try run(batch, rivals, k, epsilon, for: queue, on: &oracle)
            }
        }
    }

    private func run(
        _ batch: AttackQueue.Batch, _ rivals: [[Int]], _ k: Int, _ epsilon: Float,
        for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>
    ) throws {
        var open = batch.samples.indices.filter { queue.isOpen(batch.samples[$0], epsilon: k) }
        var iterations = Array(repeating: 0, count: batch.samples.count)
        let rounds = rivals.map(\.count).max() ?? 0
        for rank in 0..<rounds where !open.isEmpty {
            let rows = open
            // The inner samples' rows count in `rows`.
            let classes = rows.map { rivals[$0][rank] }
            let walk = AutoWalk(values, name: "\(Self.name)/\(rank)") { samples in
                .targetedRatio(samples.map { classes[$0.row] })
            }
            let attempts = try queue.attempt(
                Walk(walk), on: batch.rows(rows), within: rows.map { _ in epsilon }, budget: k,
                on: &oracle)
            open = []
            for (row, attempt) in zip(rows, attempts) {
                iterations[row] += attempt.iterations
                if attempt.isFooled || rank + 1 == rounds {
                    queue.deliver(
                        batch.samples[row], epsilon: k, image: attempt.image, row: 0,
                        iterations: iterations[row])
                } else {
                    open.append(row)
                }
            }
        }
        for row in open {
            queue.deliver(
                batch.samples[row], epsilon: k, image: batch.images, row: row,
                iterations: iterations[row])
        }
    }

    /// One class of each sample, as an attack of its own.
    private struct Walk: Attack {
        static let name = AutoTargetedGradient.name
        static let summary = AutoTargetedGradient.summary
        static let usesEpsilons = true
        static let norms = AutoTargetedGradient.norms
        static let settings: [Setting] = []

        let walk: AutoWalk?

        init(_ walk: AutoWalk) { self.walk = walk }
        init(_ values: SettingValues) { walk = nil }

        func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws {
            try walk?.propose(for: queue, on: &oracle)
        }
    }
}
