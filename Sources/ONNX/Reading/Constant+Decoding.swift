// From a TensorProto to a constant: the numbers lie in raw bytes or in the list for their type, and
// must be exactly as many as the shape says.

import Formats
import Foundation

extension Constant {
    /// The numbers of a tensor of the file.
    ///
    /// - Throws: `ONNXProblem.externalData`, or `.tensor` for a type that is not read or a size that
    ///   does not fit the bytes.
    init(_ tensor: ONNXTensorProto, _ name: String) throws(ONNXProblem) {
        guard tensor.dataLocation == 0, tensor.externalData.isEmpty else {
            let place = tensor.externalData.first { $0.key == "location" }?.value ?? ""
            throw .externalData(tensor: name, location: place)
        }
        guard tensor.segment.isEmpty else { throw .tensor(name: name, "it is stored in segments") }
        let shape = tensor.dims.map { Int(clamping: $0) }
        let count = try ShapeLimits.count(of: shape, name)
        guard let type = ElementType(rawValue: tensor.dataType) else {
            throw .tensor(
                name: name,
                "its type is number \(tensor.dataType), expected a float, a double or an integer")
        }
        self.init(shape: shape, try type.storage(of: tensor, count: count, name))
    }

    /// The types of a TensorProto that are read, by their numbers there.
    private enum ElementType: Int32 {
        case float = 1, uint8 = 2, int8 = 3, uint16 = 4, int16 = 5, int32 = 6, int64 = 7
        case bool = 9, float16 = 10, double = 11, uint32 = 12, uint64 = 13, bfloat16 = 16

        /// The same in safetensors.
        var dtype: DType {
            switch self {
            case .float: .f32
            case .uint8: .u8
            case .int8: .i8
            case .uint16: .u16
            case .int16: .i16
            case .int32: .i32
            case .int64: .i64
            case .bool: .bool
            case .float16: .f16
            case .double: .f64
            case .uint32: .u32
            case .uint64: .u64
            case .bfloat16: .bf16
            }
        }

        func storage(
            of tensor: ONNXTensorProto, count: Int, _ name: String
        ) throws(ONNXProblem) -> Storage {
            let listed: (place: String, count: Int) =
                switch self {
                case .float: ("float_data", tensor.floatData.count)
                case .double: ("double_data", tensor.doubleData.count)
                case .int64: ("int64_data", tensor.int64Data.count)
                case .uint32, .uint64: ("uint64_data", tensor.uint64Data.count)
                default: ("int32_data", tensor.int32Data.count)
                }
            if listed.count == 0 { return try raw(tensor.rawData, count: count, name) }
            guard listed.count == count, tensor.rawData.isEmpty else {
                throw .tensor(
                    name: name,
                    "its shape is \(tensor.dims), expected \(count) numbers, found \(listed.count) in "
                        + "\(listed.place)"
                        + (tensor.rawData.isEmpty ? "" : " and raw bytes beside"))
            }
            switch self {
            case .float: return .floats(tensor.floatData)
            case .double: return .doubles(tensor.doubleData)
            case .int64: return .integers(tensor.int64Data)
            case .uint32, .uint64:
                return .integers(tensor.uint64Data.map { Int64(clamping: $0) })
            case .float16, .bfloat16:
                let bytes = tensor.int32Data.flatMap { value -> [UInt8] in
                    let bits = UInt16(truncatingIfNeeded: value)
                    return [UInt8(bits & 255), UInt8(bits >> 8)]
                }
                return try raw(Data(bytes), count: count, name)
            default: return .integers(tensor.int32Data.map { Int64($0) })
            }
        }

        private func raw(
            _ data: Data, count: Int, _ name: String
        ) throws(ONNXProblem) -> Storage {
            guard data.count == count * dtype.size else {
                throw .tensor(
                    name: name,
                    "expected \(count * dtype.size) bytes (\(count) of \(dtype.rawValue)), found "
                        + "\(data.count)")
            }
            return data.withUnsafeBytes { bytes in
                func integers<N: FixedWidthInteger>(_: N.Type) -> Storage {
                    .integers(
                        (0..<count).map {
                            Int64(
                                clamping: N(
                                    littleEndian: bytes.loadUnaligned(
                                        fromByteOffset: $0 * MemoryLayout<N>.size, as: N.self)))
                        })
                }
                switch self {
                case .double:
                    return .doubles(
                        (0..<count).map {
                            Double(
                                bitPattern: UInt64(
                                    littleEndian: bytes.loadUnaligned(
                                        fromByteOffset: $0 * 8, as: UInt64.self)))
                        })
                case .float, .float16, .bfloat16:
                    return .floats(
                        [Float](unsafeUninitializedCapacity: count) { buffer, filled in
                            dtype.widen(
                                bytes, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
                            filled = count
                        })
                case .uint8, .bool: return integers(UInt8.self)
                case .int8: return integers(Int8.self)
                case .uint16: return integers(UInt16.self)
                case .int16: return integers(Int16.self)
                case .int32: return integers(Int32.self)
                case .int64: return integers(Int64.self)
                case .uint32: return integers(UInt32.self)
                case .uint64: return integers(UInt64.self)
                }
            }
        }
    }
}
