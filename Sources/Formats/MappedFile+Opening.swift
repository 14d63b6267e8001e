// Opens files that others name. A path may lead to a pipe that nobody writes to, a terminal, or a device
// without an end: opening never waits, and nothing but a regular file is ever read.

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension MappedFile {
    /// Opens a regular file for reading and hands it over with its size in bytes; it is closed
    /// afterwards. What the file is, is asked of the open descriptor, not of the path.
    /// - Returns: what `body` returns.
    /// - Throws: `FormatFault.system`, `.notAFile`, or what `body` throws.
    public static func withDescriptor<R>(
        _ path: String, _ body: (_ descriptor: Int32, _ size: Int) throws -> R
    ) throws -> R {
        // Without O_NONBLOCK, a pipe would be waited for until somebody opens its other end.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else {
            // A socket cannot be opened at all, nor a device that is not there.
            if errno == ENXIO || errno == ENODEV { throw FormatFault.notAFile(file: path) }
            throw FormatFault.system(file: path, action: "open", code: errno)
        }
        defer { close(descriptor) }
        return try body(descriptor, size(of: descriptor, path))
    }

    /// The size of a regular file that is open.
    /// - Throws: `FormatFault.system`, `.notAFile`.
    static func size(of descriptor: Int32, _ path: String) throws -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw FormatFault.system(file: path, action: "inspect", code: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw FormatFault.notAFile(file: path) }
        return Int(status.st_size)
    }

    /// Reads a file until the buffer is full or the file ends, which may change size meanwhile: what
    /// counts is what `read` returns.
    /// - Returns: how many bytes were read.
    static func fill(
        _ buffer: UnsafeMutableRawBufferPointer, from descriptor: Int32, _ path: String
    ) throws -> Int {
        var filled = 0
        while filled < buffer.count {
            let place = buffer.baseAddress.map { $0 + filled }
            #if canImport(Glibc)
                let count = Glibc.read(descriptor, place, buffer.count - filled)
            #else
                let count = Darwin.read(descriptor, place, buffer.count - filled)
            #endif
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw FormatFault.system(file: path, action: "read", code: errno)
            }
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}
