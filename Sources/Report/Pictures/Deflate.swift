// A deflate encoder of our own (RFC 1951), because zlib's bytes differ from release to release
// and the report's must not: greedy matches over hash chains, then Huffman codes made for each block,
// or the fixed ones where those take less. It comes within a few hundredths of zlib's best.

/// Compresses bytes, always to the same bytes.
enum Deflate {
    /// How many literals and matches share a code: photographs change from part to part.
    private static let blockLength = 1 << 15

    /// A zlib stream (RFC 1950): header, deflate blocks, Adler-32.
    static func zlib(_ data: [UInt8]) -> [UInt8] {
        var bits = BitWriter(bytes: [0x78, 0x01])
        let tokens = tokens(of: data)
        var start = 0
        repeat {
            let end = min(start + blockLength, tokens.count)
            Block(tokens[start..<end]).write(to: &bits, isLast: end == tokens.count)
            start = end
        } while start < tokens.count
        return bits.finished + Checksums.adler32(data).bigEndianBytes
    }

    /// A byte as it is, or a match of what came before.
    enum Token {
        case literal(UInt8)
        case match(length: Int, distance: Int)
    }

    private static func tokens(of data: [UInt8]) -> [Token] {
        var tokens: [Token] = []
        var matcher = Matcher(data: data)
        var position = 0
        while position < data.count {
            let match = matcher.longest(at: position)
            tokens.append(
                match.length >= Matcher.shortest
                    ? .match(length: match.length, distance: match.distance)
                    : .literal(data[position]))
            let end = position + max(1, match.length)
            while position < end {
                matcher.remember(position)
                position += 1
            }
        }
        return tokens
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
