// A position in bytes that belong to somebody else. Every step is checked against the end.

/// Reads little-endian numbers and runs of bytes, front to back, from part of a file.
struct ByteReader {
    let bytes: UnsafeRawBufferPointer
    /// What the file is called, for messages.
    let name: String
    /// The offset of the next byte.
    var position: Int
    /// One past the last byte that may be read.
    let end: Int

    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, named: String) {
        self.bytes = bytes
        name = named
        position = range.lowerBound
        end = range.upperBound
    }

    func fault(_ problem: TorchProblem, at place: Int? = nil) -> FormatFault {
        .torch(file: name, at: place ?? position, problem)
    }

    /// The next `count` bytes, as offsets in the file.
    mutating func take(_ count: Int, of what: String) throws -> Range<Int> {
        guard count >= 0, count <= end - position else { throw fault(.truncated(what: what)) }
        defer { position += count }
        return position..<(position + count)
    }

    /// The next number, least significant byte first.
    mutating func number<N: FixedWidthInteger>(_: N.Type, of what: String) throws -> N {
        let place = try take(MemoryLayout<N>.size, of: what)
        return N(littleEndian: bytes.loadUnaligned(fromByteOffset: place.lowerBound, as: N.self))
    }

    /// The bytes up to the next line feed, which is passed over.
    mutating func line(of what: String, limit: Int) throws -> Range<Int> {
        let start = position
        while position < end, position - start <= limit {
            position += 1
            if bytes[position - 1] == 10 { return start..<(position - 1) }
        }
        throw fault(
            position < end
                ? .limit(
                    what: "bytes of \(what)", limit: limit,
                    found: position - start) : .truncated(what: what), at: start)
    }
}
