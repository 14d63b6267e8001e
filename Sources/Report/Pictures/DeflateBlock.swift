// One block of a deflate stream: its codes, and its tokens in them (RFC 1951, 3.2.5 to 3.2.7).

/// Tokens that share a code.
struct Block {
    private let tokens: ArraySlice<Deflate.Token>

    init(_ tokens: ArraySlice<Deflate.Token>) { self.tokens = tokens }

    /// Writes the block with the codes that take fewer bits.
    func write(to bits: inout BitWriter, isLast: Bool) {
        var literals = Array(repeating: 0, count: 286)
        var distances = Array(repeating: 0, count: 30)
        literals[Self.end] = 1
        var extra = 0
        for token in tokens {
            switch token {
            case .literal(let byte): literals[Int(byte)] += 1
            case .match(let length, let distance):
                let (first, second) = (Place(length: length), Place(distance: distance))
                literals[first.symbol] += 1
                distances[second.symbol] += 1
                extra += first.extra + second.extra
            }
        }
        let own = Codes(
            literals: HuffmanCode(frequencies: literals, limit: 15),
            distances: HuffmanCode(frequencies: distances, limit: 15))
        let table = CodeTable(own)
        let ownCost = table.cost + own.cost(literals, distances)
        let isFixed = Codes.fixed.cost(literals, distances) <= ownCost
        bits.append(isLast ? 1 : 0, count: 1)
        bits.append(isFixed ? 1 : 2, count: 2)
        if !isFixed { table.write(to: &bits) }
        write(with: isFixed ? .fixed : own, to: &bits)
    }

    private func write(with codes: Codes, to bits: inout BitWriter) {
        for token in tokens {
            switch token {
            case .literal(let byte): codes.literals.write(Int(byte), to: &bits)
            case .match(let length, let distance):
                let (first, second) = (Place(length: length), Place(distance: distance))
                codes.literals.write(first.symbol, to: &bits)
                bits.append(first.offset, count: first.extra)
                codes.distances.write(second.symbol, to: &bits)
                bits.append(second.offset, count: second.extra)
            }
        }
        codes.literals.write(Self.end, to: &bits)
    }

    /// The symbol after the last token.
    private static let end = 256

    /// A length or a distance as a symbol and further bits.
    private struct Place {
        let symbol: Int, offset: Int, extra: Int

        /// 258 has a symbol of its own; up to 10 there are no extra bits; then groups of four.
        init(length: Int) {
            let from = length - 3
            if length == 258 {
                (symbol, offset, extra) = (285, 0, 0)
            } else if from < 8 {
                (symbol, offset, extra) = (257 + from, 0, 0)
            } else {
                extra = Int.bitWidth - 1 - from.leadingZeroBitCount - 2
                symbol = 257 + 4 * extra + from >> extra
                offset = from & ((1 << extra) - 1)
            }
        }

        /// Up to 4 there are no extra bits; then groups of two.
        init(distance: Int) {
            let from = distance - 1
            if from < 4 {
                (symbol, offset, extra) = (from, 0, 0)
            } else {
                extra = Int.bitWidth - 1 - from.leadingZeroBitCount - 1
                symbol = 2 * extra + from >> extra
                offset = from & ((1 << extra) - 1)
            }
        }
    }
}

/// The two codes of a block.
struct Codes {
    let literals: HuffmanCode
    let distances: HuffmanCode

    /// Those of RFC 1951, 3.2.6.
    static let fixed = Codes(
        literals: HuffmanCode(
            lengths: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 }),
        distances: HuffmanCode(lengths: Array(repeating: 5, count: 30)))

    /// Bits for symbols that occur so often, extra bits not counted.
    func cost(_ literals: [Int], _ distances: [Int]) -> Int {
        zip(literals, self.literals.lengths).reduce(0) { $0 + $1.0 * $1.1 }
            + zip(distances, self.distances.lengths).reduce(0) { $0 + $1.0 * $1.1 }
    }
}

/// Codes of its own as a block begins with: their lengths, run-length coded, in a code of their own.
private struct CodeTable {
    /// The order in which the lengths of the third code are written.
    private static let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

    private var runs: [(symbol: Int, offset: Int, extra: Int)] = []
    private let literalCount: Int
    private let distanceCount: Int
    private let code: HuffmanCode
    private let codeCount: Int

    init(_ codes: Codes) {
        func used(_ lengths: [Int], atLeast least: Int) -> Int {
            max(least, (lengths.lastIndex { $0 > 0 } ?? -1) + 1)
        }
        literalCount = used(codes.literals.lengths, atLeast: 257)
        distanceCount = used(codes.distances.lengths, atLeast: 1)
        let lengths =
            codes.literals.lengths.prefix(literalCount)
            + codes.distances.lengths.prefix(distanceCount)
        var index = lengths.startIndex
        while index < lengths.endIndex {
            let value = lengths[index]
            var count = 1
            while index + count < lengths.endIndex, lengths[index + count] == value { count += 1 }
            index += count
            if value > 0 {
                runs.append((value, 0, 0))
                count -= 1
            }
            while count >= 3 {
                if value > 0 {
                    let taken = min(count, 6)
                    runs.append((16, taken - 3, 2))
                    count -= taken
                } else {
                    let taken = min(count, 138)
                    runs.append(taken < 11 ? (17, taken - 3, 3) : (18, taken - 11, 7))
                    count -= taken
                }
            }
            for _ in 0..<count { runs.append((value, 0, 0)) }
        }
        var frequencies = Array(repeating: 0, count: 19)
        for run in runs { frequencies[run.symbol] += 1 }
        let code = HuffmanCode(frequencies: frequencies, limit: 7)
        let written = Self.order.map { code.lengths[$0] }
        self.code = code
        codeCount = max(4, (written.lastIndex { $0 > 0 } ?? -1) + 1)
    }

    /// How many bits the code lengths take in the stream, the three counts before them included.
    var cost: Int {
        14 + 3 * codeCount + runs.reduce(0) { $0 + code.lengths[$1.symbol] + $1.extra }
    }

    func write(to bits: inout BitWriter) {
        bits.append(literalCount - 257, count: 5)
        bits.append(distanceCount - 1, count: 5)
        bits.append(codeCount - 4, count: 4)
        for symbol in Self.order.prefix(codeCount) { bits.append(code.lengths[symbol], count: 3) }
        for run in runs {
            code.write(run.symbol, to: &bits)
            bits.append(run.offset, count: run.extra)
        }
    }
}
