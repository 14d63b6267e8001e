// Reads the weights that PyTorch's `torch.save(model.state_dict(), …)` writes, in both formats: a zip
// archive with one pickle and a file per storage (since 1.6), and the older stream of pickles
// followed by the storages. No code of the file is ever run: see `Unpickler`.
//
// Everything is checked before a tensor is handed out; the bytes stay in the mapped file until
// they are asked for, so a hostile file cannot make us set memory aside for what it only claims.

/// A PyTorch checkpoint: named tensors in the order of the file.
public struct TorchCheckpoint: Sendable {
    /// PyTorch's two formats.
    public enum Container: String, Sendable {
        case zip
        case legacy
    }

    /// Name, type and shape of one tensor.
    public struct Tensor: Equatable, Sendable {
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
        /// Where element [0, …, 0] is in the file.
        let start: Int
    }

    /// The keys under which a state dict may lie beside other things, such as an epoch.
    public static let wrappers = ["state_dict", "model_state_dict", "model"]

    /// Tensors may take this many times the bytes of the file, since some share their storage.
    static let sharingLimit = 4

    /// The file; it owns the bytes.
    public let file: MappedFile
    /// In which format the file is.
    public let container: Container
    /// The keys that led to the state dict, such as ["state_dict"]; empty where the file is one.
    public let path: [String]
    /// All tensors, in the order of the state dict.
    public let tensors: [Tensor]
    /// The names of entries of the state dict that are no tensors.
    public let others: [String]

    /// Parses a file.
    /// - Throws: `FormatFault.torch`, whatever the bytes.
    public init(_ file: MappedFile) throws {
        self.file = file
        let source: TorchSource
        if file.bytes.starts(with: [0x50, 0x4B, 3, 4]) {
            container = .zip
            source = try TorchSource(zip: file)
        } else {
            container = .legacy
            source = try TorchSource(legacy: file)
        }
        let dictionary = try StateDictionary(source)
        path = dictionary.path
        others = dictionary.others
        var storages = TorchStorages(source)
        let room = file.bytes.count.multipliedReportingOverflow(by: Self.sharingLimit).partialValue
        var total = 0
        tensors = try dictionary.tensors.map { name, index in
            let tensor = try storages.tensor(named: name, source.heap.tensors[index])
            total += tensor.count * tensor.dtype.size
            guard total <= room else {
                throw FormatFault.torch(
                    file: file.name, at: source.heap.tensors[index].place,
                    .limit(what: "bytes of all tensors", limit: room, found: total))
            }
            return tensor
        }
    }

    /// The tensor of this name.
    /// - Throws: `FormatFault.torch` that lists those that are there.
    public func tensor(_ name: String) throws -> Tensor {
        guard let tensor = tensors.first(where: { $0.name == name }) else {
            throw FormatFault.torch(
                file: file.name, at: nil, .absent(tensor: name, present: tensors.map(\.name)))
        }
        return tensor
    }

    /// The elements of a tensor of this checkpoint as `tensor.dtype`, little-endian, the last index
    /// fastest whatever the order in the file. Halves are widened, which is exact; doubles
    /// are rounded to the nearest float, ties to even.
    public func bytes(of tensor: Tensor) -> [UInt8] {
        guard tensor.stored != .f32 || !tensor.isContiguous, tensor.dtype == .f32 else {
            return stored(tensor)
        }
        var result: [UInt8] = []
        result.reserveCapacity(4 * tensor.count)
        for value in floats(of: tensor) {
            withUnsafeBytes(of: value.bitPattern.littleEndian) { result.append(contentsOf: $0) }
        }
        return result
    }

    /// The elements of a tensor of floats, the last index fastest.
    /// - Precondition: `tensor.dtype` is `.f32`.
    public func floats(of tensor: Tensor) -> [Float] {
        precondition(tensor.dtype == .f32, "\(tensor.name) holds \(tensor.stored.rawValue)")
        return stored(tensor).withUnsafeBytes { bytes in
            func raw<N: FixedWidthInteger>(_ index: Int, _: N.Type) -> N {
                N(
                    littleEndian: bytes.loadUnaligned(
                        fromByteOffset: index * MemoryLayout<N>.size, as: N.self))
            }
            return (0..<tensor.count).map { index in
                switch tensor.stored {
                case .f64: Float(Double(bitPattern: raw(index, UInt64.self)))
                case .f16: Float(half: raw(index, UInt16.self))
                case .bf16: Float(bitPattern: UInt32(raw(index, UInt16.self)) << 16)
                default: Float(bitPattern: raw(index, UInt32.self))
                }
            }
        }
    }

    /// The elements as they are in the file, in order of the indices.
    private func stored(_ tensor: Tensor) -> [UInt8] {
        let size = tensor.stored.size
        guard !tensor.isContiguous else {
            return Array(file.bytes[tensor.start..<(tensor.start + tensor.count * size)])
        }
        var result: [UInt8] = []
        result.reserveCapacity(tensor.count * size)
        var index = [Int](repeating: 0, count: tensor.shape.count)
        var place = tensor.start
        for _ in 0..<tensor.count {
            result.append(contentsOf: file.bytes[place..<(place + size)])
            // One step, like an odometer: the last index first.
            for axis in index.indices.reversed() {
                index[axis] += 1
                place += tensor.strides[axis] * size
                if index[axis] < tensor.shape[axis] { break }
                place -= index[axis] * tensor.strides[axis] * size
                index[axis] = 0
            }
        }
        return result
    }
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

extension Float {
    /// The value of an IEEE half: exact, and without the hardware's own type, which some lack.
    init(half: UInt16) {
        let sign = UInt32(half >> 15) << 31
        let exponent = UInt32(half >> 10 & 31)
        let fraction = UInt32(half & 1023)
        switch exponent {
        case 0:
            let size = Float(fraction) * 0x1p-24
            self.init(bitPattern: sign | size.bitPattern)
        case 31: self.init(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default: self.init(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }
}
