import CKernels
import Randomness
import Testing

@testable import Tensors

@Suite("Optimisers and dropout")
struct OptimiserTests {
    @Test func descentFollowsItsDefinition() {
        for nesterov in [false, true] {
            for engine in engines {
                var (w, v) = (numbers([1003], "w"), Tensor(shape: [1003]))
                var (w1, v1) = (w.values, v.values)
                for step in 0..<3 {
                    let gradient = numbers([1003], "g", seed: UInt64(step))
                    engine.sgdStep(
                        weights: &w, velocity: &v, gradient: gradient, rate: 0.1, momentum: 0.9,
                        decay: 5e-4, nesterov: nesterov)
                    for index in w1.indices {
                        let decayed: Float = 5e-4 * w1[index]
                        let g: Float = gradient.values[index] + decayed
                        let kept: Float = 0.9 * v1[index]
                        v1[index] = kept + g
                        let ahead: Float = 0.9 * v1[index]
                        w1[index] -= 0.1 * (nesterov ? g + ahead : v1[index])
                    }
                }
                #expect(w.bits == w1.map(\.bitPattern), "\(engine.instructionSet) \(nesterov)")
                #expect(v.bits == v1.map(\.bitPattern), "\(engine.instructionSet) \(nesterov)")
            }
        }
    }

    @Test func adamFollowsItsDefinition() {
        let (beta1, beta2) = (0.9, 0.999)
        for engine in engines {
            var (w, m, v) = (numbers([1003], "w"), Tensor(shape: [1003]), Tensor(shape: [1003]))
            var (w1, m1, v1) = (w.values, m.values, v.values)
            // The same in Double, as a textbook has it.
            var (w2, m2, v2) = (w1.map(Double.init), m1.map(Double.init), v1.map(Double.init))
            var (power1, power2) = (1.0, 1.0)
            for step in 0..<5 {
                power1 *= beta1
                power2 *= beta2
                let gradient = numbers([1003], "g", seed: UInt64(step))
                engine.adamStep(
                    weights: &w, firstMoment: &m, secondMoment: &v, gradient: gradient,
                    rate: 0.01, beta1: beta1, beta2: beta2, epsilon: 1e-8,
                    correction1: 1 - power1, correction2: 1 - power2, decay: 1e-2)
                let rate = Float(Double(Float(0.01)) / (1 - power1))
                let root = Float((1 - power2).squareRoot())
                for index in w1.indices {
                    let decayed: Float = 1e-2 * w1[index]
                    let g: Float = gradient.values[index] + decayed
                    let (old1, new1): (Float, Float) = (0.9 * m1[index], Float(1 - beta1) * g)
                    m1[index] = old1 + new1
                    let (old2, new2): (Float, Float) = (0.999 * v1[index], Float(1 - beta2) * g)
                    let square: Float = new2 * g
                    v1[index] = old2 + square
                    let divisor: Float = v1[index].squareRoot() / root + 1e-8
                    w1[index] -= rate * m1[index] / divisor

                    let d = Double(gradient.values[index]) + 1e-2 * w2[index]
                    m2[index] = beta1 * m2[index] + (1 - beta1) * d
                    v2[index] = beta2 * v2[index] + (1 - beta2) * d * d
                    let (first, second) = (m2[index] / (1 - power1), v2[index] / (1 - power2))
                    w2[index] -= 0.01 * first / (second.squareRoot() + 1e-8)
                }
            }
            #expect(w.bits == w1.map(\.bitPattern), "\(engine.instructionSet)")
            #expect(m.bits == m1.map(\.bitPattern), "\(engine.instructionSet)")
            #expect(v.bits == v1.map(\.bitPattern), "\(engine.instructionSet)")
            for (found, expected) in zip(w.values, w2) {
                #expect(abs(Double(found) - expected) <= 2e-6)
            }
        }
    }

    @Test func kernelsKeepToTheirElements() throws {
        for set in InstructionSet.available {
            let kernels = try #require(set.table)
            for length in Array(0...40) + [70] {
                var buffers = (0..<3).map { numbers([length + 8], "\($0)").values.map(abs) }
                let before = buffers.map { Array($0[length...]) }
                let g = numbers([length + 8], "g").values
                var (w, m, v) = (buffers[0], buffers[1], buffers[2])
                var constants = ck_adam(
                    step: 0.1, root: 0.5, beta1: 0.9, rest1: 0.1, beta2: 0.99, rest2: 0.01,
                    epsilon: 1e-8, decay: 0.1)
                kernels.adam_step(&w, &m, &v, g, length, &constants)
                kernels.sgd_step(&w, &m, g, length, 0.1, 0.9, 0.1, true)
                #expect(
                    [w, m, v].map { Array($0[length...]) } == before, "\(set) \(length)")
                var expected = buffers
                var (w1, m1, v1) = (expected[0], expected[1], expected[2])
                ck_kernels_reference.adam_step(&w1, &m1, &v1, g, length, &constants)
                ck_kernels_reference.sgd_step(&w1, &m1, g, length, 0.1, 0.9, 0.1, true)
                expected = [w1, m1, v1]
                buffers = [w, m, v]
                #expect(
                    buffers.map { $0.map(\.bitPattern) } == expected.map { $0.map(\.bitPattern) },
                    "\(set) \(length)")
            }
        }
    }

    /// Salmon and others' known answers, through the reference's mask: thresholds one above and
    /// at the upper 24 bits of a word tell the word.
    @Test func masksComeFromPhilox() {
        typealias Answer = (
            key: (UInt32, UInt32), counter: (UInt32, UInt32, UInt32, UInt32), words: [UInt32]
        )
        let answers: [Answer] = [
            (
                (0, 0), (0, 0, 0, 0), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
            ),
            (
                (0xa409_3822, 0x299f_31d0), (0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344),
                [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
            ),
        ]
        for set in InstructionSet.available {
            for answer in answers {
                for (place, word) in answer.words.enumerated() {
                    for (threshold, isKept) in [(word >> 8, true), (word >> 8 + 1, false)] {
                        var mask = ck_mask(
                            key: answer.key,
                            counter: (answer.counter.1, answer.counter.2, answer.counter.3),
                            threshold: threshold)
                        var y: [Float] = [0, 0, 0, 0]
                        set.table?.dropout(
                            &y, [1, 1, 1, 1], 4 * Int(answer.counter.0), 4, &mask, 2)
                        #expect((y[place] == 2) == isKept, "\(set) \(word)")
                    }
                }
            }
        }
    }

    /// Draw e of the stream with the same seed, name and step decides element e.
    @Test func dropoutFollowsAStream() {
        let seed: UInt64 = 0x0123_4567_89ab_cdef
        let x = numbers([7, 5003], "x")
        var random = Stream(seed: seed, name: "train/dropout", step: 9)
        let name = "train/dropout".utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01B3
        }
        let scale: Float = 1 / (1 - 0.3)
        let expected = x.values.map { value -> UInt32 in
            (random.uniform() >= 0.3 ? value * scale : 0).bitPattern
        }
        let kept = expected.count { $0 != 0 }
        #expect(abs(Double(kept) / Double(x.count) - 0.7 * 0.99) < 0.02)
        for engine in engines + [1, 3, 5, 8].map({ Engine(threads: $0) }) {
            let counter = (
                UInt32(9), UInt32(truncatingIfNeeded: name), UInt32(truncatingIfNeeded: name >> 32)
            )
            let key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
            var y = Tensor(shape: [0])
            engine.dropout(x, rate: 0.3, key: key, counter: counter, into: &y)
            #expect(y.bits == expected, "\(engine.instructionSet)")
        }
    }

    @Test func nothingOrEverythingIsDropped() {
        let x = numbers([101], "x")
        for engine in engines {
            var y = Tensor(shape: [0])
            engine.dropout(x, rate: 0, key: (1, 2), counter: (3, 4, 5), into: &y)
            #expect(y.bits == x.bits)
            engine.dropout(x, rate: 1, key: (1, 2), counter: (3, 4, 5), into: &y)
            #expect(y.bits == [UInt32](repeating: 0, count: 101))
        }
    }
}
