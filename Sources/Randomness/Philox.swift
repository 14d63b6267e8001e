// Philox4x32-10, the counter-based generator of Salmon, Moraes, Dror and Shaw, "Parallel Random
// Numbers: As Easy as 1, 2, 3" (SC 2011). A block is a pure function of key and counter: draws
// can be made in any order, on any thread, without a state to carry.

/// The Philox4x32-10 block function.
public enum Philox {
    /// Four 32-bit words: the unit that the generator works in.
    public struct Block: Equatable, Sendable {
        /// The words, in the order of the paper.
        public var words: (UInt32, UInt32, UInt32, UInt32)

        /// Makes a block of four words.
        public init(_ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: UInt32) {
            words = (a, b, c, d)
        }

        /// Whether all four words agree.
        public static func == (left: Block, right: Block) -> Bool {
            left.words == right.words
        }
    }

    private static let multipliers: (UInt64, UInt64) = (0xD251_1F53, 0xCD9E_8D57)
    private static let weyl: (UInt32, UInt32) = (0x9E37_79B9, 0xBB67_AE85)
    private static let rounds = 10

    /// The random block that belongs to `counter` under `key`.
    ///
    /// - Parameters:
    ///   - counter: Four words; the first is meant to be the one that counts.
    ///   - key: Two words: the seed.
    /// - Returns: Four words, each uniform over all 2³² values.
    public static func block(counter: Block, key: (UInt32, UInt32)) -> Block {
        var (c0, c1, c2, c3) = counter.words
        var (k0, k1) = key
        for _ in 0..<rounds {
            let product0 = multipliers.0 &* UInt64(c0)
            let product1 = multipliers.1 &* UInt64(c2)
            c0 = UInt32(truncatingIfNeeded: product1 >> 32) ^ c1 ^ k0
            c1 = UInt32(truncatingIfNeeded: product1)
            c2 = UInt32(truncatingIfNeeded: product0 >> 32) ^ c3 ^ k1
            c3 = UInt32(truncatingIfNeeded: product0)
            k0 = k0 &+ weyl.0
            k1 = k1 &+ weyl.1
        }
        return Block(c0, c1, c2, c3)
    }
}
