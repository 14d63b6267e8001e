// The floats that weights come in, as Float32. The same for every container, so that one network has
// the same weights whatever file they came in.

extension DType {
    /// Whether the elements are floating-point numbers that `widen` makes Float32 of.
    public var isFloat: Bool { [.f64, .f32, .f16, .bf16].contains(self) }

    /// Converts little-endian elements of this type to Float32: halves and bfloat16 are widened, which
    /// is exact; doubles are rounded to the nearest float, ties to even, and beyond the largest
    /// become infinite. A NaN stays a NaN.
    /// - Precondition: `isFloat`, and `bytes` are as many elements as `target` has room for.
    public func widen(
        _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(isFloat, "widen: the elements are \(rawValue)")
        precondition(
            bytes.count == target.count * size,
            "widen: \(bytes.count) bytes of \(rawValue) for \(target.count) floats")
        func raw<N: FixedWidthInteger>(_ index: Int, _: N.Type) -> N {
            N(
                littleEndian: bytes.loadUnaligned(
                    fromByteOffset: index * MemoryLayout<N>.size, as: N.self))
        }
        switch self {
        case .f64:
            for index in target.indices {
                target[index] = Float(Double(bitPattern: raw(index, UInt64.self)))
            }
        case .f16:
            for index in target.indices { target[index] = Float(half: raw(index, UInt16.self)) }
        case .bf16:
            for index in target.indices {
                target[index] = Float(bitPattern: UInt32(raw(index, UInt16.self)) << 16)
            }
        default:
            for index in target.indices {
                target[index] = Float(bitPattern: raw(index, UInt32.self))
            }
        }
    }
}

extension Float {
    /// The value of an IEEE half: exact, and without the hardware's own type, which some lack.
    init(half: UInt16) {
        let sign = UInt32(half >> 15) << 31
        let exponent = UInt32(half >> 10 & 31)
        let fraction = UInt32(half & 1023)
        switch exponent {
        case 0:
            let size = Float(fraction) * 0x1p-24
            self.init(bitPattern: sign | size.bitPattern)
        case 31: self.init(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default: self.init(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }
}
