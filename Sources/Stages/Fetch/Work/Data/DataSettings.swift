// What a config says of the user's own data.

import Formats
import StageWork

/// How data lie in files.
package enum DataLayout: String, CaseIterable {
    case classes, flat, idx, npy, npz, safetensors, cifar

    /// As logs call it.
    var words: String {
        switch self {
        case .classes: "a folder of pictures for each class"
        case .flat: "pictures in one folder"
        case .idx: "IDX files, as MNIST has them"
        case .npy: "NumPy arrays (.npy)"
        case .npz: "an archive of NumPy arrays (.npz)"
        case .safetensors: "tensors (.safetensors)"
        case .cifar: "CIFAR's binary records"
        }
    }

    /// Whether each image is a file of its own.
    var isPictures: Bool { self == .classes || self == .flat }
}

/// The order of the axes of images.
package enum PixelAxes: String, CaseIterable { case nhwc, nchw }

/// What the numbers of images lie between.
package enum PixelRange: String, CaseIterable {
    case unit = "0..1"
    case bytes = "0..255"
    case signed = "-1..1"
}

/// The settings of data, and where they were read from.
package struct DataSettings {
    /// A file or a folder.
    package let path: String
    /// What the data set is called.
    let name: String
    let layout: DataLayout?
    /// A file of labels, a file of class names, and a model.
    package let labels: String?, classes: String?, model: String?
    let resize: Int?, crop: Int?
    let axes: PixelAxes?
    let range: PixelRange?
    /// The share of the images that the test split gets.
    let share: Double?
    /// Whether there is to be a training split.
    package let hasTrain: Bool
    let seed: UInt64
    /// The node that they are of, for messages.
    private let node: String
    private let limit: Int?

    /// How many pictures are taken in where no limit is given: each becomes an input that is hashed.
    package static let pictureLimit = 1000
    /// How many pictures can be taken in at most.
    package static let largestPictureLimit = 20_000

    /// Reads the settings.
    /// - Throws: `StageFault` for two that contradict each other.
    package init(_ config: any ResolvedConfig, of node: String) throws {
        self.node = node
        func text(_ key: String) throws -> String? {
            config.isSet(key) ? try config.text(key) : nil
        }
        func integer(_ key: String) throws -> Int? {
            config.isSet(key) ? try config.integer(key) : nil
        }
        path = try config.text("data")
        name = try config.text("name")
        layout = try text("layout").flatMap(DataLayout.init)
        (labels, classes, model) = (try text("labels"), try text("classes"), try text("model"))
        (resize, crop) = (try integer("resize"), try integer("crop"))
        axes = try text("axes").flatMap(PixelAxes.init)
        range = try text("range").flatMap(PixelRange.init)
        share = config.isSet("test") ? try config.number("test") : nil
        hasTrain = try config.flag("train") || share != nil
        seed = UInt64(try config.integer("seed"))
        limit = try integer("limit")
        if let crop, let resize, crop > resize {
            throw StageFault(
                .badData, "\(config.file): crop is \(crop), larger than resize, \(resize)",
                remedy: "choose crop 1…\(resize)")
        }
    }

    /// How settings are typed after `make`, which has no variables of their own for them:
    /// `SET="fetch-mine-data.layout=flat"`. Several, "resize=256" and "crop=224", are one `SET`.
    func typed(_ settings: String...) -> String {
        "SET=\"" + settings.map { "\(node).\($0)" }.joined(separator: " ") + "\""
    }

    /// The most images of a split that are taken in.
    func limit(for layout: DataLayout) -> Int {
        layout.isPictures
            ? min(limit ?? Self.pictureLimit, Self.largestPictureLimit) : limit ?? .max
    }
}
