// The memory behind a tensor: its own, aligned for the widest vectors, or somebody else's.

import Synchronization

/// A block of floats.
///
/// Written only through `Tensor.withMutableFloats`, which makes sure that nobody else holds it:
/// that is why sharing it between threads is safe.
final class Storage: @unchecked Sendable {
    /// A cache line, and the width of the widest vector register.
    static let alignment = 64

    /// The first float; nil only for borrowed memory of no length.
    let start: UnsafeMutablePointer<Float>?
    /// How many floats there is room for.
    let capacity: Int
    /// False for memory that is somebody else's.
    let isWritable: Bool
    private let owner: (any AnyObject & Sendable)?

    /// Floats that this process has allocated so far, for tests that a loop allocates nothing.
    static let allocated = Atomic<Int>(0)

    private init(uninitialised count: Int) {
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: Self.alignment)
        start = memory.bindMemory(to: Float.self, capacity: max(count, 1))
        capacity = count
        isWritable = true
        owner = nil
        Self.allocated.add(count, ordering: .relaxed)
    }

    convenience init(zeros count: Int) {
        self.init(uninitialised: count)
        start?.initialize(repeating: 0, count: count)
    }

    convenience init(copying other: Storage, count: Int) {
        self.init(uninitialised: count)
        if let source = other.start { start?.initialize(from: source, count: count) }
    }

    init(mapping bytes: UnsafeRawBufferPointer, owner: any AnyObject & Sendable) {
        let floats = bytes.bindMemory(to: Float.self)
        start = UnsafeMutablePointer(mutating: floats.baseAddress)
        capacity = floats.count
        isWritable = false
        self.owner = owner
    }

    deinit {
        if owner == nil { start.map(UnsafeMutableRawPointer.init)?.deallocate() }
    }
}
