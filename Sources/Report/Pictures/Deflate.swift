// A deflate encoder of our own (RFC 1951), because zlib's bytes differ from release to release
// and the report's must not: greedy matches over hash chains, fixed Huffman codes, one block.
// It gives about twice the size of the best encoder on our pictures, a quarter of stored blocks.

/// Compresses bytes, always to the same bytes.
enum Deflate {
    /// A zlib stream (RFC 1950): header, one deflate block, Adler-32.
    static func zlib(_ data: [UInt8]) -> [UInt8] {
        var bits = BitWriter(bytes: [0x78, 0x01])
        bits.append(0b011, count: 3)  // last block, fixed codes
        var matcher = Matcher(data: data)
        var position = 0
        while position < data.count {
            let match = matcher.longest(at: position)
            if match.length >= Matcher.shortest {
                bits.append(length: match.length)
                bits.append(distance: match.distance)
            } else {
                bits.append(symbol: Int(data[position]))
            }
            let end = position + max(1, match.length)
            while position < end {
                matcher.remember(position)
                position += 1
            }
        }
        bits.append(symbol: 256)
        return bits.finished + Checksums.adler32(data).bigEndianBytes
    }
}

/// Finds what was said before.
private struct Matcher {
    static let shortest = 3
    private static let longestLength = 258
    private static let window = 32_768
    /// How many earlier places are looked at.
    private static let patience = 64
    private static let buckets = 1 << 15

    private let data: [UInt8]
    private var heads = [Int32](repeating: -1, count: buckets)
    private var previous: [Int32]

    init(data: [UInt8]) {
        self.data = data
        previous = Array(repeating: -1, count: data.count)
    }

    private func bucket(_ position: Int) -> Int {
        let key =
            UInt32(data[position]) << 16 | UInt32(data[position + 1]) << 8
            | UInt32(data[position + 2])
        return Int((key &* 2_654_435_761) >> 17)
    }

    mutating func remember(_ position: Int) {
        guard position + Self.shortest <= data.count else { return }
        let bucket = bucket(position)
        previous[position] = heads[bucket]
        heads[bucket] = Int32(position)
    }

    /// The longest match before a position, the nearest of equals; length 0 if there is none.
    func longest(at position: Int) -> (length: Int, distance: Int) {
        var best = (length: 0, distance: 0)
        guard position + Self.shortest <= data.count else { return best }
        let limit = min(Self.longestLength, data.count - position)
        var candidate = Int(heads[bucket(position)])
        var looks = Self.patience
        data.withUnsafeBufferPointer { data in
            while candidate >= 0, position - candidate <= Self.window, looks > 0 {
                var length = 0
                while length < limit && data[candidate + length] == data[position + length] {
                    length += 1
                }
                if length > best.length { best = (length, position - candidate) }
                if length == limit { break }
                candidate = Int(previous[candidate])
                looks -= 1
            }
        }
        return best.length >= Self.shortest ? best : (0, 0)
    }
}

/// Collects bits, lowest first, as deflate wants them.
private struct BitWriter {
    private var bytes: [UInt8]
    private var pending: UInt32 = 0
    private var held = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func append(_ value: Int, count: Int) {
        pending |= UInt32(value) << UInt32(held)
        held += count
        while held >= 8 {
            bytes.append(UInt8(truncatingIfNeeded: pending))
            pending >>= 8
            held -= 8
        }
    }

    /// A Huffman code: its highest bit goes first.
    private mutating func append(code: Int, count: Int) {
        var reversed = 0
        for bit in 0..<count where code & (1 << bit) != 0 { reversed |= 1 << (count - 1 - bit) }
        append(reversed, count: count)
    }

    /// A literal, the end mark or a length, in the fixed code of RFC 1951, 3.2.6.
    mutating func append(symbol: Int) {
        switch symbol {
        case ..<144: append(code: 0x30 + symbol, count: 8)
        case ..<256: append(code: 0x190 + symbol - 144, count: 9)
        case ..<280: append(code: symbol - 256, count: 7)
        default: append(code: 0xC0 + symbol - 280, count: 8)
        }
    }

    mutating func append(length: Int) {
        // 258 has a symbol of its own; up to 10 there are no extra bits; then groups of four.
        if length == 258 { return append(symbol: 285) }
        let offset = length - 3
        if offset < 8 { return append(symbol: 257 + offset) }
        let extra = Int.bitWidth - 1 - offset.leadingZeroBitCount - 2
        append(symbol: 257 + 4 * extra + offset >> extra)
        append(offset & ((1 << extra) - 1), count: extra)
    }

    mutating func append(distance: Int) {
        let offset = distance - 1
        if offset < 4 { return append(code: offset, count: 5) }
        let extra = Int.bitWidth - 1 - offset.leadingZeroBitCount - 1
        append(code: 2 * extra + offset >> extra, count: 5)
        append(offset & ((1 << extra) - 1), count: extra)
    }

    /// The bytes, the last one filled up with zeros.
    var finished: [UInt8] { held > 0 ? bytes + [UInt8(truncatingIfNeeded: pending)] : bytes }
}
