// CIFAR-10 and CIFAR-100 in their binary versions (https://www.cs.toronto.edu/~kriz/cifar.html): records of
// one label (CIFAR-100: the coarse one, then the fine one) and 3,072 bytes, the red, green and blue planes
// of 32 × 32 pixels, rows from the top.

/// The images and labels of one or more files of records.
public struct CIFAR: Sendable {
    /// Which of the two data sets.
    public enum Kind: Sendable, CaseIterable {
        case cifar10, cifar100

        /// How many classes there are (of CIFAR-100, the fine ones).
        public var classes: Int { self == .cifar10 ? 10 : 100 }

        /// Bytes of a record.
        var record: Int { CIFAR.pixels + (self == .cifar10 ? 1 : 2) }

        /// The files of the training split and of the test split, in order.
        public var files: (train: [String], test: [String]) {
            self == .cifar10
                ? ((1...5).map { "data_batch_\($0).bin" }, ["test_batch.bin"])
                : (["train.bin"], ["test.bin"])
        }

        /// The file with the names of the classes, one a line.
        public var names: String {
            self == .cifar10 ? "batches.meta.txt" : "fine_label_names.txt"
        }
    }

    /// The shape of an image, [C, H, W], and how many bytes it has.
    public static let imageShape = [3, 32, 32], pixels = 3072
    /// The largest file of records that is read, in bytes.
    public static let fileLimit = 1 << 30

    /// The pixels of all images, [N, C, H, W].
    public private(set) var images: [UInt8] = []
    /// The class of each.
    public private(set) var labels: [Int] = []
    private let kind: Kind

    /// No images yet.
    public init(_ kind: Kind) { self.kind = kind }

    /// Adds the records of a file.
    /// - Throws: `FormatFault.cifar` where they are not whole, or a label is no class.
    public mutating func add(_ bytes: UnsafeRawBufferPointer, named: String) throws {
        let size = kind.record
        guard !bytes.isEmpty, bytes.count % size == 0 else {
            throw FormatFault.cifar(file: named, .length(record: size, found: bytes.count))
        }
        images.reserveCapacity(images.count + bytes.count)
        for start in stride(from: 0, to: bytes.count, by: size) {
            let pixels = start + size - Self.pixels
            let label = Int(bytes[pixels - 1])
            guard label < kind.classes else {
                throw FormatFault.cifar(
                    file: named, .label(label, at: start / size, classes: kind.classes))
            }
            labels.append(label)
            images.append(contentsOf: bytes[pixels..<(start + size)])
        }
    }
}

/// A fault of a file of CIFAR.
public enum CIFARProblem: Equatable, Sendable, CustomStringConvertible {
    case length(record: Int, found: Int)
    case label(Int, at: Int, classes: Int)

    /// The problem as part of a sentence, after the file's name.
    public var description: String {
        switch self {
        case .length(let record, let found):
            "it has \(found) bytes, which are not whole records of \(record)"
                + (found == 0 ? "" : "; is it the binary version, and whole?")
        case .label(let label, let index, let classes):
            "label \(index) is \(label), and there are \(classes) classes (0 to \(classes - 1))"
        }
    }
}
