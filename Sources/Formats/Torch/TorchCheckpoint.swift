// Reads the weights that PyTorch's `torch.save(model.state_dict(), …)` writes, in both formats: a zip
// archive with one pickle and a file per storage (since 1.6), and the older stream of pickles
// followed by the storages. No code of the file is ever run: see `Unpickler`.
//
// What is used is checked before it is handed out, and nothing else is, as in PyTorch's safe loader: an
// archive may be compressed, have other things beside the weights, and bytes after its end. Checksums
// that are off are not a fault there and none here, but they are told. The bytes stay in the mapped
// file until they are asked for, so a hostile file cannot make us set memory aside for what it only
// claims.

/// A PyTorch checkpoint: dictionaries of named tensors.
public struct TorchCheckpoint: Sendable {
    /// PyTorch's two formats.
    public enum Container: String, Sendable {
        case zip
        case legacy
    }

    /// Name, type and shape of one tensor, checked to lie within its storage.
    public struct Tensor: Sendable {
        /// The name, such as `features.0.weight`.
        public let name: String
        /// The type that `bytes(of:)` delivers: F32 for every kind of float, else `stored`.
        public let dtype: DType
        /// The type of the elements in the file.
        public let stored: DType
        /// Its dimensions, outermost first; empty for a scalar.
        public let shape: [Int]
        /// The number of elements.
        public let count: Int
        /// The steps in the storage from one index to the next, in elements.
        let strides: [Int]
        /// Where element [0, …, 0] is in the storage, and how many elements lie from there to the last.
        let offset: Int, span: Int
        /// Where the storage is.
        let elements: TorchStorages.Elements
    }

    /// The file; it owns the bytes.
    public let file: MappedFile
    /// Zip since PyTorch 1.6, a stream of pickles before that.
    public let container: Container
    /// The dictionaries of the file, nearest first; see `depthLimit`.
    public let dictionaries: [Dictionary]
    let storages: TorchStorages

    /// Whether bytes start as those of a checkpoint do.
    public static func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.starts(with: [0x50, 0x4B, 3, 4]) || bytes.first == 0x80
    }

    /// Runs the pickle as data, never as code, and finds the storages; no element is looked at.
    /// - Throws: `FormatFault.torch`, whatever the bytes.
    public init(_ file: MappedFile) throws {
        self.file = file
        let source: TorchSource
        if file.bytes.first == 0x80 {
            container = .legacy
            source = try TorchSource(legacy: file)
        } else if file.bytes.starts(with: [0x50, 0x4B, 3, 4])
            || FileKind(file.bytes) == nil && (try? ZipEnd(of: file, isStrict: false)) != nil
        {
            container = .zip
            source = try TorchSource(zip: file)
        } else {
            container = .legacy
            source = try TorchSource(legacy: file)
        }
        dictionaries = try TorchCheckpoint.dictionaries(of: source)
        storages = TorchStorages(source)
    }

    /// A tensor of one of the dictionaries, compared with the file.
    /// - Throws: `FormatFault.torch` where it does not lie within its storage, or its elements are of
    ///   a type that is not read.
    public func tensor(_ entry: Entry) throws -> Tensor {
        guard let index = entry.index else {
            throw FormatFault.torch(
                file: file.name, at: nil,
                .tensor(
                    name: TorchProblem.shown(entry.name.utf8),
                    "it is \(entry.type), which is not read"))
        }
        return try storages.tensor(named: entry.name, index)
    }

    /// The parts of an archive, of those used so far, whose bytes do not have the checksum that the
    /// archive states. A checksum of 0 is none: PyTorch writes it where it is told to leave them out.
    public var mismatchedParts: [String] { storages.mismatched }
}

extension TorchCheckpoint.Tensor {
    /// Whether the elements lie in the file in order, without gaps.
    var isContiguous: Bool {
        if count == 0 { return true }
        var expected = 1
        for (size, stride) in zip(shape, strides).reversed() where size != 1 {
            guard stride == expected else { return false }
            expected *= size
        }
        return true
    }
}
