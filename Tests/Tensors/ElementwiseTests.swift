import CKernels
import Testing

@testable import Tensors

@Suite("Elementwise kernels and sums")
struct ElementwiseTests {
    private let lengths = Array(0...70) + [784, 1000]

    /// Runs one kernel of every instruction set over awkward lengths and odd alignments, with
    /// guard values behind the output, and compares with the reference by bits.
    private func compare(
        _ name: String,
        _ kernel: (
            ck_kernels, UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int
        ) -> Void
    ) throws {
        for set in InstructionSet.available {
            let table = try #require(set.table)
            for length in lengths {
                func run(_ kernels: ck_kernels, offset: Int) -> [UInt32] {
                    let x = [Float](repeating: 0, count: offset) + numbers([length], "x").values
                    let y = [Float](repeating: 0, count: offset) + numbers([length], "y").values
                    var out = [Float](repeating: 55, count: offset + length + 4)
                    out.withUnsafeMutableBufferPointer { out in
                        x.withUnsafeBufferPointer { x in
                            y.withUnsafeBufferPointer { y in
                                guard let o = out.baseAddress, let x = x.baseAddress,
                                    let y = y.baseAddress
                                else { return }
                                kernel(kernels, o + offset, x + offset, y + offset, length)
                            }
                        }
                    }
                    #expect(out[(offset + length)...].allSatisfy { $0 == 55 }, "\(set) \(name)")
                    return out[offset...].map(\.bitPattern)
                }
                let expected = run(ck_kernels_reference, offset: 0)
                #expect(run(table, offset: 0) == expected, "\(set) \(name) \(length)")
                #expect(run(table, offset: 1) == expected, "\(set) \(name) \(length), odd address")
            }
        }
    }

    @Test func kernelsMatchTheirReference() throws {
        try compare("relu") { $0.relu($1, $2, $4) }
        try compare("relu backward") { $0.relu_backward($1, $2, $3, $4) }
        try compare("sign step") { $0.sign_step($1, $2, $3, $4, 0.1, 0, 1) }
        try compare("project") { $0.project_linf($1, $2, $3, $4, 0.1) }
        try compare("round") { $0.round_to_bytes($1, $2, $4) }
        try compare("sgd") { kernels, out, x, y, count in
            var velocity = (0..<count).map { Float($0) * 0.01 }
            for index in 0..<count { out[index] = x[index] }
            kernels.sgd_step(out, &velocity, y, count, 0.1, 0.9, 1e-4, false)
        }
        for kind in [CK_REGULARISE_NONE, CK_REGULARISE_L1, CK_REGULARISE_L2] {
            try compare("noise \(kind)") { kernels, out, x, y, count in
                var r = (0..<count).map { Float($0 % 7) * 0.2 - 0.5 }
                kernels.noise_step(out, &r, x, y, count, 0.3, Int32(kind), 0.05)
            }
        }
    }

    @Test func distancesMatchTheirReferenceAndTheirDefinition() throws {
        for length in lengths {
            let (x, y) = (numbers([length], "x").values, numbers([length], "y").values)
            var expected = ck_distances()
            ck_kernels_reference.distances(&expected, x, y, length)
            let differences = zip(x, y).map { Double($1) - Double($0) }
            #expect(expected.l0 == Double(differences.count { $0 != 0 }))
            #expect(expected.linf == differences.map(abs).max() ?? 0)
            #expect(abs(expected.l1 - differences.map(abs).reduce(0, +)) <= 1e-12 * Double(length))
            let squares = differences.map { $0 * $0 }.reduce(0, +)
            #expect(abs(expected.l2 - squares.squareRoot()) <= 1e-12 * Double(max(1, length)))
            #expect(expected.min == differences.min() ?? 0)
            #expect(expected.max == differences.max() ?? 0)
            for set in InstructionSet.available {
                var found = ck_distances()
                try #require(set.table).distances(&found, x, y, length)
                #expect(found.l0 == expected.l0 && found.linf == expected.linf)
                #expect(found.l1.bitPattern == expected.l1.bitPattern, "\(set) \(length)")
                #expect(found.l2.bitPattern == expected.l2.bitPattern, "\(set) \(length)")
                #expect(found.sum.bitPattern == expected.sum.bitPattern, "\(set) \(length)")
                #expect(found.min == expected.min && found.max == expected.max)
            }
        }
    }

    @Test func rectifierKeepsNotANumberAndNegativeZero() {
        for engine in engines {
            let x = Tensor(shape: [5], values: [-1, 0, -0.0, 2, .nan])
            var y = x
            engine.relu(inPlace: &y)
            #expect(y.bits[..<4] == Tensor(shape: [4], values: [0, 0, -0.0, 2]).bits[...])
            #expect(y.values[4].isNaN)
        }
    }

    @Test func signStepMovesByExactlyTheStepAndNotWhereTheGradientIsZero() {
        let x = Tensor(shape: [2, 3], values: [0.5, 0.5, 0.5, 0.05, 0.95, 0.5])
        let g = Tensor(shape: [2, 3], values: [3, -1e-30, 0, -1, 1, -0.0])
        for engine in engines {
            var y = Tensor(shape: [0])
            engine.signStep(x, along: g, by: [0.25, 0.1], into: &y)
            #expect(y.values == [0.75, 0.25, 0.5, 0, 1, 0.5])
        }
    }

    /// The float bound x + ε may round outwards; the projection must not.
    @Test(arguments: [0, 0.1, 1 / 255, 0.3, 1e-6, 1] as [Float])
    func projectionStaysInsideTheBallToTheLastBit(epsilon: Float) {
        let x = Tensor(shape: [1, 4000], values: numbers([4000], "x").values.map(abs))
        let far = Tensor(
            shape: [1, 4000], values: numbers([4000], "far").values.map { $0 > 0 ? 5 : -5 })
        for engine in engines {
            var (y, scratch) = (far, Tensor(shape: [0]))
            engine.project(&y, around: x, in: .linf, within: [epsilon], scratch: &scratch)
            var touched = 0
            for (before, after) in zip(x.values, y.values) {
                #expect(abs(Double(after) - Double(before)) <= Double(epsilon))
                #expect((0...1).contains(after))
                // As far as the ball and the box allow: one more ulp would be outside.
                let isAtBox = after == 0 || after == 1
                let next = after > before ? after.nextUp : after.nextDown
                if abs(Double(next) - Double(before)) > Double(epsilon) || isAtBox { touched += 1 }
            }
            #expect(touched == 4000)
        }
    }

    @Test func projectionLeavesInnerPointsAlone() {
        let x = Tensor(shape: [1, 3], values: [0.2, 0.5, 1])
        let inner = Tensor(shape: [1, 3], values: [0.25, 0.45, 0.95])
        for engine in engines {
            for (ball, radius) in [(Ball.linf, Float(0.1)), (.l2, 0.2), (.l1, 0.3), (.l0, 3)] {
                var (y, scratch) = (inner, Tensor(shape: [0]))
                engine.project(&y, around: x, in: ball, within: [radius], scratch: &scratch)
                #expect(y.bits == inner.bits, "\(ball)")
            }
        }
    }

    @Test func roundingToBytesGivesTheNearestOf256() {
        for engine in engines {
            let exact = Tensor(shape: [256], values: (0..<256).map { Float($0) / 255 })
            #expect(engine.roundedToBytes(exact).bits == exact.bits)
            let x = Tensor(shape: [4], values: [-1, 2, 0.5, 0.1])
            #expect(engine.roundedToBytes(x).values == [0, 1, 128 / 255, 26 / 255])
        }
    }

    @Test func columnSumsAddChunksInATree() {
        let x = numbers([1000, 3], "x")
        for engine in engines {
            var sums = Tensor(shape: [0])
            engine.columnSums(x, into: &sums)
            let expected = (0..<3).map { column -> Float in
                let chunks = [0..<256, 256..<512, 512..<768, 768..<1000].map { rows in
                    rows.reduce(Float(0)) { $0 + x.values[$1 * 3 + column] }
                }
                return (chunks[0] + chunks[1]) + (chunks[2] + chunks[3])
            }
            #expect(sums.bits == expected.map(\.bitPattern))
        }
    }
}
