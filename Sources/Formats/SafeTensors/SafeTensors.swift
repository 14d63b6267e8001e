// Reads safetensors, the exchange format of NumPy, PyTorch and JAX: 8 bytes of header length
// (little endian), a JSON header, then the tensors' bytes back to back. Nothing is copied until asked for.
// Checked before anything is handed out: offsets within the file, no overlap, no gap, sizes that
// equal the shapes, no overflow, no name twice. Tensors of types that we do not know may lie beside.

/// A safetensors file, parsed and bounds-checked.
public struct SafeTensors: Sendable {
    /// Name, type and shape of one tensor, and where its bytes are.
    public struct Entry: Equatable, Sendable {
        /// The tensor's name, such as `fc1.weight`.
        public let name: String
        /// The type of its elements.
        public let dtype: DType
        /// Its dimensions, outermost first; empty for a scalar.
        public let shape: [Int]
        /// Its bytes, as offsets from the start of the file (reading) or of the data (writing).
        public let bytes: Range<Int>
        /// The number of elements.
        public var count: Int { bytes.count / dtype.size }
    }

    /// A tensor of a type that is not in `DType`, such as an 8-bit float: known to be there, and no
    /// fault of the file unless somebody asks for it.
    public struct ForeignEntry: Equatable, Sendable {
        /// The tensor's name.
        public let name: String
        /// Its type, as the file calls it.
        public let type: String
        /// Its dimensions, outermost first.
        public let shape: [Int]
        /// Its bytes, as offsets from the start of the data; their number is not checked.
        let bytes: Range<Int>
    }

    /// The largest header that is read, as in the reference implementation.
    public static let headerLimit = 100_000_000

    /// The file; it owns the bytes, so hand it on as the owner of anything that points into them.
    public let file: MappedFile
    /// The strings under `__metadata__`.
    public let metadata: [String: String]
    /// All tensors of known types, sorted by name.
    public let entries: [Entry]
    /// Tensors of types that are not read, sorted by name.
    public let foreign: [ForeignEntry]

    /// Whether bytes are built as safetensors: a length, and a brace after it. Where the length reaches
    /// beyond the file, it still is one that was cut short, unless the bytes are known as something else.
    public static func matches(_ file: MappedFile) -> Bool {
        let bytes = file.bytes
        guard bytes.count > 8, bytes[8] == UInt8(ascii: "{") else { return false }
        let size = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        return size <= UInt64(bytes.count - 8) || FileKind(bytes) == nil
    }

    /// Parses the header and checks it against the size; no element is looked at.
    /// - Throws: `FormatFault.safeTensors`.
    public init(_ file: MappedFile) throws {
        self.file = file
        let bytes = file.bytes
        guard bytes.count >= 8 else {
            throw FormatFault.safeTensors(file: file.name, .tooShort(bytes: bytes.count))
        }
        let size = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard size <= UInt64(min(bytes.count - 8, SafeTensors.headerLimit)) else {
            throw FormatFault.safeTensors(
                file: file.name, .headerSize(size, available: bytes.count - 8))
        }
        let start = 8 + Int(size)
        do throws(SafeTensorsHeader.Problem) {
            let header = try SafeTensorsHeader(
                UnsafeRawBufferPointer(rebasing: bytes[8..<start]), named: file.name,
                dataSize: bytes.count - start)
            metadata = header.metadata
            foreign = header.foreign
            entries = header.entries.map {
                Entry(
                    name: $0.name, dtype: $0.dtype, shape: $0.shape,
                    bytes: ($0.bytes.lowerBound + start)..<($0.bytes.upperBound + start))
            }
        } catch {
            throw FormatFault.safeTensors(file: file.name, error.problem)
        }
    }

    /// The entry of this name, or nil.
    public subscript(name: String) -> Entry? {
        // The first whose name is not before this one.
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].name.utf8.lexicographicallyPrecedes(name.utf8) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        guard low < entries.count, entries[low].name == name else { return nil }
        return entries[low]
    }

    /// The bytes of an entry of this file. Keep `file` alive while you use them.
    public func bytes(of entry: Entry) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: file.bytes[entry.bytes])
    }

    /// A tensor that must be there, of this type and shape; nil in `shape` stands for any size.
    /// - Throws: `FormatFault.safeTensors` that says what is there instead.
    public func entry(_ name: String, _ dtype: DType, shape: [Int?]? = nil) throws -> Entry {
        guard let entry = self[name] else {
            if let other = foreign.first(where: { $0.name == name }) {
                throw fault(.unknownType(tensor: name, other.type))
            }
            throw fault(.missing(tensor: name, present: entries.map(\.name)))
        }
        guard entry.dtype == dtype else {
            throw fault(
                .wrongType(tensor: name, expected: dtype.rawValue, found: entry.dtype.rawValue))
        }
        if let shape {
            let fits =
                shape.count == entry.shape.count
                && zip(shape, entry.shape).allSatisfy { $0 == nil || $0 == $1 }
            guard fits else {
                let expected = shape.map { $0.map(String.init) ?? "any" }.joined(separator: ", ")
                throw fault(
                    .wrongShape(tensor: name, expected: "[\(expected)]", found: entry.shape))
            }
        }
        return entry
    }

    /// A metadata string that must be there.
    public func text(_ key: String) throws -> String {
        guard let value = metadata[key] else { throw fault(.missingMetadata(key)) }
        return value
    }

    /// Checks that the metadata names this schema, version 1.
    public func requireSchema(_ schema: String) throws {
        for (key, expected) in [("schema", schema), ("version", "1")] {
            let found = try text(key)
            guard found == expected else {
                throw fault(.wrongMetadata(key, expected: expected, found: found))
            }
        }
    }

    /// A copy of an F32 tensor's elements.
    public func floats(_ name: String, shape: [Int?]? = nil) throws -> [Float] {
        try copy(entry(name, .f32, shape: shape), as: UInt32.self) { Float(bitPattern: $0) }
    }

    /// A copy of an I64 tensor's elements.
    public func int64s(_ name: String, shape: [Int?]? = nil) throws -> [Int64] {
        try copy(entry(name, .i64, shape: shape), as: Int64.self) { $0 }
    }

    /// A copy of a U8 tensor's elements.
    public func uint8s(_ name: String, shape: [Int?]? = nil) throws -> [UInt8] {
        try copy(entry(name, .u8, shape: shape), as: UInt8.self) { $0 }
    }

    /// This file's fault, for readers that check more than the format does.
    public func fault(_ problem: SafeTensorsProblem) -> FormatFault {
        .safeTensors(file: file.name, problem)
    }

    private func copy<Raw: FixedWidthInteger, Element>(
        _ entry: Entry, as: Raw.Type, _ convert: (Raw) -> Element
    ) -> [Element] {
        let bytes = bytes(of: entry)
        return (0..<entry.count).map {
            let place = $0 * MemoryLayout<Raw>.size
            return convert(
                Raw(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: Raw.self)))
        }
    }
}
