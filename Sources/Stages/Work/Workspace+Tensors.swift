// Tensors in and out of artifacts: columns of one file, laid out by the safetensors writer.

import Formats
import Tensors

/// A tensor to be written: floats, whole numbers or flags under a name.
public struct Column: Sendable {
    fileprivate enum Content: Sendable {
        case floats(Tensor)
        case deferred(@Sendable () throws -> Tensor)
        case integers([Int])
        case flags([Bool])
    }

    fileprivate let name: String
    fileprivate let shape: [Int]
    fileprivate let content: Content

    /// F32, of the tensor's shape or another that holds as much.
    public init(_ name: String, _ tensor: Tensor, shape: [Int]? = nil) {
        (self.name, self.shape, content) = (name, shape ?? tensor.shape, .floats(tensor))
    }

    /// F32.
    public init(_ name: String, _ values: [Float], shape: [Int]? = nil) {
        self.init(name, Tensor(shape: [values.count], values: values), shape: shape)
    }

    /// I64.
    public init(_ name: String, _ values: [Int], shape: [Int]? = nil) {
        (self.name, self.shape, content) = (name, shape ?? [values.count], .integers(values))
    }

    /// U8: 1 for true.
    public init(_ name: String, _ values: [Bool], shape: [Int]? = nil) {
        (self.name, self.shape, content) = (name, shape ?? [values.count], .flags(values))
    }

    /// F32, made only when it is written: large files are never in memory as a whole.
    public init(_ name: String, shape: [Int], _ make: @escaping @Sendable () throws -> Tensor) {
        (self.name, self.shape, content) = (name, shape, .deferred(make))
    }

    fileprivate var type: DType {
        switch content {
        case .floats, .deferred: .f32
        case .integers: .i64
        case .flags: .u8
        }
    }
}

extension Workspace {
    /// Writes an artifact of named tensors.
    ///
    /// - Parameters:
    ///   - artifact: One that the stage announced.
    ///   - schema: What the file is, such as "mirage.attack"; the version is 1.
    ///   - metadata: Further texts.
    ///   - columns: The tensors; the writer decides their order.
    /// - Throws: `StoreFault` from the disk; what a deferred tensor throws.
    public func write(
        _ artifact: String, schema: String, metadata: [String: String], columns: [Column]
    ) throws {
        let file = try create(artifact)
        let texts = metadata.merging(["schema": schema, "version": "1"]) { $1 }
        let writer = SafeTensorsWriter(
            metadata: texts, tensors: columns.map { ($0.name, $0.type, $0.shape) })
        let byName = Dictionary(uniqueKeysWithValues: columns.map { ($0.name, $0.content) })
        try writer.write(to: { try file.write($0) }) { entry, sink in
            switch byName[entry.name] {
            case .floats(let tensor): try tensor.withBytes(sink)
            case .deferred(let make): try make().withBytes(sink)
            case .integers(let values):
                try values.map { Int64($0).littleEndian }.withUnsafeBytes(sink)
            case .flags(let values): try values.map { $0 ? UInt8(1) : 0 }.withUnsafeBytes(sink)
            case nil: break
            }
        }
        try file.close()
    }
}
