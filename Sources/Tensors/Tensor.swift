// Dense arrays of Float32 with a shape. A tensor is a value: copies share their memory until one
// of them is written. Raw pointers are opened in this module only.

/// A dense, row-major array of 32-bit floats.
///
/// Images are [N, C, H, W] with pixels in [0, 1]; matrices are [rows, columns].
public struct Tensor: Sendable {
    /// The length of each axis, outermost first. An empty shape is a scalar.
    public private(set) var shape: [Int]
    private var storage: Storage

    /// The number of elements: the product of the axes.
    public private(set) var count: Int

    /// A tensor of zeros.
    ///
    /// - Precondition: No axis is negative.
    public init(shape: [Int]) {
        self.shape = shape
        count = Self.count(of: shape)
        storage = Storage(zeros: count)
    }

    /// A tensor that holds `values` in row-major order.
    ///
    /// - Precondition: The shape holds as many elements as there are values.
    public init(shape: [Int], values: [Float]) {
        precondition(
            Self.count(of: shape) == values.count,
            "Tensor: shape \(shape) holds \(Self.count(of: shape)) values, got \(values.count)")
        self.init(shape: shape)
        withMutableFloats { target in _ = target.update(fromContentsOf: values) }
    }

    /// A tensor over memory that `owner` keeps alive, such as a mapped file: nothing is copied
    /// until the first write.
    ///
    /// - Precondition: `bytes` holds exactly the shape's floats and starts on a multiple of four.
    public init(
        mapping bytes: UnsafeRawBufferPointer, shape: [Int], owner: any AnyObject & Sendable
    ) {
        self.shape = shape
        count = Self.count(of: shape)
        precondition(
            bytes.count == count * MemoryLayout<Float>.stride,
            "Tensor: shape \(shape) takes \(count * 4) bytes, got \(bytes.count)")
        storage = Storage(mapping: bytes, owner: owner)
    }

    /// The product of the axes.
    public static func count(of shape: [Int]) -> Int {
        shape.reduce(1) { product, axis in
            precondition(axis >= 0, "Tensor: negative axis in shape \(shape)")
            return product * axis
        }
    }

    /// The elements, read-only.
    public func withFloats<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeBufferPointer(start: storage.start, count: count))
    }

    /// The elements as bytes in the machine's order, read-only.
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withFloats { try body(UnsafeRawBufferPointer($0)) }
    }

    /// The elements, to be written. Memory shared with another tensor is copied first.
    public mutating func withMutableFloats<R>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> R
    ) rethrows -> R {
        if !isKnownUniquelyReferenced(&storage) || !storage.isWritable {
            storage = Storage(copying: storage, count: count)
        }
        defer { withExtendedLifetime(storage) {} }
        return try body(UnsafeMutableBufferPointer(start: storage.start, count: count))
    }

    /// The elements in row-major order.
    public var values: [Float] { withFloats { Array($0) } }

    /// The same elements under another shape.
    ///
    /// - Precondition: Both shapes hold equally many elements.
    public func reshaped(_ shape: [Int]) -> Tensor {
        precondition(
            Self.count(of: shape) == count, "Tensor: \(self.shape) cannot become \(shape)")
        var copy = self
        copy.shape = shape
        return copy
    }

    /// Takes another shape over the first `count` elements.
    mutating func setShape(_ shape: [Int], count: Int) {
        self.shape = shape
        self.count = count
    }

    /// Makes this tensor hold `shape`, keeping its memory where that is large enough. The
    /// elements are unspecified afterwards: this is for buffers that are about to be written.
    public mutating func reserve(_ shape: [Int]) {
        self.shape = shape
        count = Self.count(of: shape)
        let fits = count <= storage.capacity && storage.isWritable
        if !fits || !isKnownUniquelyReferenced(&storage) { storage = Storage(zeros: count) }
    }
}
