// Named streams of random numbers. A draw is keyed by (seed, stream name, step, position), so a
// new draw in one place moves no other, and sample 4,711 gets the same numbers in any batch.

/// A sequence of random numbers that belongs to a name.
///
/// Two streams with the same seed, name and step give the same numbers on every machine; a
/// stream is a value, so a copy repeats what the original gives from there on.
///
///     var random = Stream(seed: 1, name: "train/shuffle", step: epoch)
///     let order = random.permutation(of: 60_000)
public struct Stream: Sendable {
    private let key: (UInt32, UInt32)
    private let name: UInt64
    private let step: UInt32
    private var position: UInt32 = 0
    private var block = Philox.Block(0, 0, 0, 0)
    private var left = 0

    /// Opens the stream at its first number.
    ///
    /// - Parameters:
    ///   - seed: The seed of the whole run.
    ///   - name: What the numbers are for, such as "train/shuffle".
    ///   - step: An epoch, a sample index: whatever numbers the uses of one name.
    public init(seed: UInt64, name: String, step: UInt32 = 0) {
        key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
        self.name = Self.fnv1a(name)
        self.step = step
    }

    /// Where the stream's numbers come from: number e is word e mod 4 of the Philox block with this
    /// key and the counter (⌊e / 4⌋, step, name). For kernels that draw many at once.
    public var coordinates: (key: (UInt32, UInt32), step: UInt32, name: (UInt32, UInt32)) {
        (key, step, (UInt32(truncatingIfNeeded: name), UInt32(truncatingIfNeeded: name >> 32)))
    }

    /// The 64-bit FNV-1a hash: names become counter words by a function anyone can repeat.
    static func fnv1a(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// The next number, uniform over all 32-bit values. The period is 2³⁴ numbers.
    public mutating func next() -> UInt32 {
        if left == 0 {
            let counter = Philox.Block(
                position, step, UInt32(truncatingIfNeeded: name),
                UInt32(truncatingIfNeeded: name >> 32))
            block = Philox.block(counter: counter, key: key)
            position = position &+ 1
            left = 4
        }
        left -= 1
        switch left {
        case 3: return block.words.0
        case 2: return block.words.1
        case 1: return block.words.2
        default: return block.words.3
        }
    }

    /// A number in [0, 1): the upper 24 bits of a draw times 2⁻²⁴, so each value is exact.
    public mutating func uniform() -> Float {
        Float(next() >> 8) * 0x1p-24
    }

    /// An integer in 0..<`bound`, every value equally likely (rejection; D. Lemire, "Fast Random
    /// Integer Generation in an Interval", 2019).
    ///
    /// - Precondition: `bound` is positive.
    public mutating func below(_ bound: UInt32) -> UInt32 {
        precondition(bound > 0, "Stream.below: the bound must be positive")
        var product = UInt64(next()) &* UInt64(bound)
        if UInt32(truncatingIfNeeded: product) < bound {
            let threshold = (0 &- bound) % bound
            while UInt32(truncatingIfNeeded: product) < threshold {
                product = UInt64(next()) &* UInt64(bound)
            }
        }
        return UInt32(truncatingIfNeeded: product >> 32)
    }

    /// A random order of 0..<`count` (Fisher–Yates, from the last place down).
    public mutating func permutation(of count: Int) -> [Int] {
        var order = Array(0..<count)
        order.withUnsafeMutableBufferPointer { order in
            var last = order.count - 1
            while last > 0 {
                order.swapAt(last, Int(below(UInt32(last + 1))))
                last -= 1
            }
        }
        return order
    }
}
