// exp, log and the software fma: known answers, special values and the digest of a spread sample.
// All 2³² inputs are checked by pipeline/checks/elementary.sh, on demand.

import CKernels
import Testing

/// The one NaN that exp and log answer.
private let quietNaN: UInt32 = 0x7fc0_0000

/// Every 65,537th bit pattern: each sign and exponent, and ever other fractions.
private let spread = stride(from: UInt32(0), through: .max - 65_537, by: 65_537)

private func exp(_ bits: UInt32) -> UInt32 { ck_expf(Float(bitPattern: bits)).bitPattern }
private func log(_ bits: UInt32) -> UInt32 { ck_logf(Float(bitPattern: bits)).bitPattern }

/// FNV-1a over the words, lowest byte first.
private func digest(_ words: some Sequence<UInt32>) -> UInt64 {
    var state: UInt64 = 0xcbf2_9ce4_8422_2325
    for word in words {
        for shift in stride(from: UInt32(0), to: 32, by: 8) {
            state = (state ^ UInt64(word >> shift & 0xff)) &* 0x100_0000_01b3
        }
    }
    return state
}

@Suite struct ElementaryTests {
    @Test(arguments: ElementaryAnswers.exp)
    func expGivesTheNearestFloat(input: UInt32, output: UInt32) {
        #expect(exp(input) == output, "exp(\(Float(bitPattern: input)))")
    }

    @Test(arguments: ElementaryAnswers.log)
    func logGivesTheNearestFloat(input: UInt32, output: UInt32) {
        #expect(log(input) == output, "log(\(Float(bitPattern: input)))")
    }

    @Test func expHandlesSpecialValues() {
        let one = Float(1).bitPattern
        let infinity = Float.infinity.bitPattern
        #expect(exp(Float(0).bitPattern) == one)
        #expect(exp(Float(-0.0).bitPattern) == one)
        #expect(exp(0x0000_0001) == one)  // the least denormal
        #expect(exp(0x8000_0001) == one)
        #expect(exp(infinity) == infinity)
        #expect(exp((-Float.infinity).bitPattern) == 0)
        #expect(exp(Float.greatestFiniteMagnitude.bitPattern) == infinity)
        #expect(exp((-Float.greatestFiniteMagnitude).bitPattern) == 0)
        // The last finite result, the last denormal and the first zero.
        #expect(exp(0x42b1_7217) == 0x7f7f_ff84)
        #expect(exp(0x42b1_7218) == infinity)
        #expect(exp(0xc2cf_f1b4) == 1)
        #expect(exp(0xc2cf_f1b5) == 0)
        for nan: UInt32 in [0x7fc0_0000, 0xffc0_0000, 0x7f80_0001, 0xffff_ffff] {
            #expect(exp(nan) == quietNaN)
        }
    }

    @Test func logHandlesSpecialValues() {
        let minusInfinity = (-Float.infinity).bitPattern
        #expect(log(Float(1).bitPattern) == 0)
        #expect(log(0) == minusInfinity)
        #expect(log(0x8000_0000) == minusInfinity)
        #expect(log(Float.infinity.bitPattern) == Float.infinity.bitPattern)
        for invalid: UInt32 in [
            0x8000_0001, 0xbf80_0000, 0xff7f_ffff, 0xff80_0000,  // negative
            0x7fc0_0000, 0xffc0_0000, 0x7f80_0001, 0xffff_ffff,  // NaN
        ] {
            #expect(log(invalid) == quietNaN)
        }
    }

    @Test func bothGrowWithTheirInput() {
        // Neighbouring floats around the places where the reduction changes its integer.
        for start: Float in [0.3465, 1.0397, 2, 17.67, 64.46, 0x1p-24, 1, 1.4142, 0x1p-127, 0.7071]
        {
            var bits = start.bitPattern - 2000
            var before = (exp: exp(bits), log: ck_logf(Float(bitPattern: bits)))
            for _ in 0..<4000 {
                bits += 1
                let now = (exp: exp(bits), log: ck_logf(Float(bitPattern: bits)))
                guard now.exp >= before.exp, now.log >= before.log else {
                    Issue.record("falls at \(Float(bitPattern: bits))")
                    return
                }
                before = now
            }
        }
    }

    @Test func aSpreadSampleHasItsDigest() {
        #expect(digest(spread.lazy.map(exp)) == ElementaryAnswers.expDigest)
        #expect(digest(spread.lazy.map(log)) == ElementaryAnswers.logDigest)
    }
}

@Suite struct SoftwareFusedMultiplyAddTests {
    /// Magnitudes at which something changes: zeros, denormals, powers of two and neighbours, ends.
    static let magnitudes: [UInt32] = [
        0, 1, 2, 0x7f_ffff, 0x80_0000, 0x80_0001, 0x3380_0001, 0x3400_0000, 0x3eff_ffff,
        0x3f7f_ffff, 0x3f80_0000, 0x3f80_0001, 0x4b7f_ffff, 0x7eff_ffff, 0x7f00_0000,
        0x7f7f_ffff, 0x7f80_0000, 0x7fc0_0000,
    ]

    /// Swift's fused operation: an instruction or the C library's function, by platform.
    private func agrees(_ a: UInt32, _ b: UInt32, _ c: UInt32) -> Bool {
        let (x, y, z) = (Float(bitPattern: a), Float(bitPattern: b), Float(bitPattern: c))
        let ours = ck_soft_fma(x, y, z)
        let theirs = z.addingProduct(x, y)
        return ours.bitPattern == theirs.bitPattern || (ours.isNaN && theirs.isNaN)
    }

    @Test func specialOperandsAgree() {
        let operands = Self.magnitudes.flatMap { [$0, $0 | 0x8000_0000] }
        for a in operands {
            for b in operands {
                for c in operands where !agrees(a, b, c) {
                    Issue.record("fma of \(Float(bitPattern: a)), \(Float(bitPattern: b)), \(c)")
                    return
                }
            }
        }
    }

    @Test func spreadOperandsAgree() {
        var state: UInt64 = 1
        func draw() -> UInt32 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt32(state >> 32)
        }
        for round in 0..<100_000 {
            let (a, b) = (draw(), draw())
            let product = Float(bitPattern: a) * Float(bitPattern: b)
            let addends: [UInt32] = [
                draw(), (-product).bitPattern, (product * 0x1p-24).bitPattern,
                (product * 0x1p+24).bitPattern ^ 1,
            ]
            for c in addends where !agrees(a, b, c) {
                Issue.record("round \(round): fma of \(a), \(b), \(c) as bit patterns")
                return
            }
        }
    }

    @Test func roundsOnceWhereDoubleRoundsTwice() {
        // 1 + 2⁻²⁴ is halfway between two floats: ties go to the even one, down.
        #expect(ck_soft_fma(0x1p-24, 1, 1) == 1)
        #expect(ck_soft_fma(0x1p-24, 0x1.000002p+0, 1) == 0x1.000002p+0)
        // (1 + 2⁻¹²)² = 1 + 2⁻¹¹ + 2⁻²⁴ is halfway too. An addend of 2⁻⁶⁰ decides, and would be
        // lost if the sum were rounded to double on the way.
        let a: Float = 0x1.001p+0
        #expect(ck_soft_fma(a, a, 0x1p-60) == 0x1.002002p+0)
        #expect(ck_soft_fma(a, a, 0) == 0x1.002p+0)
        #expect(ck_soft_fma(a, a, -0x1p-60) == 0x1.002p+0)
    }
}
