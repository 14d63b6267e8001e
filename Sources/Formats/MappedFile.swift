// A file's bytes without copying them: a read-only memory map. Meant for the store's objects, which
// are written once and never changed; a file cut short by somebody else while mapped would end
// the program, so nothing that users edit is mapped (read those with `MappedFile.read`).

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The bytes of a whole file, readable from any thread for as long as this object lives.
///
/// Unchecked: `bytes` points to memory that nobody writes after `init`, and that `deinit` frees.
public final class MappedFile: @unchecked Sendable {
    /// The path, or the name given to bytes in memory; for messages.
    public let name: String
    /// All bytes of the file. Keep the `MappedFile` alive while you use them.
    public let bytes: UnsafeRawBufferPointer
    private let isMapped: Bool

    /// Maps a file of any size; an empty file gives no bytes. Messages call it `name`, or by its
    /// path.
    /// - Throws: `FormatFault.system` or `.notAFile`.
    public init(_ path: String, named name: String? = nil) throws {
        self.name = name ?? path
        bytes = try MappedFile.withDescriptor(path) { descriptor, size in
            try MappedFile.map(descriptor, size, path)
        }
        isMapped = bytes.count > 0
    }

    /// Maps an open file of any size; the descriptor may be closed afterwards.
    /// - Throws: `FormatFault.system` or `.notAFile`.
    public init(descriptor: Int32, named name: String) throws {
        self.name = name
        let size = try MappedFile.size(of: descriptor, name)
        bytes = try MappedFile.map(descriptor, size, name)
        isMapped = bytes.count > 0
    }

    private static func map(
        _ descriptor: Int32, _ size: Int, _ path: String
    ) throws -> UnsafeRawBufferPointer {
        guard size > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
        guard let address, address != MAP_FAILED else {
            throw FormatFault.system(file: path, action: "map", code: errno)
        }
        return UnsafeRawBufferPointer(start: address, count: size)
    }

    /// A copy of all bytes.
    public var contents: [UInt8] { withExtendedLifetime(self) { Array(bytes) } }

    /// Holds a copy of bytes in memory, aligned to 64, as if they were a file of this name.
    public init(copying source: [UInt8], named: String) {
        name = named
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 64)
        copy.copyBytes(from: source)
        bytes = UnsafeRawBufferPointer(copy)
        isMapped = false
    }

    /// Reads a whole file into memory of its own, aligned to 64: later edits of it are not seen.
    /// - Throws: `FormatFault.system` or `.notAFile`; a file larger than `limit` is `EFBIG`.
    public init(reading path: String, limit: Int = 1 << 30) throws {
        name = path
        isMapped = false
        bytes = try MappedFile.withDescriptor(path) { descriptor, size in
            guard size <= limit else {
                throw FormatFault.system(file: path, action: "read", code: EFBIG)
            }
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 64)
            do {
                let filled = try MappedFile.fill(buffer, from: descriptor, path)
                return UnsafeRawBufferPointer(rebasing: buffer[..<filled])
            } catch {
                buffer.deallocate()
                throw error
            }
        }
    }

    deinit {
        if isMapped {
            munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
        } else if bytes.count > 0 {
            bytes.deallocate()
        }
    }

    /// Reads a whole file into memory, at most `limit` bytes of it.
    /// - Throws: `FormatFault.system`, `.notAFile`; a larger file is `EFBIG`.
    public static func read(_ path: String, limit: Int = 1 << 30) throws -> [UInt8] {
        try withDescriptor(path) { descriptor, size in
            guard size <= limit else {
                throw FormatFault.system(file: path, action: "read", code: EFBIG)
            }
            return try [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
                filled = try fill(UnsafeMutableRawBufferPointer(buffer), from: descriptor, path)
            }
        }
    }
}
