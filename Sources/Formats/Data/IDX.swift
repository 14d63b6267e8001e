// IDX, the format of MNIST: two zero bytes, a type byte (8 = unsigned bytes), the number of
// dimensions, each dimension as a big-endian 32-bit integer, then the elements, the last index fastest.
// Only unsigned bytes are read: the data sets in this format use nothing else.

/// A parsed IDX file of unsigned bytes.
public struct IDX: Sendable {
    /// The size of each dimension, outermost first.
    public let shape: [Int]
    /// The name of the file, for messages.
    public let name: String
    private let bytes: [UInt8]
    private let start: Int

    /// What a file is meant to hold; decides how many dimensions it must have.
    public enum Content: String, Sendable {
        case images, labels

        var dimensions: Int { self == .images ? 3 : 1 }
    }

    /// Parses a whole file.
    /// - Parameters:
    ///   - bytes: the file, inflated.
    ///   - content: images have the dimensions [N, height, width], labels [N].
    ///   - named: the file's name, for messages.
    /// - Throws: `FormatFault.idx`; images where labels should be, and the reverse, are named as such.
    public init(_ bytes: [UInt8], as content: Content, named: String) throws {
        func fault(_ problem: IDXProblem) -> FormatFault { .idx(file: named, problem) }
        guard bytes.count >= 4 else { throw fault(.tooShort(bytes: bytes.count)) }
        guard bytes[0] == 0, bytes[1] == 0 else { throw fault(.magic(Array(bytes[..<4]))) }
        guard bytes[2] == 8 else { throw fault(.type(bytes[2])) }
        let dimensions = Int(bytes[3])
        guard dimensions == content.dimensions else {
            let other: Content = content == .images ? .labels : .images
            if dimensions == other.dimensions {
                throw fault(.swapped(expected: content.rawValue, found: other.rawValue))
            }
            throw fault(.dimensions(expected: content.dimensions, found: dimensions))
        }
        start = 4 + 4 * dimensions
        guard bytes.count >= start else { throw fault(.tooShort(bytes: bytes.count)) }
        let shape = (0..<dimensions).map { dimension in
            bytes[(4 + 4 * dimension)..<(8 + 4 * dimension)].reduce(0) { $0 << 8 | Int($1) }
        }
        var count = 1
        for size in shape {
            let (product, overflows) = count.multipliedReportingOverflow(by: size)
            guard !overflows else { throw fault(.tooLarge(shape)) }
            count = product
        }
        guard bytes.count - start == count else {
            throw fault(.length(expected: count, found: bytes.count - start))
        }
        self.shape = shape
        self.bytes = bytes
        name = named
    }

    /// The number of images or labels.
    public var count: Int { shape.first ?? 0 }

    /// The elements, as they are in the file.
    public func withElements<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try bytes.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[start...])) }
    }
}
