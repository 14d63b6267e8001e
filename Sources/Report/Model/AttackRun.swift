// What one attack did: the per-sample columns of its artifact and what follows from them.
// Success rates are recomputed here from the columns, never copied from a summary.

import Formats
import Tensors

/// A run of an attack: what it was asked, the sample that it was given, and what became of each image.
public struct AttackRun: Sendable {
    /// The stem of its node, unique on the page: `fgsm`, `noise-l1`.
    public var name: String
    /// The method: `fgsm`, `noise-sgd`.
    public var method: String
    /// The norm that bounds or measures the perturbation: `linf`, `l2`, …
    public var norm: String
    /// `untargeted`, `random`, …
    public var goal: String
    /// What was asked, in the order to be shown.
    public var config: [(key: String, value: String)]
    /// The whole config as `stage-attack` resolved it.
    public var resolved: JSON = .null
    /// The images before the attack, [N, C, H, W], pixels in [0, 1].
    public var originals: Tensor
    /// What is known of each image before the attack.
    public var samples: [Sample]
    /// One entry an epsilon; a single one for attacks that look for the smallest perturbation.
    public var levels: [Level]
    /// The least epsilon that changes the answer, by image; infinite where none does.
    public var leastEpsilon: [Float]?
    /// The stems of the nodes that made the network and the sample: `mlp`, `5k`.
    public var model = "", sample = ""
    /// The artifact that the sample lies in: `sample/5k.safetensors`.
    public var origin = ""
    /// The data set that the sample was drawn from, and its contents: an image's number means the
    /// same image in all samples of one data set.
    public var dataset = ""
    /// What the attack wants to be known about the whole run.
    public var warnings: [String] = []
    /// The names of the images' files, one each; none for images that only have numbers.
    public var fileNames: [String] = []
    /// How many images were attacked away from the network's own answer, whatever they show.
    public var predictedLabels = 0
    /// The answers between the budgets, where they were recorded.
    public var line: AnswerLine?
    /// The attack's own numbers by name, one an image, or one a level and image.
    public var notes: [String: [Float]] = [:]
    /// What can go wrong with an image: reasons by number, the first for nothing.
    public var events: [String] = []
    /// What the values of a note stand for: `winner`: `apgd-ce`, …
    public var words: [String: [String]] = [:]
    /// With every other class as a target in turn: what became of each.
    public var each: EachClass?
    /// Which pixels might change, and between which values.
    public var limits = Limits()

    /// A mask and bounds of channels; nothing where all pixels might change between 0 and 1.
    public struct Limits: Equatable, Sendable {
        /// A mask, by the SHA-256 of its file, and how many of an image's values it lets change.
        public struct Mask: Equatable, Sendable {
            let digest: String
            let mayChange, values: Int

            /// A mask.
            public init(digest: String, mayChange: Int, values: Int) {
                (self.digest, self.mayChange, self.values) = (digest, mayChange, values)
            }
        }

        /// The mask; nil where all might change.
        public var mask: Mask?
        /// The bounds of each channel; none for 0…1.
        public var bounds: [ClosedRange<Double>] = []

        /// None.
        public init() {}
    }

    /// What became of each class as a target: one entry a level, image and class, in this order.
    public struct EachClass: Sendable {
        /// How many classes there are.
        public var classes: Int
        /// Whether the class was reached.
        public var isReached: [Bool]
        /// At which distance, in the attack's norm; not a number where it was not.
        public var distances: [Float]

        /// The entries for all levels, images and classes.
        public init(classes: Int, isReached: [Bool], distances: [Float]) {
            self.classes = classes
            self.isReached = isReached
            self.distances = distances
        }
    }

    /// An image before the attack.
    public struct Sample: Sendable {
        /// Its number in the test set.
        public var index: Int
        /// The true class.
        public var label: Int
        /// The class wanted by a targeted attack.
        public var target: Int?
        /// Whether the network was right to begin with; if not, it is left out of all rates.
        public var isEligible: Bool
        /// The network's answer to the untouched image.
        public var answer: Int
        /// How sure it is, in [0, 1].
        public var confidence: Float
        /// The likeliest classes, the likeliest first.
        public var top: [Guess] = []

        /// A sample from its parts.
        public init(
            index: Int, label: Int, target: Int?, isEligible: Bool, answer: Int, confidence: Float
        ) {
            self.index = index
            self.label = label
            self.target = target
            self.isEligible = isEligible
            self.answer = answer
            self.confidence = confidence
        }
    }

    /// What became of an image.
    public struct Outcome: Sendable {
        /// Whether the goal was met, judged by a fresh forward pass.
        public var isSuccess: Bool
        /// Whether it is still met when pixels are rounded to 256 levels.
        public var survivesRounding: Bool
        /// The answer to the stored image, and how sure it is.
        public var answer: Int, confidence: Float
        /// The answer to what the attack proposed, also when it failed.
        public var proposedAnswer: Int, proposedConfidence: Float
        /// Changed pixels and three distances between the stored image and the original.
        public var l0: Float, l1: Float, l2: Float, linf: Float
        /// Work done for this image.
        public var iterations: Int, forwardPasses: Int, backwardPasses: Int
        /// The likeliest classes of the stored image, the likeliest first.
        public var top: [Guess] = []
        /// How many of the gradients taken for this image were zero everywhere; nil if nobody counted.
        public var zeroGradients: Int?
        /// What went wrong with it, as a place in `events`; 0 for nothing.
        public var event = 0

        /// An outcome from its parts.
        public init(
            isSuccess: Bool, survivesRounding: Bool, answer: Int, confidence: Float,
            proposedAnswer: Int, proposedConfidence: Float, l0: Float, l1: Float, l2: Float,
            linf: Float, iterations: Int, forwardPasses: Int, backwardPasses: Int
        ) {
            self.isSuccess = isSuccess
            self.survivesRounding = survivesRounding
            self.answer = answer
            self.confidence = confidence
            self.proposedAnswer = proposedAnswer
            self.proposedConfidence = proposedConfidence
            (self.l0, self.l1, self.l2, self.linf) = (l0, l1, l2, linf)
            self.iterations = iterations
            self.forwardPasses = forwardPasses
            self.backwardPasses = backwardPasses
        }
    }

    /// The attack at one strength.
    public struct Level: Sendable {
        /// The bound on the perturbation; nil for attacks without one.
        public var epsilon: Double?
        /// What became of each image.
        public var outcomes: [Outcome]
        /// The images after the attack, [N, C, H, W].
        public var images: Tensor
        /// The perturbation of eligible images, and the same before clamping where it is known.
        public var noise: Noise?, rawNoise: Noise?
        /// Floating-point operations for one eligible image.
        public var flops: Double?

        /// A level from its parts.
        public init(
            epsilon: Double?, outcomes: [Outcome], images: Tensor, noise: Noise? = nil,
            rawNoise: Noise? = nil, flops: Double? = nil
        ) {
            self.epsilon = epsilon
            self.outcomes = outcomes
            self.images = images
            self.noise = noise
            self.rawNoise = rawNoise
            self.flops = flops
        }
    }

    /// A result from its parts.
    public init(
        name: String, method: String, norm: String, goal: String,
        config: [(key: String, value: String)], originals: Tensor, samples: [Sample],
        levels: [Level], leastEpsilon: [Float]? = nil
    ) {
        self.name = name
        self.method = method
        self.norm = norm
        self.goal = goal
        self.config = config
        self.originals = originals
        self.samples = samples
        self.levels = levels
        self.leastEpsilon = leastEpsilon
    }
}
