// Inflates gzip by zlib, in pieces as they arrive, with a limit on what comes out, so that
// a small file cannot fill the memory. One member only: what follows it is refused, since
// in a download it is a sign of damage. The same for the bare stream in an entry of a zip archive.

import CZlib

/// Inflates one gzip stream; feed it pieces of any size, then call `finish`.
public final class GzipInflater {
    private let name: String
    private let limit: Int
    private let isBare: Bool
    /// At a fixed address, since zlib keeps a pointer to it.
    private let stream: UnsafeMutablePointer<z_stream>
    private let buffer: UnsafeMutableRawBufferPointer
    private var start: [UInt8] = []
    private var isAtEnd = false
    /// How many bytes came out so far.
    public private(set) var count = 0

    /// An inflater that has been fed nothing yet.
    /// - Parameters:
    ///   - named: the file's name, for messages.
    ///   - limit: how many bytes may come out.
    ///   - isBare: whether it is a deflate stream without gzip's header and checksum.
    /// - Throws: `FormatFault.gzip` when memory is short.
    public init(named: String, limit: Int, isBare: Bool = false) throws {
        name = named
        self.limit = limit
        self.isBare = isBare
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        buffer = .allocate(byteCount: 1 << 17, alignment: 16)
        // 15 is the largest window, + 16 stands for gzip and nothing else, − for no header at all.
        let code = inflateInit2_(
            stream, isBare ? -15 : 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw FormatFault.gzip(file: named, .memory) }
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
        buffer.deallocate()
    }

    /// Whether bytes start as gzip does.
    public static func matches(_ bytes: some Sequence<UInt8>) -> Bool {
        bytes.starts(with: [31, 139])
    }

    /// Inflates the next piece and hands on what comes out, in one or more pieces.
    /// - Throws: `FormatFault.gzip`, or what `output` throws.
    public func feed(
        _ piece: UnsafeRawBufferPointer, output: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        if !isBare, start.count < 2 {
            start += piece.prefix(2 - start.count)
            guard [31, 139].starts(with: start) else { throw fault(.notGzip(start)) }
        }
        var rest = piece[...]
        while !rest.isEmpty {
            guard !isAtEnd else { throw fault(.trailing(bytes: rest.count)) }
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
            stream.pointee.next_in = UnsafeMutablePointer(
                mutating: part.assumingMemoryBound(to: UInt8.self).baseAddress)
            stream.pointee.avail_in = UInt32(part.count)
            repeat {
                stream.pointee.next_out = buffer.assumingMemoryBound(to: UInt8.self).baseAddress
                stream.pointee.avail_out = UInt32(buffer.count)
                let code = CZlib.inflate(stream, Z_NO_FLUSH)
                // Z_BUF_ERROR only says that this piece is used up.
                guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else {
                    throw fault(code == Z_MEM_ERROR ? .memory : .damaged(message(code)))
                }
                let produced = buffer.count - Int(stream.pointee.avail_out)
                count += produced
                guard count <= limit else { throw fault(.tooLarge(limit: limit)) }
                try output(UnsafeRawBufferPointer(rebasing: buffer[..<produced]))
                isAtEnd = code == Z_STREAM_END
            } while !isAtEnd && stream.pointee.avail_out == 0
            rest = rest.dropFirst(part.count - Int(stream.pointee.avail_in))
        }
    }

    /// Checks that the stream came to its end, checksum included.
    /// - Throws: `FormatFault.gzip`.
    public func finish() throws {
        guard isAtEnd else { throw fault(.truncated(after: count)) }
    }

    /// Inflates a whole file in memory.
    /// - Throws: `FormatFault.gzip`.
    public static func inflate(_ bytes: [UInt8], named: String, limit: Int) throws -> [UInt8] {
        try bytes.withUnsafeBytes { try inflate($0, named: named, limit: limit, isBare: false) }
    }

    static func inflate(
        _ bytes: UnsafeRawBufferPointer, named: String, limit: Int, isBare: Bool
    ) throws -> [UInt8] {
        let inflater = try GzipInflater(named: named, limit: limit, isBare: isBare)
        var result: [UInt8] = []
        try inflater.feed(bytes) { result.append(contentsOf: $0) }
        try inflater.finish()
        return result
    }

    private func message(_ code: Int32) -> String {
        stream.pointee.msg.map { String(cString: $0) } ?? "zlib error \(code)"
    }

    private func fault(_ problem: GzipProblem) -> FormatFault { .gzip(file: name, problem) }
}
