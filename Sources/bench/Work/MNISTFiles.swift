// MNIST straight from the files in data/, as the peer scripts read it.

import Datasets
import Formats
import Tensors

/// The images and labels of "train" or "t10k".
enum MNISTFiles {
    /// - Throws: `FormatFault`, `DatasetFault`.
    static func read(_ split: String) throws -> LabelledImages {
        func open(_ kind: String, _ content: IDX.Content) throws -> IDX {
            let path = "data/mnist/\(split)-\(kind).gz"
            let bytes = try GzipInflater.inflate(MappedFile.read(path), named: path, limit: 1 << 28)
            return try IDX(bytes, as: content, named: path)
        }
        return try LabelledImages(
            name: "mnist", images: open("images-idx3-ubyte", .images),
            labels: open("labels-idx1-ubyte", .labels), classes: (0..<10).map { "\($0)" })
    }
}
