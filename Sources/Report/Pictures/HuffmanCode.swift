// Huffman codes no longer than a limit, by the package-merge algorithm of Larmore and Hirschberg, "A
// fast algorithm for optimal length-limited Huffman codes" (1990): the best ones that there are, and
// the same ones on every machine.

/// A canonical prefix code, as deflate numbers them.
struct HuffmanCode {
    /// The length of each symbol's code; 0 for one that does not occur.
    let lengths: [Int]
    private let codes: [Int]

    /// The code of these lengths.
    init(lengths: [Int]) {
        self.lengths = lengths
        var codes = Array(repeating: 0, count: lengths.count)
        var code = 0
        for length in 1...(max(1, lengths.max() ?? 1)) {
            for (symbol, own) in lengths.enumerated() where own == length {
                // The highest bit goes first, and our writer begins with the lowest.
                for bit in 0..<length where code & (1 << bit) != 0 {
                    codes[symbol] |= 1 << (length - 1 - bit)
                }
                code += 1
            }
            code <<= 1
        }
        self.codes = codes
    }

    /// The best code for symbols that occur so often, none longer than `limit`.
    /// - Precondition: 2 to the power of `limit` is not less than the number of symbols.
    init(frequencies: [Int], limit: Int) {
        self.init(lengths: Self.lengths(frequencies, limit: limit))
    }

    private static func lengths(_ frequencies: [Int], limit: Int) -> [Int] {
        var lengths = Array(repeating: 0, count: frequencies.count)
        let leaves = frequencies.indices.filter { frequencies[$0] > 0 }
            .sorted { (frequencies[$0], $0) < (frequencies[$1], $1) }
        precondition(leaves.count <= 1 << limit, "HuffmanCode: \(leaves.count) symbols")
        guard leaves.count > 1 else {
            // A code of one symbol still takes a bit.
            if let only = leaves.first { lengths[only] = 1 }
            return lengths
        }
        // A package is a symbol, or two packages of the round before; its weight is how often all
        // in it occur. What the cheapest 2n − 2 of the last round hold has to grow by a bit each.
        typealias Package = (weight: Int, symbols: [Int])
        let single: [Package] = leaves.map { (frequencies[$0], [$0]) }
        var row = single
        for _ in 1..<limit {
            var pairs: [Package] = []
            for place in stride(from: 0, to: row.count - 1, by: 2) {
                let (first, second) = (row[place], row[place + 1])
                pairs.append((first.weight + second.weight, first.symbols + second.symbols))
            }
            row = merged(single, pairs)
        }
        for package in row.prefix(2 * leaves.count - 2) {
            for symbol in package.symbols { lengths[symbol] += 1 }
        }
        return lengths
    }

    /// Two sorted lists as one; of equal weights, symbols before pairs.
    private static func merged(
        _ single: [(weight: Int, symbols: [Int])], _ pairs: [(weight: Int, symbols: [Int])]
    ) -> [(weight: Int, symbols: [Int])] {
        var result: [(weight: Int, symbols: [Int])] = []
        var next = pairs[...]
        for package in single {
            while let pair = next.first, pair.weight < package.weight {
                result.append(pair)
                next = next.dropFirst()
            }
            result.append(package)
        }
        return result + next
    }

    /// Writes the code of a symbol, which has to have one: its length is not 0.
    func write(_ symbol: Int, to bits: inout BitWriter) {
        bits.append(codes[symbol], count: lengths[symbol])
    }
}

/// Collects bits, lowest first, as deflate wants them.
struct BitWriter {
    private var bytes: [UInt8]
    private var pending: UInt64 = 0
    private var held = 0

    /// Bits that follow some bytes.
    init(bytes: [UInt8]) { self.bytes = bytes }

    /// Adds the lowest bits of a number.
    mutating func append(_ value: Int, count: Int) {
        pending |= UInt64(value) << UInt64(held)
        held += count
        while held >= 8 {
            bytes.append(UInt8(truncatingIfNeeded: pending))
            pending >>= 8
            held -= 8
        }
    }

    /// The bytes, the last one filled up with zeros.
    var finished: [UInt8] { held > 0 ? bytes + [UInt8(truncatingIfNeeded: pending)] : bytes }
}
