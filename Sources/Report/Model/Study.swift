// All that a report says, as values: read once from the artifacts, then turned into text and
// pictures by pure functions. Whatever is missing in an experiment is nil or empty here, and the
// page says so or leaves its section out.

import Tensors

/// One experiment: its data, its network, and what the attacks did to it.
public struct Study: Sendable {
    /// The folder under `pipeline/`, such as `mnist`.
    public var experiment: String
    /// Whether commands mean it where they name no experiment.
    public var isMain = false
    /// What the network learnt from.
    public var dataset: DatasetFacts?
    /// The network and how it was trained: the first, where there are several.
    public var network: NetworkFacts? {
        get { networks.first?.facts }
        set { networks = newValue.map { [(networks.first?.name ?? "", $0)] } ?? [] }
    }
    /// All networks of the experiment, each with the stem of the node that trained it.
    public var networks: [(name: String, facts: NetworkFacts)] = []
    /// The same networks as the page computes with them.
    public var live: [LiveNetwork] = []
    /// The images that were attacked.
    public var sample: SampleFacts?
    /// What networks see in images that nobody has touched.
    public var predictions: [Prediction] = []
    /// One entry an attack, in the order of the page.
    public var attacks: [AttackRun]
    /// Adversarial images shown to other networks.
    public var transfers: [TransferResult] = []
    /// Figures that others published for the same experiment.
    public var published: PublishedNoise?
    /// Tables of papers, to be set beside ours.
    public var papers: [PaperTable] = []
    /// The nodes of the pipeline that led here.
    public var provenance: [ProvenanceNode]
    /// How much is shown.
    public var layout: ReportLayout

    /// A study of which only the name is known; the rest is filled in.
    public init(experiment: String, layout: ReportLayout = ReportLayout()) {
        self.experiment = experiment
        self.layout = layout
        attacks = []
        provenance = []
    }

    /// The names of the classes, from whichever part knows them.
    public var classes: [String] {
        dataset?.classes ?? sample?.classes ?? network?.classes ?? []
    }

    /// What an image of a class is called: `7`, `Sandal`; the number itself if there is no name.
    public func name(of label: Int) -> String {
        classes.indices.contains(label) ? classes[label] : "\(label)"
    }
}

/// How much a report shows.
public struct ReportLayout: Sendable {
    /// Triptychs for each attack.
    public var examples = 12
    /// Images that an attack could not change the answer to.
    public var failures = 6
    /// Images of the data set.
    public var gallery = 60
    /// How many characters photographs may take: the page is to stay below 10 MB.
    public var photographs = 9_000_000
    /// How many characters the sheet of all images may take, data and pictures together.
    public var sheet = 900_000

    /// What a config asks for that says nothing of it.
    public init() {}
}

/// The labelled images that the experiment starts from.
public struct DatasetFacts: Sendable {
    /// Such as `mnist`.
    public var name: String
    /// Class names, by label.
    public var classes: [String]
    /// Name of a part and how many images of each class it holds.
    public var splits: [(name: String, counts: [Int])]
    /// Some images to look at, [N, C, H, W].
    public var gallery: Tensor
    /// The true class of each image of the gallery.
    public var galleryLabels: [Int]
    /// How many images there are of which nobody has said what they show.
    public var unlabelled = 0

    /// A data set from its parts.
    public init(
        name: String, classes: [String], splits: [(name: String, counts: [Int])], gallery: Tensor,
        galleryLabels: [Int]
    ) {
        self.name = name
        self.classes = classes
        self.splits = splits
        self.gallery = gallery
        self.galleryLabels = galleryLabels
    }
}

/// The images that every attack starts from.
public struct SampleFacts: Sendable {
    /// [N, C, H, W], pixels in [0, 1].
    public var images: Tensor
    /// Class names, by label.
    public var classes: [String]
    /// The seed of the draw; empty if nothing was drawn.
    public var seed: String
    /// The names of the images' files, one each; none for images that only have numbers.
    public var names: [String] = []

    /// A sample from its parts.
    public init(images: Tensor, classes: [String], seed: String) {
        self.images = images
        self.classes = classes
        self.seed = seed
    }
}

/// A network and the story of its training.
public struct NetworkFacts: Sendable {
    /// Such as `mlp-784-300-100-10`.
    public var architecture: String
    /// Numbers that training adjusts.
    public var parameters: Int
    /// From the pixels to the answer.
    public var layers: [Layer]
    /// One entry a pass over the training set.
    public var epochs: [Epoch]
    /// The last word on the test set.
    public var test: Test?
    /// Test images by true class (row) and answer (column).
    public var confusion: [[Int]]
    /// Class names, by label.
    public var classes: [String]

    /// What it does to pixels first, where that had to be found out; nil for a network of ours.
    public var pixels: PixelFacts?
    /// How its images were moved after each epoch, where they were.
    public var robustTest: RobustTest?

    /// A layer as `stage-train` records it.
    public struct Layer: Sendable {
        /// As in the weights file.
        public var name: String
        /// Such as `linear`.
        public var kind: String
        /// Numbers in and out, where the layer fixes them.
        public var input: Int?, output: Int?
        /// Numbers that training adjusts.
        public var parameters: Int
        /// The shape of its output, such as [32, 28, 28]; empty where nobody says.
        public var shape: [Int] = []
        /// Rows and columns of the window that it moves over the image, and its stride.
        public var window: [Int] = [], stride: [Int] = []
        /// Floating-point operations for one image.
        public var flops: Int?

        /// A layer from its parts.
        public init(name: String, kind: String, input: Int?, output: Int?, parameters: Int) {
            self.name = name
            self.kind = kind
            self.input = input
            self.output = output
            self.parameters = parameters
        }
    }

    /// The state after one pass over the training set.
    public struct Epoch: Sendable {
        /// Counted from one.
        public var number: Int
        /// Mean cross-entropy in nats.
        public var trainLoss: Double?, testLoss: Double?
        /// Shares in [0, 1].
        public var trainAccuracy: Double?, testAccuracy: Double?
        /// The share of some test images that are answered as labelled wherever `robustTest` moves them.
        public var robustAccuracy: Double?

        /// An epoch from its figures.
        public init(
            number: Int, trainLoss: Double?, trainAccuracy: Double?, testLoss: Double?,
            testAccuracy: Double?
        ) {
            self.number = number
            self.trainLoss = trainLoss
            self.trainAccuracy = trainAccuracy
            self.testLoss = testLoss
            self.testAccuracy = testAccuracy
        }
    }

    /// A quick look at how a network stands, after each epoch of its training.
    public struct RobustTest: Sendable {
        /// How far pixels are moved, in pixel units.
        public var epsilon: Double
        /// Gradient steps, and the first test images that make them.
        public var steps: Int, images: Int

        /// A test from its settings.
        public init(epsilon: Double, steps: Int, images: Int) {
            (self.epsilon, self.steps, self.images) = (epsilon, steps, images)
        }
    }

    /// The trained network on the whole test set.
    public struct Test: Sendable {
        /// Images, and those answered correctly.
        public var count: Int, correct: Int
        /// Mean cross-entropy in nats.
        public var loss: Double?

        /// A test from its figures.
        public init(count: Int, correct: Int, loss: Double?) {
            self.count = count
            self.correct = correct
            self.loss = loss
        }

        /// The share answered correctly; nil without images.
        public var accuracy: Double? { count > 0 ? Double(correct) / Double(count) : nil }
    }

    /// A network from its parts.
    public init(
        architecture: String, parameters: Int, layers: [Layer], epochs: [Epoch], test: Test?,
        confusion: [[Int]], classes: [String]
    ) {
        self.architecture = architecture
        self.parameters = parameters
        self.layers = layers
        self.epochs = epochs
        self.test = test
        self.confusion = confusion
        self.classes = classes
    }
}

/// A table of noise that others published, to be set beside ours.
public struct PublishedNoise: Sendable {
    /// Where the figures come from.
    public var source: String
    /// The rows of the table, an attack and strength each.
    public var rows: [Row]

    /// The noise of one attack.
    public struct Row: Sendable {
        /// The attack of ours that does the same, such as `noise-l1`.
        public var attack: String
        /// Its strength, where it has one.
        public var epsilon: Double?
        /// Over all pixels of the images that were attacked.
        public var noise: Noise

        /// A row from its parts.
        public init(attack: String, epsilon: Double?, noise: Noise) {
            self.attack = attack
            self.epsilon = epsilon
            self.noise = noise
        }
    }

    /// A table from its parts.
    public init(source: String, rows: [Row]) {
        self.source = source
        self.rows = rows
    }
}

/// A perturbation in three numbers, signed, over all pixels of the images that were attacked.
public struct Noise: Equatable, Sendable {
    /// In units of a pixel, where 0 is black and 1 is white.
    public var mean: Double, max: Double, min: Double

    /// Noise from its figures.
    public init(mean: Double, max: Double, min: Double) {
        self.mean = mean
        self.max = max
        self.min = min
    }
}

/// One node of the pipeline as its record tells it.
public struct ProvenanceNode: Sendable {
    /// Such as `train-mlp`.
    public var name: String
    /// What was asked: config key and value.
    public var config: [(key: String, value: String)]
    /// The artifacts that it read.
    public var inputs: [Item]
    /// The artifacts that it wrote; its tensors stand for the node.
    public var outputs: [Item]

    /// A file that went in or came out.
    public struct Item: Sendable {
        /// Its name below `artifacts/`.
        public var name: String
        /// SHA-256 of its bytes, in hexadecimal.
        public var digest: String

        /// An item from its parts.
        public init(name: String, digest: String) {
            self.name = name
            self.digest = digest
        }
    }

    /// The beginning of the digest of its tensors, or of its first output; empty for a node that wrote nothing.
    var mark: String {
        let stands = outputs.first { $0.name.hasSuffix(".safetensors") } ?? outputs.first
        return String((stands?.digest ?? "").prefix(12))
    }

    /// A node from its parts.
    public init(
        name: String, config: [(key: String, value: String)], inputs: [Item], outputs: [Item]
    ) {
        self.name = name
        self.config = config
        self.inputs = inputs
        self.outputs = outputs
    }
}
