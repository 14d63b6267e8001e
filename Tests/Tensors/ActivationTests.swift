import CKernels
import Testing

@testable import Tensors

@Suite("Activations, additions and the order of channels")
struct ActivationTests {
    private static let lengths = Array(0...40) + [70, 1000]
    /// Values around every bend of every activation.
    private static let edges: [Float] = [
        0, -0.0, 0x1p-149, -0x1p-149, 6, Float(6).nextDown, Float(6).nextUp, .infinity, -.infinity,
        88, -88, 104, -104, -103.97208, -103.97207, 16.635532, 1, -1,
    ]

    private func inputs(_ length: Int, _ name: String) -> [Float] {
        let plain = numbers([length], name).values
        return plain.indices.map {
            $0 % 3 == 0 ? Self.edges[$0 / 3 % Self.edges.count] : 9 * plain[$0]
        }
    }

    /// Runs an elementwise kernel into other memory and in place, at odd addresses, with guards.
    private func check(
        _ name: String, _ expected: (Float, Float) -> Float,
        _ kernel: (
            ck_kernels, UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int
        ) -> Void
    ) throws {
        for set in InstructionSet.available {
            let kernels = try #require(set.table)
            for length in Self.lengths {
                let (a, b) = (inputs(length, "a"), inputs(length, "b"))
                let answer = zip(a, b).map { expected($0, $1).bitPattern }
                for offset in [0, 1] {
                    let pad = [Float](repeating: 0, count: offset)
                    let (left, right) = (pad + a, pad + b)
                    var y = [Float](repeating: 55, count: offset + length + 20)
                    var same = left + [Float](repeating: 55, count: 20)
                    y.withUnsafeMutableBufferPointer { y in
                        same.withUnsafeMutableBufferPointer { same in
                            left.withUnsafeBufferPointer { left in
                                right.withUnsafeBufferPointer { right in
                                    guard let y = y.baseAddress, let same = same.baseAddress,
                                        let left = left.baseAddress, let right = right.baseAddress
                                    else { return }
                                    kernel(
                                        kernels, y + offset, left + offset, right + offset, length)
                                    kernel(
                                        kernels, same + offset, same + offset, right + offset,
                                        length)
                                }
                            }
                        }
                    }
                    #expect(
                        y[offset..<offset + length].map(\.bitPattern) == answer, "\(set) \(name)")
                    #expect(
                        same[offset..<offset + length].map(\.bitPattern) == answer,
                        "\(set) \(name) in place")
                    #expect(y[(offset + length)...].allSatisfy { $0 == 55 }, "\(set) \(name)")
                    #expect(same[(offset + length)...].allSatisfy { $0 == 55 }, "\(set) \(name)")
                }
            }
        }
    }

    @Test func kernelsAreWhatTheirDefinitionsSay() throws {
        try check("relu", { x, _ in 0 > x ? 0 : x }) { $0.relu($1, $2, $4) }
        try check("relu backward", { dy, y in y > 0 ? dy : 0 }) { $0.relu_backward($1, $2, $3, $4) }
        try check("relu6", { x, _ in 0 > x ? 0 : x > 6 ? 6 : x }) { $0.relu6($1, $2, $4) }
        try check("relu6 backward", { dy, y in 0 < y && y < 6 ? dy : 0 }) {
            $0.relu6_backward($1, $2, $3, $4)
        }
        // ∞ − ∞ is a NaN, whose bits are the machine's own.
        try check("add", { a, b in a.isInfinite || b.isInfinite ? 55 : a + b }) {
            kernels, y, a, b, count in
            let isOpen = (0..<count).map { a[$0].isInfinite || b[$0].isInfinite }
            kernels.add(y, a, b, count)
            for index in 0..<count where isOpen[index] { y[index] = 55 }
        }
        try check("sigmoid", { x, _ in Self.sigmoid(x) }) { $0.sigmoid($1, $2, $4) }
        // Gradients meet outputs in 0...1 only.
        try check(
            "sigmoid backward", { dy, y in Self.unit(dy) * (Self.unit(y) * (1 - Self.unit(y))) }
        ) {
            kernels, dx, dy, y, count in
            let (dy, y) = (
                (0..<count).map { Self.unit(dy[$0]) }, (0..<count).map { Self.unit(y[$0]) }
            )
            kernels.sigmoid_backward(dx, dy, y, count)
        }
    }

    private static func unit(_ x: Float) -> Float { min(max(x, 0), 1) }

    /// The stated expression, on the reference's own kernel for one element.
    private static func sigmoid(_ x: Float) -> Float {
        var y: Float = 0
        ck_kernels_reference.sigmoid(&y, [x], 1)
        return y
    }

    /// Decimal expansions by wider arithmetic, rounded to floats by the compiler.
    @Test func sigmoidGivesKnownAnswers() {
        let answers: [(Float, Float)] = [
            (0, 0.5), (-0.0, 0.5), (1, 0.731_058_578_630_004_879), (.infinity, 1),
            (-1, 0.268_941_421_369_995_121), (2, 0.880_797_077_977_882_444), (-.infinity, 0),
            (-10, 4.539_786_870_243_439_45e-5), (10, 0.999_954_602_131_297_566), (-104, 0),
            (-50, 1.928_749_847_963_917_8e-22), (-100, 27 * 0x1p-149), (88, 1),
            (0.5, 0.622_459_331_201_854_594), (-20, 2.061_153_618_190_203_58e-9),
        ]
        for engine in engines {
            var y = Tensor(shape: [0])
            let x = Tensor(shape: [answers.count], values: answers.map(\.0))
            engine.sigmoid(x, into: &y)
            #expect(y.bits == answers.map { $0.1.bitPattern }, "\(engine.instructionSet)")
            engine.sigmoid(Tensor(shape: [1], values: [.nan]), into: &y)
            #expect(y.bits == [0x7fc0_0000])
        }
    }

    @Test func sigmoidGradientMatchesCentralDifferences() {
        let x = numbers([50], "x")
        let dy = numbers([50], "dy")
        let engine = Engine(threads: 1)
        var (y, dx) = (Tensor(shape: [0]), Tensor(shape: [0]))
        engine.sigmoid(x, into: &y)
        engine.sigmoidBackward(dy, output: y, into: &dx)
        expectGradient(dx, at: x.values.map(Double.init)) { x in
            zip(x, dy.values).reduce(0) { $0 + Double($1.1) / (1 + exponential(-$1.0)) }
        }
    }

    /// e^x for |x| ≤ 2 by its series: nothing to import.
    private func exponential(_ x: Double) -> Double {
        var (term, total) = (1.0, 1.0)
        for k in 1...40 {
            term *= x / Double(k)
            total += term
        }
        return total
    }

    /// Blocks of every engine together give what one kernel gives for all elements.
    @Test func enginesWorkBlockByBlock() throws {
        let (x, other) = (
            Tensor(shape: [2, 50_000], values: inputs(100_000, "x")), numbers([2, 50_000], "other")
        )
        let table = ck_kernels_reference
        func whole(
            _ kernel: (UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) ->
                Void
        ) -> [UInt32] {
            var y = [Float](repeating: 55, count: x.count)
            kernel(&y, x.values, other.values)
            return y.map(\.bitPattern)
        }
        for engine in engines where engine.instructionSet != .reference {
            var y = x
            engine.relu(inPlace: &y)
            #expect(y.bits == whole { y, x, _ in table.relu(y, x, 100_000) })
            y = x
            engine.relu6(inPlace: &y)
            #expect(y.bits == whole { y, x, _ in table.relu6(y, x, 100_000) })
            var dy = other
            engine.reluBackward(&dy, output: x)
            #expect(dy.bits == whole { dx, y, dy in table.relu_backward(dx, dy, y, 100_000) })
            dy = other
            engine.relu6Backward(&dy, output: x)
            #expect(dy.bits == whole { dx, y, dy in table.relu6_backward(dx, dy, y, 100_000) })
            engine.sigmoid(x, into: &y)
            #expect(y.shape == x.shape)
            #expect(y.bits == whole { y, x, _ in table.sigmoid(y, x, 100_000) })
            var dx = Tensor(shape: [0])
            engine.sigmoidBackward(other, output: other, into: &dx)
            #expect(
                dx.bits == whole { dx, _, y in table.sigmoid_backward(dx, y, y, 100_000) })
            var sum = other
            engine.add(x, to: &sum)
            #expect(sum.bits == whole { y, x, other in table.add(y, other, x, 100_000) })
        }
    }

    @Test(arguments: [0, 1, 3], [1, 2, 3, 5, 17, 33])
    func channelsAreMovedAndMovedBack(images: Int, channels: Int) {
        for (height, width) in [(1, 1), (2, 3), (7, 5), (40, 41), (0, 3)] {
            let x = numbers([images, channels, height, width], "x")
            let expected = (0..<x.count).map { index -> UInt32 in
                let (pixel, c) = (index / channels, index % channels)
                let (n, place) = (pixel / (height * width), pixel % (height * width))
                return x.values[(n * channels + c) * height * width + place].bitPattern
            }
            for engine in engines {
                var (last, first) = (Tensor(shape: [0]), Tensor(shape: [0]))
                engine.channelsLast(x, into: &last)
                #expect(last.shape == [images, height, width, channels])
                #expect(last.bits == expected, "\(engine.instructionSet) \(height)×\(width)")
                engine.channelsFirst(last, into: &first)
                #expect(first.shape == x.shape)
                #expect(first.bits == x.bits, "\(engine.instructionSet) \(height)×\(width)")
            }
        }
    }

    @Test func manyChannelsAreMovedInParts() {
        let x = numbers([2, 3000, 3, 7], "x")
        for engine in engines {
            var (last, first) = (Tensor(shape: [0]), Tensor(shape: [0]))
            engine.channelsLast(x, into: &last)
            #expect(last.values[3000 * 20 + 1234] == x.values[1234 * 21 + 20])
            engine.channelsFirst(last, into: &first)
            #expect(first.bits == x.bits, "\(engine.instructionSet)")
        }
    }
}
