// Functions, quotients and extrema, softmax of rows, response normalisation and places: the kernels
// against their definitions, written once more here.

import CKernels
import Testing

@testable import Tensors

extension LayerKernelTests {
    @Test func functionsAreWhatTheirDefinitionsSay() throws {
        try check("absolute", { x, _ in x.magnitude }) { $0.absolute($1, $2, $4, 0, 0) }
        try check("softsign", { x, _ in x / (1 + x.magnitude) }) { $0.softsign($1, $2, $4, 0, 0) }
        try check("exp", { x, _ in Self.reference(x) { $0.exponential($1, $2, 1, 0, 0) } }) {
            $0.exponential($1, $2, $4, 0, 0)
        }
        try check("log", { x, _ in Self.reference(x) { $0.logarithm($1, $2, 1, 0, 0) } }) {
            $0.logarithm($1, $2, $4, 0, 0)
        }
        try check("softplus", { x, _ in Self.reference(x) { $0.softplus($1, $2, 1, 0, 0) } }) {
            $0.softplus($1, $2, $4, 0, 0)
        }
        for exponent: Float in [0, 1, 2, 3, -1, 0.5, -1.7, 4, -2, 0x1p30] {
            try check(
                "power", { x, _ in Self.reference(x) { $0.power($1, $2, 1, exponent, 0) } }
            ) { $0.power($1, $2, $4, exponent, 0) }
            try check(
                "power gradient",
                { dy, x in
                    Self.reference(dy, x) { $0.power_gradient($1, $2, $3, 1, exponent, 0) }
                }
            ) { $0.power_gradient($1, $2, $3, $4, exponent, 0) }
        }
        try check("absolute", { dy, x in x > 0 ? dy : x < 0 ? -dy : 0 }) {
            $0.absolute_gradient($1, $2, $3, $4, 0, 0)
        }
        try check("softsign", { dy, x in dy / ((1 + x.magnitude) * (1 + x.magnitude)) }) {
            $0.softsign_gradient($1, $2, $3, $4, 0, 0)
        }
        try check(
            "softplus",
            { dy, x in Self.reference(dy, x) { $0.softplus_gradient($1, $2, $3, 1, 0, 0) } }
        ) { $0.softplus_gradient($1, $2, $3, $4, 0, 0) }
    }

    @Test func operatorsOnTwoAreWhatTheirDefinitionsSay() throws {
        try check("quotient", { $0 / $1 }) { $0.divide($1, $2, $3, $4, 0, 0) }
        try check("larger", { $0.isNaN || $1.isNaN ? .nan : $1 <= $0 ? $0 : $1 }) {
            $0.larger($1, $2, $3, $4, 0, 0)
        }
        try check("smaller", { $0.isNaN || $1.isNaN ? .nan : $1 >= $0 ? $0 : $1 }) {
            $0.smaller($1, $2, $3, $4, 0, 0)
        }
        // The third operand: the second one the other way round.
        let third: [Float] = [0] + inputs(1000, "w")
        func atThird(
            _ kernel: ck_map_three?, _ y: UnsafeMutablePointer<Float>, _ u: UnsafePointer<Float>,
            _ v: UnsafePointer<Float>, _ count: Int
        ) {
            third.withUnsafeBufferPointer { w in
                guard let w = w.baseAddress else { return }
                kernel?(y, u, v, w + 1, count)
            }
        }
        var place = -1
        func next(_ body: (Float) -> Float) -> Float {
            place += 1
            return body(third[1 + place])
        }
        for length in [7, 16, 70] {
            for set in InstructionSet.available {
                let table = try #require(ck_layers_table(set.code)).pointee
                let (u, v) = (inputs(length, "u"), inputs(length, "v"))
                for (kernel, expected) in [
                    (
                        table.divisor_gradient,
                        { (dy: Float, y: Float, w: Float) -> Float in -(dy * y) / w }
                    ),
                    (table.where_not_less, { dy, a, b in a >= b ? dy : 0 }),
                    (table.where_less, { dy, a, b in a < b ? dy : 0 }),
                ] {
                    var y = [Float](repeating: 55, count: length + 1)
                    y.withUnsafeMutableBufferPointer { y in
                        guard let y = y.baseAddress else { return }
                        atThird(kernel, y, u, v, length)
                    }
                    place = -1
                    let answer = zip(u, v).map { dy, v in next { expected(dy, v, $0) } }
                    #expect(bits(y.dropLast()) == bits(answer), "\(set) \(length)")
                    #expect(y[length] == 55)
                }
            }
        }
    }

    /// The floats nearest to the exact values, by decimals of eighty digits.
    @Test func knownAnswersOfFunctions() {
        let softplus: [(Float, UInt32)] = [
            (-100, 0x0000_001b), (-30, 0x29d2_b706), (-5, 0x3bdc_0c6d), (-1.25, 0x3e80_fcd9),
            (-0.5, 0x3ef2_ba38), (0, 0x3f31_7218), (0.25, 0x3f53_70c4), (0.8813736, 0x3f9d_2d5f),
            (0.9, 0x3f9e_de21), (3, 0x4043_1c0e), (20, 0x41a0_0000), (90, 0x42b4_0000),
            (-.infinity, 0), (.infinity, 0x7f80_0000), (.nan, 0x7fc0_0000),
        ]
        let cubes: [(Float, UInt32)] = [
            (0.001, 0x3089_7061), (0.1, 0x3a83_126f), (0.7, 0x3eaf_9db2), (-0.7, 0xbeaf_9db2),
            (1, 0x3f80_0000), (1.1, 0x3faa_5e36), (7.5, 0x43d2_f000), (12345, 0x53db_0513),
            (-0.0, 0x8000_0000), (.infinity, 0x7f80_0000), (1e30, 0x7f80_0000), (1e-30, 0),
        ]
        let odd: [(Float, UInt32)] = [
            (0.001, 0x47f5_e249), (0.1, 0x4248_7994), (0.7, 0x3fea_b762), (1, 0x3f80_0000),
            (1.1, 0x3f59_b4fe), (7.5, 0x3d05_46f5), (12345, 0x33ed_e674), (0, 0x7f80_0000),
            (-1, 0x7fc0_0000), (.infinity, 0),
        ]
        let quarter: [(Float, UInt32)] = [
            (0.001, 0x3e36_1887), (0.1, 0x3f0f_f59a), (0.7, 0x3f6a_2934), (7.5, 0x3fd3_d2f6),
            (12345, 0x4128_a70a), (0, 0), (.nan, 0x7fc0_0000),
        ]
        for engine in engines {
            for (function, answers) in [
                (ElementwiseFunction.softplus, softplus), (.power(exponent: 3), cubes),
                (.power(exponent: -1.7), odd), (.power(exponent: 0.25), quarter),
            ] {
                var y = Tensor(shape: [0])
                engine.apply(
                    function, to: Tensor(shape: [answers.count], values: answers.map(\.0)), into: &y
                )
                #expect(
                    bits(y.values) == bits(answers.map { Float(bitPattern: $0.1) }),
                    "\(engine.instructionSet) \(function)")
            }
        }
    }

    @Test(arguments: [1, 2, 15, 16, 17, 64, 65, 130]) func rowsAreWhatTheirDefinitionsSay(c: Int) {
        let x = Tensor(shape: [5, c], values: numbers([5, c], "x").values.map { 3 * $0 })
        let dy = numbers([5, c], "dy")
        func row(_ x: Tensor, _ index: Int) -> [Float] {
            Array(x.values[index * c..<(index + 1) * c])
        }
        func each(_ body: ([Float], [Float]) -> [Float], _ y: Tensor) -> [UInt32] {
            var result: [UInt32] = []
            for index in 0..<5 { result += body(row(dy, index), row(y, index)).map(\.bitPattern) }
            return result
        }
        func exponential(_ x: Float) -> Float {
            Self.reference(x) { $0.exponential($1, $2, 1, 0, 0) }
        }
        func logarithm(_ x: Float) -> Float { Self.reference(x) { $0.logarithm($1, $2, 1, 0, 0) } }
        func powers(_ x: [Float]) -> [Float] { x.map { exponential($0 - (x.max() ?? 0)) } }
        func sum(_ x: [Float]) -> Float { x.reduce(0, +) }
        for engine in engines {
            var (y, dx) = (Tensor(shape: [0]), Tensor(shape: [0]))
            engine.softmax(x, columns: c, isLogarithm: false, into: &y)
            #expect(y.bits == each({ _, x in powers(x).map { $0 / sum(powers(x)) } }, x))
            engine.softmaxGradient(dy, output: y, columns: c, isLogarithm: false, into: &dx)
            let gradient = each(
                { dy, y in
                    let total = sum(zip(dy, y).map(*))
                    return zip(dy, y).map { $1 * ($0 - total) }
                }, y)
            #expect(dx.bits == gradient)
            engine.softmax(x, columns: c, isLogarithm: true, into: &y)
            let logarithms = each(
                { _, x in
                    let (most, log) = (x.max() ?? 0, logarithm(sum(powers(x))))
                    return x.map { ($0 - most) - log }
                }, x)
            #expect(y.bits == logarithms)
            engine.softmaxGradient(dy, output: y, columns: c, isLogarithm: true, into: &dx)
            #expect(
                dx.bits == each({ dy, y in zip(dy, y).map { $0 - exponential($1) * sum(dy) } }, y))
        }
    }

    @Test(arguments: [1, 5, 63, 64, 65, 130]) func responsesAreTheReferences(c: Int) throws {
        let (x, dy) = (numbers([7, c], "x"), numbers([7, c], "dy"))
        for (before, after) in [(0, 0), (2, 2), (1, 2), (200, 0)] {
            let window = ResponseWindow(
                before: before, after: after, offset: 1.5, scale: 0.75, power: 0.75)
            var found: [[UInt32]] = []
            for engine in engines {
                var (y, dx, scratch) = (Tensor(shape: [0]), Tensor(shape: [0]), Tensor(shape: [0]))
                engine.normaliseResponse(x, channels: c, window: window, into: &y)
                engine.normaliseResponseGradient(
                    dy, x: x, channels: c, window: window, into: &dx, scratch: &scratch)
                found.append(y.bits + dx.bits)
                for (e, value) in y.values.enumerated() {
                    let near = max(0, e % c - before)...min(c - 1, e % c + after)
                    let sum = near.reduce(0.0) {
                        let value = Double(x.values[e / c * c + $1])
                        return $0 + value * value
                    }
                    let root = (1.5 + 0.75 * sum).squareRoot()
                    let expected = Double(x.values[e]) / (root * root.squareRoot())
                    #expect(abs(Double(value) - expected) <= 1e-7 * abs(expected) + 1e-45)
                }
            }
            let first = try #require(found.first)
            #expect(found.allSatisfy { $0 == first })
        }
    }

    @Test func placesAreReadAndAddedUp() {
        let places = Places([4, 0, 0, 2, 4, 4, 1], of: 6)
        let (x, dy) = (numbers([3, 6], "x"), numbers([3, 7], "dy"))
        for engine in engines {
            var (y, dx) = (Tensor(shape: [0]), Tensor(shape: [0]))
            engine.gather(x, at: places, axes: [7], into: &y)
            engine.gatherGradient(dy, at: places, axes: [6], into: &dx)
            for n in 0..<3 {
                let (x, dy) = (
                    Array(x.values[6 * n..<6 * n + 6]), Array(dy.values[7 * n..<7 * n + 7])
                )
                #expect(Array(y.values[7 * n..<7 * n + 7]) == [4, 0, 0, 2, 4, 4, 1].map { x[$0] })
                let sums: [Float] = [
                    0 + dy[1] + dy[2], 0 + dy[6], 0 + dy[3], 0, 0 + dy[0] + dy[4] + dy[5], 0,
                ]
                #expect(
                    dx.values[6 * n..<6 * n + 6].map(\.bitPattern) == sums.map(\.bitPattern))
            }
        }
        #expect(Places(Array(0..<9), of: 9).isIdentity)
        #expect(!places.isIdentity)
    }

    @Test(arguments: [2, 3, 5]) func threadsMoveNoBitOfThese(threads: Int) {
        let x = Tensor(shape: [3, 40_000], values: numbers([120_000], "x").values.map { 3 * $0 })
        let (dy, w) = (numbers([3, 40_000], "dy"), numbers([3, 40_000], "w"))
        let places = Places((0..<50_000).map { $0 * 7919 % 40_000 }, of: 40_000)
        let window = ResponseWindow(before: 2, after: 1, offset: 1, scale: 0.5, power: 0.75)
        func run(_ engine: Engine) -> [[UInt32]] {
            var (found, y, dx, scratch) = (
                [[UInt32]](), Tensor(shape: [0]), Tensor(shape: [0]), Tensor(shape: [0])
            )
            for function in [
                ElementwiseFunction.exponential, .logarithm, .absolute, .softplus, .softsign,
                .power(exponent: 3), .power(exponent: -0.3),
            ] {
                engine.apply(function, to: x, into: &y)
                engine.gradient(of: function, dy, at: x, into: &dx)
                found += [y.bits, dx.bits]
            }
            for isLogarithm in [false, true] {
                engine.softmax(x, columns: 10, isLogarithm: isLogarithm, into: &y)
                engine.softmaxGradient(
                    dy, output: y, columns: 10, isLogarithm: isLogarithm, into: &dx)
                found += [y.bits, dx.bits]
            }
            engine.normaliseResponse(x, channels: 80, window: window, into: &y)
            engine.normaliseResponseGradient(
                dy, x: x, channels: 80, window: window, into: &dx, scratch: &scratch)
            found += [y.bits, dx.bits]
            engine.divide(x, by: w, into: &y)
            engine.divisorGradient(dy, y: y, by: w, into: &dx)
            found += [y.bits, dx.bits]
            engine.extremum(x, w, takingLarger: true, into: &y)
            engine.select(dy, where: x, w, ofLess: true, into: &dx)
            found += [y.bits, dx.bits]
            engine.gather(x, at: places, axes: [50_000], into: &y)
            engine.gatherGradient(y, at: places, axes: [40_000], into: &dx)
            return found + [y.bits, dx.bits]
        }
        let expected = run(Engine(threads: 1))
        let found = run(Engine(threads: threads))
        for (index, bits) in found.enumerated() { #expect(bits == expected[index], "\(index)") }
    }
}
