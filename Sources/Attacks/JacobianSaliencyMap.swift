// The attack that changes as few pixels as it can, two at a time.

import Networks
import Tensors

/// The Jacobian-based saliency map attack of Papernot, McDaniel, Jha, Fredrikson, Celik and Swami,
/// "The Limitations of Deep Learning in Adversarial Settings" (2016):
///
///     α_i = ∂Z_t/∂x_i,  β_i = Σ_{j≠t} ∂Z_j/∂x_i
///     (p, q) = argmax over pairs with α_p + α_q > 0 and β_p + β_q < 0 of −(α_p + α_q)·(β_p + β_q)
///     x_p ← clamp(x_p + θ),  x_q ← clamp(x_q + θ)
///
/// until the target is predicted, the share γ of the image's values has been changed, or no pair is
/// left. With a negative θ both signs in the condition turn round. A value that stands at its bound
/// is out of the search. Of equal pairs the one with the lowest first and then second index wins.
///
/// Two backward passes a step are enough for α and β. Z are the logits, as in the authors' library;
/// the paper's text differentiates the softmax, whose gradients vanish for confident networks.
/// ART changes one pixel or two by a setting; pairs are the paper's. For an untargeted goal the
/// target is the most likely other class of the clean image.
public struct JacobianSaliencyMap: Attack {
    /// "jsma".
    public static let name = "jsma"
    /// One line.
    public static let summary =
        "Jacobian saliency map: the best pair of pixels a step, set to the bound (Papernot 2016)."
    /// It stops at the first image that works.
    public static let usesEpsilons = false
    /// It counts changed values.
    public static let norms = [Norm.l0, .l1, .l2, .linf]
    /// Those of the paper.
    public static let settings = [
        Setting(
            "theta", .number(-1...1), default: .number(1), unit: "pixels, −1…1",
            help: "how far a value is moved; negative values darken"),
        Setting(
            "gamma", .number(0...1), default: .number(0.1),
            help: "the largest share of values that may be changed; the paper goes to 0.145"),
    ]

    private let theta: Float
    private let gamma: Double

    /// Takes its settings.
    public init(_ values: SettingValues) {
        theta = values.float("theta")
        gamma = Double(values.float("gamma"))
    }

    /// A step that moves nothing leads nowhere.
    public func check(_ model: ThreatModel, classes: Int, imageShape: [Int]) throws {
        guard theta != 0 else {
            throw AttackFault.impossible(attack: Self.name, "theta is 0; no value would move.")
        }
    }

    private struct State {
        /// The class to reach; known after the first forward pass where the goal is untargeted.
        var target: Int?
        /// Values that have been moved.
        var isChanged: [Bool]
    }

    /// A pair for every sample in flight at each step.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        var window = SampleWindow<State>(queue, tensors: 1) { sample, image in
            let isChanged = Array(repeating: false, count: image.count)
            return (State(target: sample.target, isChanged: isChanged), [image])
        }
        while !window.isEmpty {
            var logits = try oracle.logits(of: window.tensors[0], for: window.owners)
            let answers = logits.argmaxOfRows()
            let classes = logits.rowLength
            let values = logits.values
            for row in window.flights.indices where window[row].state.target == nil {
                let own = values[row * classes..<(row + 1) * classes]
                window[row].state.target = Self.likeliest(own, except: window[row].sample.label)
            }
            let targets = window.flights.map { $0.state.target ?? 0 }
            let limit = Int(gamma * Double(window.originals.rowLength))
            for row in window.flights.indices {
                let changed = window[row].state.isChanged.count { $0 }
                if window[row].sample.isFooled(by: answers[row]) || changed + 2 > limit {
                    window.finish(row, image: window.tensors[0], row: row)
                }
            }
            if window.flights.contains(where: { !$0.isDone }) {
                let owners = window.owners
                fill(&logits, targets, target: 1, others: 0)
                let alpha = try oracle.pixelGradient(logits, for: owners)
                fill(&logits, targets, target: 0, others: 1)
                let beta = try oracle.pixelGradient(logits, for: owners)
                for row in window.flights.indices where !window[row].isDone {
                    if move(row, of: &window, alpha, beta) {
                        window[row].iterations += 1
                    } else {
                        window.finish(row, image: window.tensors[0], row: row)
                    }
                }
            }
            window.refill()
        }
    }

    private static func likeliest(_ logits: ArraySlice<Float>, except label: Int) -> Int {
        logits.enumerated().filter { $0.offset != label }
            .max { $0.element < $1.element }?.offset ?? label
    }

    private func fill(_ flow: inout Tensor, _ targets: [Int], target: Float, others: Float) {
        let classes = flow.rowLength
        flow.withMutableFloats { flow in
            for (row, wanted) in targets.enumerated() {
                for index in 0..<classes {
                    flow[row * classes + index] = index == wanted ? target : others
                }
            }
        }
    }

    /// Moves the best pair of a row, if there is one.
    private func move(
        _ row: Int, of window: inout SampleWindow<State>, _ alpha: Tensor, _ beta: Tensor
    ) -> Bool {
        let length = alpha.rowLength
        let bound: Float = theta > 0 ? 1 : 0
        let pair = alpha.withFloats { alpha in
            beta.withFloats { beta in
                window.tensors[0].withFloats { pixels in
                    let start = row * length
                    let free = (0..<length).filter { pixels[start + $0] != bound }
                    return SaliencyPair.best(
                        of: free, alpha: alpha[start..<start + length],
                        beta: beta[start..<start + length], sign: theta > 0 ? 1 : -1)
                }
            }
        }
        guard let pair else { return false }
        for index in [pair.first, pair.second] {
            window.tensors[0].withMutableFloats {
                let value = $0[row * length + index] + theta
                $0[row * length + index] = min(max(value, 0), 1)
            }
            window[row].state.isChanged[index] = true
        }
        return true
    }
}

/// The pair of pixels that a saliency map likes best.
enum SaliencyPair {
    /// Values times a power of two that brings the largest near 1, so that their products neither
    /// vanish nor overflow; the order of the products is the same.
    private static func scaled(_ values: [Float]) -> [Float] {
        let most = values.reduce(0) { max($0, abs($1)) }
        guard most > 0, most.isFinite else { return values }
        // In two steps: of the least floats the factor is beyond a float itself.
        let exponent = -Int(most.exponent)
        let half = Float(sign: .plus, exponent: exponent / 2, significand: 1)
        let rest = Float(sign: .plus, exponent: exponent - exponent / 2, significand: 1)
        return values.map { $0 * half * rest }
    }

    /// The pair (p < q) with the largest −(α_p + α_q)·(β_p + β_q) of those where sign·(α_p + α_q) > 0
    /// and sign·(β_p + β_q) < 0; of equals the first in order. nil if there is none.
    ///
    /// A pair's score is at most that of p with the best α and the best β of all, which leaves most
    /// values out after a few rows.
    static func best(
        of free: [Int], alpha: Slice<UnsafeBufferPointer<Float>>,
        beta: Slice<UnsafeBufferPointer<Float>>, sign: Float
    ) -> (first: Int, second: Int)? {
        let a = scaled(free.map { sign * alpha[alpha.startIndex + $0] })
        let b = scaled(free.map { -sign * beta[beta.startIndex + $0] })
        let (mostA, mostB) = (a.max() ?? 0, b.max() ?? 0)
        var best: (first: Int, second: Int)?
        var most: Float = 0
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                for p in a.indices {
                    let bound = max(a[p] + mostA, 0) * max(b[p] + mostB, 0)
                    guard bound > most else { continue }
                    for q in p + 1..<max(p + 1, a.count) {
                        let (up, down) = (a[p] + a[q], b[p] + b[q])
                        let score = up * down
                        if score > most && up > 0 && down > 0 {
                            most = score
                            best = (free[p], free[q])
                        }
                    }
                }
            }
        }
        return best
    }
}
