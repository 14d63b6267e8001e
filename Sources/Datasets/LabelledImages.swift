// Labelled images: a split of a data set, or a sample of one.

import Formats
import Randomness
import Tensors

/// Images with their true classes.
public struct LabelledImages: Sendable {
    /// The data set, such as "mnist".
    public let name: String
    /// [N, C, H, W], pixels in [0, 1].
    public let images: Tensor
    /// The true class of each image, within `classes`, or `unknown`.
    public let labels: [Int]
    /// The names of the classes, by number.
    public let classes: [String]
    /// The names of the images, one each; none for images that only have numbers.
    public let names: [String]

    /// The label of an image of which nobody has said what it shows.
    public static let unknown = -1

    /// Puts images and labels together.
    ///
    /// Pixels are taken as they are: those of a data set are bytes divided by 255.
    ///
    /// - Throws: `DatasetFault` where their numbers differ or a label is no class.
    public init(
        name: String, images: Tensor, labels: [Int], classes: [String], names: [String] = []
    ) throws {
        guard images.shape.count == 4 else {
            throw DatasetFault.wrongShape(dataset: name, found: images.shape)
        }
        guard images.rowCount == labels.count else {
            throw DatasetFault.unequalCounts(
                dataset: name, images: images.rowCount, labels: labels.count)
        }
        guard names.isEmpty || names.count == labels.count else {
            throw DatasetFault.unequalCounts(
                dataset: name, images: names.count, labels: labels.count)
        }
        let isWrong = { $0 != Self.unknown && !classes.indices.contains($0) }
        if let index = labels.firstIndex(where: isWrong) {
            throw DatasetFault.wrongLabel(
                dataset: name, label: labels[index], index: index, classes: classes.count)
        }
        self.name = name
        self.images = images
        self.labels = labels
        self.classes = classes
        self.names = names
    }

    /// How many images there are.
    public var count: Int { labels.count }

    /// The shape of one image, [C, H, W].
    public var imageShape: [Int] { Array(images.shape.dropFirst()) }

    /// How many images each class has; those of unknown class are not counted.
    public var histogram: [Int] {
        labels.filter { $0 != Self.unknown }.reduce(into: Array(repeating: 0, count: classes.count))
        { $0[$1] += 1 }
    }

    /// Images and labels as the IDX files of MNIST hold them: bytes divided by 255.
    ///
    /// - Throws: `DatasetFault`.
    public init(name: String, images: IDX, labels: IDX, classes: [String]) throws {
        let shape = [images.count, 1] + images.shape.dropFirst()
        try self.init(
            name: name,
            images: images.withElements { Pixels.fromBytes($0, shape: shape) },
            labels: labels.withElements { $0.map { Int($0) } }, classes: classes)
    }

    /// `count` different images, drawn by `seed`, in the order of the draw.
    ///
    /// - Returns: The images and their indices in this set.
    /// - Throws: `DatasetFault.tooFew`.
    public func sample(
        _ count: Int, seed: UInt64
    ) throws -> (images: LabelledImages, indices: [Int]) {
        guard count <= self.count else {
            throw DatasetFault.tooFew(dataset: name, wanted: count, found: self.count)
        }
        var random = Stream(seed: seed, name: "sample/indices")
        let indices = Array(random.permutation(of: self.count).prefix(count))
        let drawn = try LabelledImages(
            name: name, images: images.gather(indices), labels: indices.map { labels[$0] },
            classes: classes, names: names.isEmpty ? [] : indices.map { names[$0] })
        return (drawn, indices)
    }
}
