// Random signs, for attacks that estimate a slope.

import Randomness

/// Random signs, 32 from one draw.
struct RandomSigns {
    /// `count` values of ±1.
    static func draw(_ random: inout Randomness.Stream, count: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { signs, filled in
            var index = 0
            while index < count {
                let bits = random.next()
                for bit in 0..<UInt32(min(32, count - index)) {
                    // The sign bit of 1.
                    signs[index] = Float(bitPattern: 0x3F80_0000 | (bits >> bit & 1) << 31)
                    index += 1
                }
            }
            filled = count
        }
    }
}
