import Testing

@testable import Randomness

@Suite("Philox and streams")
struct RandomnessTests {
    /// The known answers that Random123 ships (kat_vectors, philox4x32 10).
    @Test(arguments: [
        (
            Philox.Block(0, 0, 0, 0), [UInt32(0), 0],
            Philox.Block(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
        ),
        (
            Philox.Block(.max, .max, .max, .max), [UInt32.max, .max],
            Philox.Block(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
        ),
        (
            Philox.Block(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
            [UInt32(0xa409_3822), 0x299f_31d0],
            Philox.Block(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
        ),
    ])
    func knownAnswers(counter: Philox.Block, key: [UInt32], expected: Philox.Block) {
        #expect(Philox.block(counter: counter, key: (key[0], key[1])) == expected)
    }

    @Test func streamWalksTheBlocksOfItsName() {
        // FNV-1a of "a" is a published vector; the stream puts it in the upper counter words.
        #expect(Stream.fnv1a("a") == 0xAF63_DC4C_8601_EC8C)
        var stream = Stream(seed: 0x0000_0002_0000_0001, name: "a", step: 9)
        for position in UInt32(0)..<3 {
            let block = Philox.block(
                counter: Philox.Block(position, 9, 0x8601_EC8C, 0xAF63_DC4C), key: (1, 2))
            let words = [block.words.0, block.words.1, block.words.2, block.words.3]
            #expect((0..<4).map { _ in stream.next() } == words)
        }
    }

    @Test func namesStepsAndSeedsSeparateStreams() {
        func first(_ seed: UInt64, _ name: String, _ step: UInt32) -> [UInt32] {
            var stream = Stream(seed: seed, name: name, step: step)
            return (0..<8).map { _ in stream.next() }
        }
        let streams = [
            first(1, "x", 0), first(2, "x", 0), first(1 << 32, "x", 0), first(1, "y", 0),
            first(1, "x", 1),
        ]
        #expect(Set(streams).count == streams.count)
        #expect(first(1, "x", 0) == streams[0])
    }

    @Test func uniformIsInTheHalfOpenIntervalWithTheRightMoments() {
        var stream = Stream(seed: 3, name: "uniform")
        let values = (0..<40_000).map { _ in Double(stream.uniform()) }
        #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / Double(values.count)
        // Five standard errors of each.
        #expect(abs(mean - 0.5) < 5 * (1 / 12.0 / 40_000).squareRoot())
        #expect(abs(variance - 1 / 12.0) < 5 * (1 / 180.0 / 40_000).squareRoot())
    }

    @Test(arguments: [1, 2, 3, 7, 10, 1000] as [UInt32])
    func boundedIntegersAreFair(bound: UInt32) {
        var stream = Stream(seed: 5, name: "bounded")
        let draws = 20_000
        var counts = [Int](repeating: 0, count: Int(bound))
        for _ in 0..<draws { counts[Int(stream.below(bound))] += 1 }
        let expected = Double(draws) / Double(bound)
        let chiSquare = counts.map { (Double($0) - expected) * (Double($0) - expected) / expected }
            .reduce(0, +)
        let freedom = Double(bound - 1)
        #expect(chiSquare <= freedom + 5 * (2 * freedom).squareRoot())
    }

    @Test func boundJustAboveHalfTheRangeRejects() {
        // With a bound of 2³¹ + 1 nearly half of the draws are rejected: all results stay inside.
        var stream = Stream(seed: 6, name: "reject")
        let bound: UInt32 = 0x8000_0001
        #expect((0..<1000).allSatisfy { _ in stream.below(bound) < bound })
    }

    @Test(arguments: [0, 1, 2, 5, 1000])
    func permutationHoldsEachOnce(count: Int) {
        var stream = Stream(seed: 7, name: "order")
        let order = stream.permutation(of: count)
        #expect(order.sorted() == Array(0..<count))
        if count == 1000 { #expect(order != Array(0..<count)) }
    }

    @Test func permutationsOfThreeAreFair() {
        var counts: [[Int]: Int] = [:]
        for step in UInt32(0)..<6000 {
            var stream = Stream(seed: 8, name: "order", step: step)
            counts[stream.permutation(of: 3), default: 0] += 1
        }
        #expect(counts.count == 6)
        #expect(counts.values.allSatisfy { abs($0 - 1000) < 150 })
    }
}
