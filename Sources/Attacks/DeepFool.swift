// The nearest boundary of a network made linear, again and again.

import Networks
import Tensors

/// DeepFool of Moosavi-Dezfooli, Fawzi and Frossard, "DeepFool: a simple and accurate method to fool
/// deep neural networks" (2016): with w_k = ∇(Z_k − Z_label) and f_k = Z_k − Z_label at the point, step
/// to the nearest of the hyperplanes f_k + w_k·r = 0,
///
///     L2: |f_k| / ‖w_k‖₂ least,  r = (|f_k| + u) / ‖w_k‖₂² · w_k
///     L∞: |f_k| / ‖w_k‖₁ least,  r = (|f_k| + u) / ‖w_k‖₁ · sign(w_k)
///
/// and go on from x + (1 + η)·Σr, clamped to [0, 1], until the answer changes. On a linear network one
/// step lands on the nearest hyperplane, times 1 + η.
///
/// The candidates k are the likeliest classes on the clean image, 10 with the label, as in the paper and
/// in foolbox. The u that keeps a point on the boundary from standing still is 10⁻⁴ in the authors' code
/// and in foolbox, whatever the scale of the logits; here it is 2⁻²² of the larger of the two logits, a
/// few units in the last place of what the network can tell apart: so the result does not depend on
/// the scale of the logits, and little on an offset that all of them share. The overshoot η is applied to the whole
/// sum as in the paper; torchattacks and ART apply it once at the end. Each step takes one forward pass
/// and one backward pass for each candidate but the label, over all samples in flight together.
public struct DeepFool: Attack {
    /// "deepfool".
    public static let name = "deepfool"
    /// One line.
    public static let summary =
        "DeepFool: steps to the nearest boundary of the network made linear (Moosavi-Dezfooli 2016)."
    /// It looks for the least perturbation.
    public static let usesEpsilons = false
    /// Those of the paper that others offer.
    public static let norms = [Norm.l2, .linf]
    /// It goes to the nearest class, whichever that is.
    public static let goals = GoalSupport.untargeted
    /// Those of the paper.
    public static let settings = [
        Setting(
            "steps", .integer(1...1_000_000), default: .integer(50), unit: "steps",
            help: "steps after which a sample counts as failed"),
        Setting(
            "overshoot", .number(0...10), default: .number(0.02),
            help: "how far past the boundary, as a share of the way"),
        Setting(
            "candidates", .integer(2...100_000), default: .integer(10), unit: "classes",
            help: "the likeliest classes that are looked at, the label included"),
    ]

    private let steps: Int
    private let overshoot: Double
    private let candidates: Int

    /// Takes its settings.
    public init(_ values: SettingValues) {
        steps = values.integer("steps")
        overshoot = Double(values.float("overshoot"))
        candidates = values.integer("candidates")
    }

    /// Where a sample looks, the likeliest classes first; empty before its first pass.
    private typealias Rivals = [Int]

    /// The best step that has been found for a sample.
    private struct Best {
        var distance = Double.infinity
        var scale = 0.0
        var isSet = false
    }

    /// One step of every sample in flight.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        let norm = queue.model.norm
        // The point, and the sum of the steps.
        var window = SampleWindow<Rivals>(queue, tensors: 2) { _, image in
            ([], [image, Tensor(shape: image.shape)])
        }
        while !window.isEmpty {
            let logits = try oracle.logits(of: window.tensors[0], for: window.owners)
            let answers = logits.argmaxOfRows()
            let (values, classes) = (logits.values, logits.rowLength)
            for row in window.flights.indices {
                let label = window[row].sample.label
                if window[row].state.isEmpty {
                    let own = values[row * classes..<(row + 1) * classes]
                    window[row].state = Self.likeliest(
                        own, except: label, count: min(candidates, classes) - 1)
                }
                if answers[row] != label || window[row].iterations == steps {
                    window.finish(row, image: window.tensors[0], row: row)
                }
            }
            if window.flights.contains(where: { !$0.isDone }) {
                try step(&window, values, classes, norm, on: &oracle)
            }
            window.refill()
        }
    }

    /// To the nearest of all candidates' hyperplanes.
    private func step(
        _ window: inout SampleWindow<Rivals>, _ logits: [Float], _ classes: Int, _ norm: Norm,
        on oracle: inout Oracle<some ClassifierPass>
    ) throws {
        let count = window.flights.count
        var best = Array(repeating: Best(), count: count)
        var steepest = Tensor(shape: window.originals.shape)
        for rank in 0..<min(candidates, classes) - 1 {
            var flow = Tensor(shape: [count, classes])
            flow.withMutableFloats { flow in
                for (row, flight) in window.flights.enumerated() {
                    flow[row * classes + flight.state[rank]] = 1
                    flow[row * classes + flight.sample.label] = -1
                }
            }
            let slope = try oracle.pixelGradient(flow, for: window.owners)
            for (row, flight) in window.flights.enumerated() where !flight.isDone {
                let rival = Double(logits[row * classes + flight.state[rank]])
                let own = Double(logits[row * classes + flight.sample.label])
                let gap = abs(rival - own)
                let unit = 0x1p-22 * max(abs(rival), abs(own))
                let size = norm == .l2 ? slope.l2(ofRow: row) : slope.l1(ofRow: row)
                guard size > 0, gap / size < best[row].distance else { continue }
                best[row] = Best(
                    distance: gap / size,
                    scale: (gap + unit) / (norm == .l2 ? size * size : size), isSet: true)
                steepest.copyRow(row, of: slope, to: row)
            }
        }
        if norm == .linf { steepest.becomeSigns() }
        for (row, flight) in window.flights.enumerated() where !flight.isDone {
            window[row].iterations += 1
            guard best[row].isSet else { continue }
            window.tensors[1].addToRow(row, best[row].scale, steepest, row: row)
            window.tensors[0].copyRow(row, of: window.originals, to: row)
            window.tensors[0].addToRow(row, 1 + overshoot, window.tensors[1], row: row)
            window.tensors[0].clampRow(row)
        }
    }

    /// The likeliest classes but one, of equals the first.
    static func likeliest(_ logits: ArraySlice<Float>, except label: Int, count: Int) -> [Int] {
        let start = logits.startIndex
        let order = (0..<logits.count).filter { $0 != label }.sorted {
            (logits[start + $0], $1) > (logits[start + $1], $0)
        }
        return Array(order.prefix(count))
    }
}
