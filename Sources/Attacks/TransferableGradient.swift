// Iterative methods whose gradients see more than the one image: made to fool other networks.

import Networks
import Randomness
import Tensors

/// The diverse inputs method of Xie, Zhang, Zhou, Bai, Wang, Ren and Yuille, "Improving Transferability
/// of Adversarial Examples with Input Diversity" (2019): at each step the gradient is taken, with
/// probability `diversity`, through a random view: the image made smaller and put somewhere on black.
///
/// The smaller side is drawn from [`resize`·side, side], as in torchattacks, for MNIST's 28 pixels 26 to
/// 28; interpolation is bilinear, and the gradient goes back through it exactly. A draw is the sample's
/// own at each step.
public struct DiverseInputs: Attack {
    /// "di-fgsm".
    public static let name = "di-fgsm"
    /// One line.
    public static let summary =
        "Diverse inputs: momentum steps with gradients through random resizing and padding (Xie 2019)."
    /// A run for every budget.
    public static let usesEpsilons = true
    /// That of the paper.
    public static let norms = [Norm.linf]
    /// Its views.
    public static let isRandom = true
    /// The paper's, without momentum as there.
    public static let settings =
        GradientWalk.stepSettings + [GradientWalk.decaySetting(0)] + RandomViews.settings(0.5)

    private var walk: GradientWalk

    /// Takes its settings.
    public init(_ values: SettingValues) {
        walk = GradientWalk(values)
        walk.decay = values.float("decay")
        walk.views = RandomViews(values, purpose: Self.name)
    }

    /// Walks.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        try walk.propose(for: queue, on: &oracle)
    }
}

/// The translation-invariant method of Dong, Pang, Su and Zhu, "Evading Defenses to Transferable
/// Adversarial Examples by Translation-Invariant Attacks" (2019): gradients are smoothed by a Gaussian
/// kernel, as if they were taken at all small shifts of the image at once.
///
/// A kernel of 15 × 15 for a standard deviation of 3 is the paper's for images of 299 pixels; for
/// MNIST's 28 it blurs most of what there is, so that the default here is 5 × 5 and 1. Views as in the
/// diverse inputs method can be added by `diversity`.
public struct TranslationInvariant: Attack {
    /// "ti-fgsm".
    public static let name = "ti-fgsm"
    /// One line.
    public static let summary =
        "Translation invariance: momentum steps along gradients smoothed over shifts (Dong 2019)."
    /// A run for every budget.
    public static let usesEpsilons = true
    /// That of the paper.
    public static let norms = [Norm.linf]
    /// Its views, where it has any.
    public static let isRandom = true
    /// See above.
    public static let settings =
        GradientWalk.stepSettings + [
            GradientWalk.decaySetting(0),
            Setting(
                "kernel_size", .integer(1...101), default: .integer(5), unit: "pixels",
                help: "the side of the kernel; an even one is made larger by one"),
            Setting(
                "kernel_deviation", .number(0.01...100), default: .number(1), unit: "pixels",
                help: "the kernel's standard deviation"),
        ] + RandomViews.settings(0)

    private var walk: GradientWalk

    /// Takes its settings.
    public init(_ values: SettingValues) {
        walk = GradientWalk(values)
        walk.decay = values.float("decay")
        walk.kernel = SmoothingKernel(
            size: values.integer("kernel_size"), deviation: values.float("kernel_deviation"))
        if values.float("diversity") > 0 { walk.views = RandomViews(values, purpose: Self.name) }
    }

    /// Walks.
    public func propose(for queue: AttackQueue, on oracle: inout Oracle<some ClassifierPass>) throws
    {
        try walk.propose(for: queue, on: &oracle)
    }
}

/// Random views of an image: smaller, and somewhere on black.
struct RandomViews: Sendable {
    static func settings(_ diversity: Double) -> [Setting] {
        [
            Setting(
                "diversity", .number(0...1), default: .number(diversity),
                help: "the probability that a gradient is taken through a random view"),
            Setting(
                "resize", .number(0.05...1), default: .number(0.9),
                help: "the least size of a view, as a share of the image's"),
        ]
    }

    private let probability: Float
    private let least: Float
    private let purpose: String

    init(_ values: SettingValues, purpose: String) {
        (probability, least) = (values.float("diversity"), values.float("resize"))
        self.purpose = purpose
    }

    /// The view of a sample at a step; nil for the image as it is.
    func view(
        of sample: AttackSample, step: Int, shape: [Int], in queue: AttackQueue
    ) -> Resampling? {
        var random = queue.stream("\(purpose)/view/\(step)", for: sample)
        guard random.uniform() < probability else { return nil }
        let (height, width) = (shape[2], shape[3])
        // One size for both sides, each a share of its own.
        let choices = UInt32(max(height, width)) + 1
        let share = least + (1 - least) * Float(random.below(choices)) / Float(choices - 1)
        let rows = max(1, Int((share * Float(height)).rounded(.toNearestOrEven)))
        let columns = max(1, Int((share * Float(width)).rounded(.toNearestOrEven)))
        let top = Int(random.below(UInt32(height - rows + 1)))
        let left = Int(random.below(UInt32(width - columns + 1)))
        return Resampling(height: height, width: width) { row, column in
            let (y, x) = (row - top, column - left)
            guard (0..<rows).contains(y), (0..<columns).contains(x) else { return nil }
            // Centres of pixels on centres, clamped at the edge.
            let fromY = (Double(y) + 0.5) * Double(height) / Double(rows) - 0.5
            let fromX = (Double(x) + 0.5) * Double(width) / Double(columns) - 0.5
            return (
                min(max(fromY, 0), Double(height - 1)), min(max(fromX, 0), Double(width - 1))
            )
        }
    }
}

/// A Gaussian kernel, applied across and down.
struct SmoothingKernel: Sendable {
    /// Weights that add up to 1, an odd number of them.
    let weights: [Float]

    init(size: Int, deviation: Float) {
        let reach = size / 2
        let raw = (-reach...reach).map { offset in
            let distance = Float(offset) / deviation
            return Double(Elementary.exp(-0.5 * distance * distance))
        }
        let sum = raw.reduce(0, +)
        weights = raw.map { Float($0 / sum) }
    }

    /// Smooths every plane of [N, C, H, W]; outside is 0.
    func smooth(_ gradient: inout Tensor) {
        let (height, width) = (gradient.shape[2], gradient.shape[3])
        let reach = weights.count / 2
        var line = [Float](repeating: 0, count: max(height, width))
        gradient.withMutableFloats { floats in
            func smooth(from start: Int, count: Int, stride: Int) {
                for place in 0..<count {
                    var sum: Float = 0
                    for tap in max(0, reach - place)..<min(weights.count, count - place + reach) {
                        sum += weights[tap] * floats[start + (place + tap - reach) * stride]
                    }
                    line[place] = sum
                }
                for place in 0..<count { floats[start + place * stride] = line[place] }
            }
            for plane in Swift.stride(from: 0, to: floats.count, by: height * width) {
                for row in 0..<height { smooth(from: plane + row * width, count: width, stride: 1) }
                for column in 0..<width {
                    smooth(from: plane + column, count: height, stride: width)
                }
            }
        }
    }
}
