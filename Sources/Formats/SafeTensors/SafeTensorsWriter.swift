// Writes safetensors with bytes that depend on the content alone.
//
// Order of the data: wide elements before narrow ones, names sorted within each width. The data starts
// on a multiple of 64, so every tensor is aligned to its element and can be used in place when
// the file is mapped. (A plain sort by name would put floats at odd addresses after a byte tensor,
// and the format allows no padding between tensors.)

/// Lays out tensors and streams them to a sink.
public struct SafeTensorsWriter: Sendable {
    /// One tensor to be written: its name, the type of its elements and its dimensions.
    public typealias Tensor = (name: String, dtype: DType, shape: [Int])

    /// Everything before the data: the length, the JSON header, and spaces up to a multiple of 64.
    public let header: [UInt8]
    /// The tensors in the order in which their bytes must follow; offsets count from the data.
    public let order: [SafeTensors.Entry]

    /// Lays out a file.
    /// - Precondition: names are unique, none is `__metadata__`, sizes are not negative.
    public init(metadata: [String: String], tensors: [Tensor]) {
        precondition(
            Set(tensors.map(\.name)).union(["__metadata__"]).count == tensors.count + 1,
            "SafeTensorsWriter: names must be unique and not __metadata__: \(tensors.map(\.name))")
        let sorted = tensors.sorted {
            $0.dtype.size != $1.dtype.size
                ? $0.dtype.size > $1.dtype.size
                : $0.name.utf8.lexicographicallyPrecedes($1.name.utf8)
        }
        var end = 0
        var entries: [SafeTensors.Entry] = []
        var members: [String: JSON] = [:]
        if !metadata.isEmpty { members["__metadata__"] = .object(metadata.mapValues(JSON.string)) }
        for tensor in sorted {
            guard let size = SafeTensorsHeader.byteCount(tensor.shape, tensor.dtype), size >= 0,
                tensor.shape.allSatisfy({ $0 >= 0 })
            else {
                preconditionFailure("SafeTensorsWriter: \(tensor.name) has shape \(tensor.shape)")
            }
            entries.append(
                SafeTensors.Entry(
                    name: tensor.name, dtype: tensor.dtype, shape: tensor.shape,
                    bytes: end..<(end + size)))
            members[tensor.name] = [
                "dtype": .string(tensor.dtype.rawValue),
                "shape": .array(tensor.shape.map { .integer(Int64($0)) }),
                "data_offsets": [.integer(Int64(end)), .integer(Int64(end + size))],
            ]
            end += size
        }
        order = entries
        var text = Array(JSON.object(members).canonical.utf8)
        let padding = (64 - (8 + text.count) % 64) % 64
        text += [UInt8](repeating: UInt8(ascii: " "), count: padding)
        header = withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init) + text
    }

    /// Writes the header and then every tensor in `order`.
    /// - Parameters:
    ///   - sink: takes the next bytes of the file.
    ///   - data: writes the bytes of one tensor to the sink it is given; a wrong number of bytes traps.
    /// - Throws: what the sink or `data` throws.
    public func write(
        to sink: @escaping (UnsafeRawBufferPointer) throws -> Void,
        data: (SafeTensors.Entry, @escaping (UnsafeRawBufferPointer) throws -> Void) throws -> Void
    ) throws {
        try header.withUnsafeBytes(sink)
        for entry in order {
            var written = 0
            try data(entry) { bytes in
                written += bytes.count
                try sink(bytes)
            }
            precondition(
                written == entry.bytes.count,
                "SafeTensorsWriter: \(entry.name) takes \(entry.bytes.count) bytes, got \(written)")
        }
    }

    /// The whole file in memory; for small files and tests.
    /// - Precondition: `data` holds the bytes of every tensor.
    public static func file(
        metadata: [String: String], tensors: [Tensor], data: [String: [UInt8]]
    ) -> [UInt8] {
        let writer = SafeTensorsWriter(metadata: metadata, tensors: tensors)
        var bytes = writer.header
        for entry in writer.order {
            let content = data[entry.name] ?? []
            precondition(
                content.count == entry.bytes.count,
                "SafeTensorsWriter: \(entry.name) takes \(entry.bytes.count) bytes, got \(content.count)"
            )
            bytes += content
        }
        return bytes
    }
}
