// The kernels of ck_layers.h against their definitions, written once more here.

import CKernels
import Testing

@testable import Tensors

@Suite("Kernels of further layers")
struct LayerKernelTests {
    static let lengths = Array(0...40) + [70, 1000]
    /// Values around every bend of every activation.
    private static let edges: [Float] = [
        0, -0.0, 0x1p-149, -0x1p-149, 3, -3, Float(3).nextDown, Float(-3).nextUp, .infinity,
        -.infinity, 0x1p-5, -0x1p-5, Float(0x1p-5).nextDown, -Float(0x1p-5).nextUp, 9.1, -9.1, 104,
        -104, -105, 0.25, -0.25, .nan,
    ]

    func inputs(_ length: Int, _ name: String) -> [Float] {
        let plain = numbers([length], name).values
        return plain.indices.map {
            $0 % 3 == 0 ? Self.edges[$0 / 3 % Self.edges.count] : 9 * plain[$0]
        }
    }

    /// Bits, any NaN as any other.
    func bits(_ values: some Sequence<Float>) -> [UInt32] {
        values.map { $0.isNaN ? 1 : $0.bitPattern }
    }

    /// Runs a kernel of two operands into other memory and in place, at odd addresses, with guards.
    func check(
        _ name: String, _ expected: (Float, Float) -> Float,
        _ kernel: (
            ck_layers, UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>, Int
        ) -> Void
    ) throws {
        for set in InstructionSet.available {
            let table = try #require(ck_layers_table(set.code)).pointee
            for length in Self.lengths {
                let (u, v) = (inputs(length, "u"), inputs(length, "v"))
                let answer = bits(zip(u, v).map(expected))
                let left: [Float] = [0] + u
                let right: [Float] = [0] + v
                var y = [Float](repeating: 55, count: length + 20)
                var same = left + [Float](repeating: 55, count: 19)
                y.withUnsafeMutableBufferPointer { y in
                    same.withUnsafeMutableBufferPointer { same in
                        left.withUnsafeBufferPointer { left in
                            right.withUnsafeBufferPointer { right in
                                guard let y = y.baseAddress, let same = same.baseAddress,
                                    let left = left.baseAddress, let right = right.baseAddress
                                else { return }
                                kernel(table, y + 1, left + 1, right + 1, length)
                                kernel(table, same + 1, same + 1, right + 1, length)
                            }
                        }
                    }
                }
                #expect(bits(y[1..<length + 1]) == answer, "\(set) \(name) \(length)")
                #expect(bits(same[1..<length + 1]) == answer, "\(set) \(name) in place")
                #expect(y[0] == 55 && y[(length + 1)...].allSatisfy { $0 == 55 }, "\(set) \(name)")
                #expect(same[(length + 1)...].allSatisfy { $0 == 55 }, "\(set) \(name)")
            }
        }
    }

    private func bounded(_ x: Float, _ lower: Float, _ upper: Float) -> Float {
        lower > x ? lower : x > upper ? upper : x
    }

    @Test func activationsAreWhatTheirDefinitionsSay() throws {
        try check("leaky", { x, _ in x > 0 ? x : -0.3 * x }) { $0.leaky($1, $2, $4, -0.3, 0) }
        try check("clip", { x, _ in bounded(x, -0.25, 3) }) { $0.clip($1, $2, $4, -0.25, 3) }
        try check("hard sigmoid", { x, _ in bounded(x * 0.2 + 0.5, 0, 1) }) {
            $0.hard_sigmoid($1, $2, $4, 0.2, 0.5)
        }
        try check("hard swish", { x, _ in x * bounded(x * (1 / 6) + 0.5, 0, 1) }) {
            $0.hard_swish($1, $2, $4, 1 / 6, 0.5)
        }
        try check("tanh", { x, _ in Self.reference(x) { $0.hyperbolic_tangent($1, $2, 1, 0, 0) } })
        {
            $0.hyperbolic_tangent($1, $2, $4, 0, 0)
        }
        try check("ELU", { x, _ in Self.reference(x) { $0.elu($1, $2, 1, 1.5, 0) } }) {
            $0.elu($1, $2, $4, 1.5, 0)
        }
        try check("difference", { $0 - $1 }) { $0.subtract($1, $2, $3, $4, 0, 0) }
        try check("product", { $0 * $1 }) { $0.multiply($1, $2, $3, $4, 0, 0) }
    }

    @Test func gradientsAreWhatTheirDefinitionsSay() throws {
        try check("leaky", { dy, x in x > 0 ? dy : 0.1 * dy }) {
            $0.leaky_gradient($1, $2, $3, $4, 0.1, 0)
        }
        try check("clip", { dy, y in -0.25 < y && y < 3 ? dy : 0 }) {
            $0.clip_gradient($1, $2, $3, $4, -0.25, 3)
        }
        try check("hard sigmoid", { dy, y in 0 < y && y < 1 ? dy * 0.2 : 0 }) {
            $0.hard_sigmoid_gradient($1, $2, $3, $4, 0.2, 0.5)
        }
        try check(
            "hard swish",
            { dy, x in
                let h = bounded(x * (1 / 6) + 0.5, 0, 1)
                return dy * (h + (0 < h && h < 1 ? x * (1 / 6) : 0))
            }
        ) { $0.hard_swish_gradient($1, $2, $3, $4, 1 / 6, 0.5) }
        try check("tanh", { dy, y in dy * ((1 - y) * (1 + y)) }) {
            $0.hyperbolic_tangent_gradient($1, $2, $3, $4, 0, 0)
        }
        try check("slope", { dy, x in x > 0 ? 0 : dy * x }) { $0.slope_terms($1, $2, $3, $4, 0, 0) }
        try check(
            "ELU",
            { dy, x in
                Self.reference(dy, x) { $0.elu_gradient($1, $2, $3, 1, 1.5, 0) }
            }
        ) { $0.elu_gradient($1, $2, $3, $4, 1.5, 0) }
    }

    /// The stated expression, on the reference's own kernel for one element.
    static func reference(
        _ u: Float, _ v: Float = 0,
        _ kernel: (
            ck_layers, UnsafeMutablePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>
        ) -> Void
    ) -> Float {
        guard let table = ck_layers_table(CK_REFERENCE) else { return .nan }
        var y: Float = 0
        kernel(table.pointee, &y, [u], [v])
        return y
    }

    static func reference(
        _ x: Float,
        _ kernel: (ck_layers, UnsafeMutablePointer<Float>, UnsafePointer<Float>) -> Void
    ) -> Float {
        reference(x, 0) { table, y, x, _ in kernel(table, y, x) }
    }

    /// The floats nearest to the exact values, by decimals of sixty digits, on both sides of where the
    /// series ends.
    @Test func knownAnswers() {
        let tanh: [(Float, UInt32)] = [
            (1e-4, 0x38d1_b717), (0.03, 0x3cf5_afb1), (0.03125, 0x3cff_eaad), (0.0315, 0x3d00_fb39),
            (0.1, 0x3dcc_1ebc), (0.5, 0x3eec_9a9f), (1, 0x3f42_f7d6), (2.5, 0x3f7c_92c1),
            (5, 0x3f7f_fa0d), (9, 0x3f7f_ffff), (10, 0x3f80_0000), (.infinity, 0x3f80_0000),
            (0x1p-149, 1), (0, 0), (-0.0, 0x8000_0000), (.nan, 0x7fc0_0000),
        ]
        let elu: [(Float, UInt32)] = [
            (-1e-5, 0xb77b_a830), (-0.03, 0xbd35_9528), (-0.03125, 0xbd3d_07f0),
            (-0.0315, 0xbd3e_8502), (-0.5, 0xbf17_179c), (-1, 0xbf72_bbfb), (-5, 0xbfbe_b4d1),
            (-17, 0xbfbf_ffff), (-30, 0xbfc0_0000), (-.infinity, 0xbfc0_0000), (2, 0x4000_0000),
            (-0.0, 0x8000_0000), (.nan, 0x7fc0_0000), (.infinity, 0x7f80_0000),
        ]
        for engine in engines {
            for (function, answers) in [
                (ElementwiseFunction.tanh, tanh), (.elu(scale: 1.5), elu),
            ] {
                var y = Tensor(shape: [0])
                engine.apply(
                    function, to: Tensor(shape: [answers.count], values: answers.map(\.0)), into: &y
                )
                #expect(y.bits == answers.map(\.1), "\(engine.instructionSet) \(function)")
            }
        }
    }

    @Test(arguments: [1, 2, 3, 5, 8]) func threadsMoveNoBit(threads: Int) {
        let x = Tensor(
            shape: [2, 150, 150, 3], values: numbers([135_000], "x").values.map { 5 * $0 })
        let dy = numbers([2, 150, 150, 3], "dy")
        let (slopes, factors) = (numbers([3], "slopes"), numbers([2, 3], "factors"))
        func run(_ engine: Engine) -> [[UInt32]] {
            var (found, y, scratch) = ([[UInt32]](), Tensor(shape: [0]), Tensor(shape: [0]))
            for function in [
                ElementwiseFunction.leakyReLU(slope: 0.1), .clip(lower: -1, upper: 1), .tanh,
                .hardSigmoid(slope: 0.2, offset: 0.5), .hardSwish(slope: 1 / 6, offset: 0.5),
                .elu(scale: 1),
            ] {
                engine.apply(function, to: x, into: &y)
                var same = x
                engine.apply(function, inPlace: &same)
                #expect(same.bits == y.bits, "\(function)")
                found.append(y.bits)
                same = dy
                engine.gradient(of: function, inPlace: &same, at: x)
                engine.gradient(of: function, dy, at: x, into: &y)
                #expect(same.bits == y.bits, "\(function)")
                found.append(y.bits)
            }
            engine.prelu(x, slopes: slopes, into: &y)
            found.append(y.bits)
            engine.preluGradient(dy, x: x, slopes: slopes, into: &y)
            found.append(y.bits)
            engine.preluSlopeGradient(dy, x: x, columns: 3, into: &y, scratch: &scratch)
            found.append(y.bits)
            engine.scaleImages(x, by: factors, into: &y)
            found.append(y.bits)
            engine.imageFactorsGradient(dy, x: x, channels: 3, into: &y)
            found.append(y.bits)
            return found
        }
        let expected = run(Engine(threads: 1))
        #expect(run(Engine(threads: threads)) == expected)
    }

    @Test(arguments: [1, 3, 16, 17, 40]) func factorsOfChannelsAreWhatTheirDefinitionsSay(c: Int) {
        let (x, dy) = (numbers([3, 4, 5, c], "x"), numbers([3, 4, 5, c], "dy"))
        let (slopes, factors) = (numbers([c], "slopes"), numbers([3, c], "factors"))
        for engine in engines {
            var y = Tensor(shape: [0])
            engine.prelu(x, slopes: slopes, into: &y)
            for (e, found) in y.values.enumerated() {
                let value = x.values[e] > 0 ? x.values[e] : slopes.values[e % c] * x.values[e]
                #expect(found.bitPattern == value.bitPattern)
            }
            engine.preluGradient(dy, x: x, slopes: slopes, into: &y)
            for (e, found) in y.values.enumerated() {
                let value = x.values[e] > 0 ? dy.values[e] : slopes.values[e % c] * dy.values[e]
                #expect(found.bitPattern == value.bitPattern)
            }
            engine.scaleImages(x, by: factors, into: &y)
            for (e, found) in y.values.enumerated() {
                let value = x.values[e] * factors.values[e / (20 * c) * c + e % c]
                #expect(found.bitPattern == value.bitPattern)
            }
            engine.imageFactorsGradient(dy, x: x, channels: c, into: &y)
            #expect(y.shape == [3, c])
            for (e, found) in y.values.enumerated() {
                let total = (0..<20).reduce(Float(0)) { total, pixel in
                    let place = (e / c * 20 + pixel) * c + e % c
                    let product: Float = dy.values[place] * x.values[place]
                    return total + product
                }
                #expect(found.bitPattern == total.bitPattern)
            }
        }
    }

    @Test func boxesAreCopiedPaddedAndCropped() {
        let boxes = [
            BoxCopy(from: [2, 3, 4], to: [5, 4, 9], offset: [1, 0, 3]),
            BoxCopy(from: [5, 4, 3], to: [2, 2, 1], offset: [-1, -2, -1]),
            BoxCopy(from: [3, 3, 2], to: [4, 2, 3], offset: [2, -2, 1]),
            BoxCopy(from: [2, 2, 2], to: [3, 3, 3], offset: [4, 0, 0]),
        ]
        for box in boxes {
            for images in [0, 1, 3] {
                let x = numbers([images] + box.from, "x")
                var expected = [Float](repeating: 0.5, count: images * box.to.reduce(1, *))
                for e in x.values.indices {
                    let c = e % box.from[2] + box.offset[2]
                    let column = e / box.from[2] % box.from[1] + box.offset[1]
                    let row = e / box.from[2] / box.from[1] % box.from[0] + box.offset[0]
                    let n = e / box.from.reduce(1, *)
                    let place = [row, column, c]
                    guard zip(place, box.to).allSatisfy({ (0..<$1).contains($0) }) else { continue }
                    expected[((n * box.to[0] + row) * box.to[1] + column) * box.to[2] + c] =
                        x.values[e]
                }
                for engine in engines {
                    var y = Tensor(shape: [0])
                    engine.copy(x, box: box, filling: 0.5, into: &y)
                    #expect(y.shape == [images] + box.to)
                    #expect(y.bits == expected.map(\.bitPattern), "\(box)")
                    // What is not reached stays, and the way back brings what was kept.
                    let before = Tensor(
                        shape: y.shape, values: Array(repeating: 0.5, count: y.count))
                    var kept = before
                    engine.copy(x, box: box, filling: nil, into: &kept)
                    #expect(kept.bits == y.bits)
                    var back = Tensor(shape: [0])
                    engine.copy(y, box: box.reversed, filling: 7, into: &back)
                    #expect(back.shape == x.shape)
                    for (e, found) in back.values.enumerated() {
                        let place = [
                            e / box.from[2] / box.from[1] % box.from[0],
                            e / box.from[2] % box.from[1],
                            e % box.from[2],
                        ]
                        let isKept = (0..<3).allSatisfy {
                            (0..<box.to[$0]).contains(place[$0] + box.offset[$0])
                        }
                        #expect(found.bitPattern == (isKept ? x.values[e] : 7).bitPattern)
                    }
                }
            }
        }
    }
}
