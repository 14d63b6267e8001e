// What a network sees in images before anyone attacks them: its likeliest classes, as `stage-predict`
// or an attack has recorded them.

import Tensors

/// A class and how sure the network is of it.
public struct Guess: Equatable, Sendable {
    /// The class by its number.
    public var label: Int
    /// Its softmax probability, 0 to 1.
    public var confidence: Float

    /// A guess from its parts.
    public init(label: Int, confidence: Float) {
        (self.label, self.confidence) = (label, confidence)
    }
}

/// One network's guesses about the images of one sample.
public struct Prediction: Sendable {
    /// The stem of the node.
    public var name: String
    /// The network, such as `efficientnet-lite0`.
    public var architecture: String
    /// The artifact that the images lie in, and the images themselves, [N, C, H, W].
    public var sample: String, images: Tensor
    /// The guesses, image by image in the order of the sample.
    public var entries: [Entry]

    /// The guesses about an image.
    public struct Entry: Sendable {
        /// Its number in the test set.
        public var index: Int
        /// The name of its file, if it has one.
        public var file: String?
        /// What it shows, if anybody has said so.
        public var label: Int?
        /// The likeliest classes, the likeliest first.
        public var top: [Guess]

        /// An entry from its parts.
        public init(index: Int, file: String?, label: Int?, top: [Guess]) {
            (self.index, self.file, self.label, self.top) = (index, file, label, top)
        }
    }

    /// A prediction from its parts.
    public init(
        name: String, architecture: String, sample: String, images: Tensor, entries: [Entry]
    ) {
        (self.name, self.architecture, self.sample) = (name, architecture, sample)
        (self.images, self.entries) = (images, entries)
    }
}
