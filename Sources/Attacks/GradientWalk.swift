// Steps along the gradient within a ball: what the iterative fast gradient methods share. They
// differ in where they begin, where they look, and how they make a direction of what they see.

import Networks
import Tensors

/// A walk of projected gradient steps,
///
///     m ← μ·m + g / mean|g|,  x ← project(x + α·direction(m)),  g = smooth(∂L/∂(view of x + μα·m))
///
/// with L the cross-entropy of the label (for a targeted goal, minus that of the target),
/// `direction` the sign for L∞, the vector over its norm for L2, the steepest values for L1, and
/// `project` onto the ball of radius ε around the image and [0, 1].
struct GradientWalk: Sendable {
    /// Steps of a run.
    var steps = 1
    /// How far a step goes.
    var stepSize: Float = 1
    /// Whether that is a share of ε or counted in pixel units.
    var isRelative = true
    /// The share of values that an L1 step is spread over.
    var share = 0.0
    /// Whether a run ends at the first point that reaches its goal; else at its last.
    var stopsEarly = true
    /// The decay μ of the momentum; without one every gradient stands alone.
    var decay: Float?
    /// Whether gradients are taken ahead, where the momentum leads.
    var looksAhead = false
    /// Through which random views of the image gradients are taken.
    var views: RandomViews?
    /// What gradients are smoothed with.
    var kernel: SmoothingKernel?
    /// Where a run begins, as a vector of the unit ball, or nil for the image itself.
    var start: RunWindow<Void>.Start = { _, _, _ in nil }

    /// Keeps a window of runs going, each a sample with one of its budgets; whoever is done
    /// makes room for the next.
    func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws {
        // The momentum, where there is one.
        var window = RunWindow<Void>(
            queue, state: (), tensors: decay == nil ? 0 : 1, from: start)
        while !window.runs.isEmpty {
            try step(&window, for: queue, on: &oracle)
            window.refill()
        }
    }

    private func step(
        _ window: inout RunWindow<Void>, for queue: AttackQueue,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws {
        // Whether a run is over is asked at its point; where the gradient is taken elsewhere that
        // needs a pass of its own.
        if stopsEarly && isElsewhere {
            let answers = try oracle.answers(to: window.points, for: window.owners)
            finishFooled(&window, answers)
            guard window.runs.contains(where: \.isWalking) else { return }
        }
        let (places, seen) = outlook(window, for: queue)
        var flow = try oracle.logits(of: places, for: window.owners)
        let answers = flow.argmaxOfRows()
        _ = CrossEntropy.gradient(
            inPlaceOf: &flow, targets: window.runs.map(\.sample.lossClass), scale: 1)
        if stopsEarly && !isElsewhere { finishFooled(&window, answers) }
        guard window.runs.contains(where: \.isWalking) else { return }
        var gradient = try oracle.pixelGradient(flow, for: window.owners)
        for (row, view) in seen.enumerated() { view?.pullBack(&gradient, row: row) }
        if let kernel { kernel.smooth(&gradient) }
        if let decay { gradient = accumulate(gradient, in: &window, decay) }
        move(&window, along: gradient)
    }

    private var isElsewhere: Bool { looksAhead || views != nil }

    private func finishFooled(_ window: inout RunWindow<Void>, _ answers: [Int]) {
        for (row, run) in window.runs.enumerated() where run.sample.isFooled(by: answers[row]) {
            window.finish(row)
        }
    }

    /// Where gradients are taken, and through which views.
    private func outlook(
        _ window: RunWindow<Void>, for queue: AttackQueue
    ) -> (Tensor, [Resampling?]) {
        guard isElsewhere else { return (window.points, []) }
        var places = window.points
        if looksAhead, let decay {
            let length = places.rowLength
            window.tensors[0].withFloats { momentum in
                places.withMutableFloats { places in
                    for (row, run) in window.runs.enumerated() {
                        let ahead = run.sample.direction * decay * width(run.epsilon)
                        for index in row * length..<(row + 1) * length {
                            places[index] += ahead * momentum[index]
                        }
                    }
                }
            }
        }
        guard let views else { return (places, []) }
        let seen = window.runs.map { run in
            views.view(of: run.sample, step: run.step, shape: places.shape, in: queue)
        }
        for (row, view) in seen.enumerated() {
            guard let view else { continue }
            places.replaceRows(from: row, with: view.applied(to: places.rows(row..<row + 1)))
        }
        return (places, seen)
    }

    private func width(_ epsilon: Float) -> Float { isRelative ? stepSize * epsilon : stepSize }

    /// m ← μ·m + g / mean|g|; a gradient of zeros adds nothing.
    private func accumulate(
        _ gradient: Tensor, in window: inout RunWindow<Void>, _ decay: Float
    ) -> Tensor {
        let length = gradient.rowLength
        gradient.withFloats { gradient in
            window.tensors[0].withMutableFloats { momentum in
                for row in 0..<gradient.count / max(1, length) {
                    let rows = row * length..<(row + 1) * length
                    var sum = 0.0
                    for index in rows { sum += Double(abs(gradient[index])) }
                    // In Double: of a gradient of the least floats the factor is beyond any float.
                    let scale = sum > 0 ? Double(length) / sum : 0
                    for index in rows {
                        momentum[index] =
                            decay * momentum[index] + Float(scale * Double(gradient[index]))
                    }
                    // With a decay above 1 it grows without end; beside so large a sum what is added
                    // later is nothing, and only the direction counts.
                    if rows.contains(where: { abs(momentum[$0]) > 0x1p80 }) {
                        for index in rows { momentum[index] *= 0x1p-40 }
                    }
                }
            }
        }
        return window.tensors[0]
    }

    /// One step of every run that is not over.
    private func move(_ window: inout RunWindow<Void>, along gradient: Tensor) {
        window.step(
            along: gradient,
            by: window.runs.map { $0.isWalking ? $0.sample.direction * width($0.epsilon) : 0 },
            share: share)
        for (row, run) in window.runs.enumerated() where run.isWalking {
            window.runs[row].step += 1
            window.runs[row].iterations += 1
            // The driver itself looks at the last point.
            if run.step + 1 == steps { window.finish(row) }
        }
    }
}

extension GradientWalk {
    /// The steps of iterative methods, ten of a fifth of ε.
    static let stepSettings = [
        Setting(
            "steps", .integer(1...1_000_000), default: .integer(10), unit: "steps",
            help: "gradient steps of a run"),
        Setting(
            "step_size", .number(1e-9...1e3), default: .number(0.2),
            help: "how far a step goes, in the unit of step_unit"),
        Setting(
            "step_unit", .choice(["epsilon", "pixels"]), default: .text("epsilon"),
            help: "whether step_size is a share of epsilon, or counted in pixel units 0…1"),
        Setting(
            "stop_early", .flag, default: .flag(true),
            help: "end a sample's run at the first point that reaches the goal"),
    ]

    /// The decay of the momentum.
    static func decaySetting(_ standard: Double) -> Setting {
        Setting(
            "decay", .number(0...10), default: .number(standard),
            help: "how much of the momentum a step keeps")
    }

    /// A walk with those settings.
    init(_ values: SettingValues) {
        steps = values.integer("steps")
        stepSize = values.float("step_size")
        isRelative = values.text("step_unit") == "epsilon"
        stopsEarly = values.flag("stop_early")
    }
}
