// The numbers that the report's scripts are tried on: those at which a rounding or a sign goes wrong first.

import Randomness
import Tensors

/// Values in ±1 with zeros of both signs and denormals among them, so that a product of two may be too
/// small for a float.
func roughNumbers(_ shape: [Int], _ name: String) -> Tensor {
    var random = Stream(seed: 3, name: name)
    let special: [Float] = [0, -0.0, 0x1p-130, -0x1p-149, 1]
    let values = (0..<Tensor.count(of: shape)).map { _ in
        let value = 2 * random.uniform() - 1
        return random.below(4) > 0 ? value : special[Int(random.below(UInt32(special.count)))]
    }
    return Tensor(shape: shape, values: values)
}

/// Any floats at all, by their bits.
func anyNumbers(_ count: Int, _ name: String) -> Tensor {
    var random = Stream(seed: 8, name: name)
    return Tensor(shape: [count], values: (0..<count).map { _ in Float(bitPattern: random.next()) })
}

/// Sums whose exact value lies in the middle between two floats, or too near to it for a double to tell,
/// at every exponent; and where nearly all is cancelled.
func hostileSums() -> [(a: Float, b: Float, c: Float)] {
    var random = Stream(seed: 1, name: "sums")
    var sums: [(a: Float, b: Float, c: Float)] = []
    for exponent in UInt32(0)..<255 {
        for _ in 0..<80 {
            let c = Float(bitPattern: random.next() & 0x807f_ffff | exponent << 23)
            // a·b is half of c's unit, less by 2^-2k of it, or so.
            let half = Int(max(exponent, 1)) - 127 - 24
            let left = half / 2
            let offset = Float(sign: .plus, exponent: -Int(random.below(23)) - 1, significand: 1)
            let isExact = random.below(3) == 0
            let a = Float(sign: .plus, exponent: left, significand: isExact ? 1 : 1 + offset)
            let b = Float(sign: .plus, exponent: half - left, significand: isExact ? 1 : 1 - offset)
            let sign: Float = random.below(2) == 0 ? 1 : -1
            sums.append((sign * a, b, c))
            let d = Float(bitPattern: random.next() & 0x007f_ffff | 0x3f80_0000)
            sums.append((a, d, -(a * d)))
        }
    }
    return sums
}
