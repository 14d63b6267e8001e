// An array as numpy.save writes it: magic, version, the length of a header, the header, then the
// elements. Source: "numpy.lib.format", versions 1.0 to 3.0, of NumPy's documentation.

/// A parsed .npy file of numbers.
public struct NPY: Sendable {
    /// The size of each dimension, outermost first; none for a single number.
    public let shape: [Int]
    /// The type of the elements: whole numbers, floats or truth values.
    public let type: DType
    /// The name of the file, for messages.
    public let name: String
    private let bytes: [UInt8]
    private let start: Int

    /// What every such file starts with.
    static let magic: [UInt8] = [147] + Array("NUMPY".utf8)
    /// NumPy itself refuses longer headers unless it is told not to.
    private static let headerLimit = 10_000

    /// Parses a whole file. Elements in Fortran's order are brought into C's.
    /// - Throws: `FormatFault.npy`.
    public init(_ bytes: [UInt8], named: String) throws {
        func fault(_ problem: NPYProblem) -> FormatFault { .npy(file: named, problem) }
        guard bytes.count >= 10 || !bytes.starts(with: NPY.magic) else {
            throw fault(.truncated(bytes: bytes.count))
        }
        guard bytes.starts(with: NPY.magic) else { throw fault(.magic(Array(bytes.prefix(6)))) }
        guard (1...3).contains(bytes[6]), bytes[7] == 0 else {
            throw fault(.version(bytes[6], bytes[7]))
        }
        let width = bytes[6] == 1 ? 2 : 4
        guard bytes.count >= 8 + width else { throw fault(.truncated(bytes: bytes.count)) }
        let length = bytes[8..<(8 + width)].reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= NPY.headerLimit else {
            throw fault(.headerLength(length, limit: NPY.headerLimit))
        }
        let start = 8 + width + length
        guard bytes.count >= start else { throw fault(.truncated(bytes: bytes.count)) }
        let header = try NPYHeader(bytes[(8 + width)..<start], named: named)
        var size = header.type.size
        for length in header.shape {
            let (product, overflows) = size.multipliedReportingOverflow(by: length)
            guard !overflows else { throw fault(.tooLarge(header.shape)) }
            size = product
        }
        guard bytes.count - start == size else {
            throw fault(.length(expected: size, found: bytes.count - start))
        }
        (shape, type, name) = (header.shape, header.type, named)
        if header.isFortran, header.shape.count > 1 {
            self.bytes = NPY.reordered(bytes[start...], header.shape, header.type.size)
            self.start = 0
        } else {
            (self.bytes, self.start) = (bytes, start)
        }
    }

    /// Bytes as such an array.
    /// - Precondition: there are as many as the shape has elements.
    public init(shape: [Int], bytes: [UInt8], named: String) {
        precondition(
            bytes.count == shape.reduce(1, *), "NPY: \(bytes.count) bytes for the shape \(shape)")
        (self.shape, type, name, self.bytes, start) = (shape, .u8, named, bytes, 0)
    }

    /// A tensor of a safetensors file as such an array, copied.
    public init(_ entry: SafeTensors.Entry, of file: SafeTensors) {
        (shape, type, start) = (entry.shape, entry.dtype, 0)
        name = "\(file.file.name), \(entry.name)"
        bytes = withExtendedLifetime(file.file) { Array(file.bytes(of: entry)) }
    }

    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }

    /// The elements as they lie in the file, little-endian, the last index fastest.
    public func withElements<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }

    /// The elements as floats: doubles are rounded to the nearest, whole numbers and truth values too.
    public func floats() -> [Float] { floats(0..<count) }

    /// Some of the elements as `floats()` has them; no more is set aside than these take.
    /// - Precondition: the array has them.
    public func floats(_ range: Range<Int>) -> [Float] {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= count, "NPY: elements \(range) of \(count)"
        )
        return [Float](unsafeUninitializedCapacity: range.count) { target, filled in
            withElements { bytes in
                if type.isFloat {
                    let part = bytes[
                        (range.lowerBound * type.size)..<(range.upperBound * type.size)]
                    type.widen(
                        UnsafeRawBufferPointer(rebasing: part),
                        into: UnsafeMutableBufferPointer(rebasing: target[..<range.count]))
                } else {
                    for place in 0..<range.count {
                        target[place] = Float(whole(range.lowerBound + place, bytes))
                    }
                }
            }
            filled = range.count
        }
    }

    /// The elements as whole numbers; floats must be whole.
    /// - Throws: `FormatFault.npy` for the first that is not, or that is too large.
    public func integers() throws -> [Int] {
        guard type.isFloat else {
            return withElements { bytes in (0..<count).map { whole($0, bytes) } }
        }
        return try floats().enumerated().map { index, value in
            guard value == value.rounded(), abs(value) <= 0x1p24 else {
                throw FormatFault.npy(file: name, .number(Double(value), at: index))
            }
            return Int(value)
        }
    }

    /// An element of a whole type; one beyond the largest `Int` becomes that.
    private func whole(_ index: Int, _ bytes: UnsafeRawBufferPointer) -> Int {
        func raw<N: FixedWidthInteger>(_: N.Type) -> Int {
            Int(
                clamping: N(
                    littleEndian: bytes.loadUnaligned(
                        fromByteOffset: index * MemoryLayout<N>.size, as: N.self)))
        }
        return switch type {
        case .i64: raw(Int64.self)
        case .i32: raw(Int32.self)
        case .i16: raw(Int16.self)
        case .i8: raw(Int8.self)
        case .u64: raw(UInt64.self)
        case .u32: raw(UInt32.self)
        case .u16: raw(UInt16.self)
        default: raw(UInt8.self)
        }
    }

    /// Elements whose first index ran fastest, so that the last one does.
    private static func reordered(
        _ bytes: ArraySlice<UInt8>, _ shape: [Int], _ size: Int
    ) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        // The step in the file from one index of an axis to the next.
        let strides = shape.indices.map { shape[..<$0].reduce(size, *) }
        var index = [Int](repeating: 0, count: shape.count)
        var place = bytes.startIndex
        while result.count < bytes.count {
            result += bytes[place..<(place + size)]
            var axis = shape.count - 1
            while axis >= 0 {
                index[axis] += 1
                place += strides[axis]
                if index[axis] < shape[axis] { break }
                place -= strides[axis] * shape[axis]
                index[axis] = 0
                axis -= 1
            }
        }
        return result
    }
}
