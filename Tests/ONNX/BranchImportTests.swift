// Networks that fork, and operators of layers beyond the plain ones.

import Foundation
import Networks
import Testing

@testable import ONNX

@Suite struct BranchImportTests {
    /// Logits of a node on maps [2, 4, 4], and what a function makes of them.
    private static func close(_ found: [Float], _ expected: [Double]) -> Bool {
        found.count == expected.count
            && zip(found, expected).allSatisfy { abs(Double($0) - $1) <= 1e-6 * max(1, abs($1)) }
    }

    private static func network(
        _ kind: String, _ attributes: KeyValuePairs<String, Any> = [:], inputs: [String] = ["x"],
        opset: Int64 = 17, _ prepare: (inout ModelFixture) -> Void = { _ in }
    ) throws -> ONNXNetwork {
        var model = ModelFixture(input: [nil, 2, 4, 4], opset: opset)
        prepare(&model)
        model.node("Neg", ["x"], to: "n")
        model.node(kind, inputs.map { $0 == "x" ? "n" : $0 }, to: "y", attributes)
        return try model.network(.init(flattensOutput: true))
    }

    private static let minus = pixels(32).map { -Double($0) }

    @Test func functionsOfEachNumber() throws {
        typealias Case = (String, KeyValuePairs<String, Any>, (Double) -> Double)
        let cases: [Case] = [
            ("LeakyRelu", ["alpha": Float(0.25)], { $0 > 0 ? $0 : 0.25 * $0 }),
            ("LeakyRelu", [:], { $0 > 0 ? $0 : Double(Float(0.01)) * $0 }),
            ("Elu", ["alpha": Float(2)], { $0 > 0 ? $0 : 2 * (exp($0) - 1) }),
            (
                "Selu", [:],
                { 1.0507009873554805 * ($0 > 0 ? $0 : 1.6732632423543772 * (exp($0) - 1)) }
            ),
            ("Tanh", [:], { tanh($0) }),
            ("Sigmoid", [:], { 1 / (1 + exp(-$0)) }),
            ("HardSigmoid", [:], { min(1, max(0, Double(Float(0.2)) * $0 + 0.5)) }),
            (
                "HardSigmoid", ["alpha": Float(1), "beta": Float(0.75)],
                { min(1, max(0, $0 + 0.75)) }
            ),
            ("HardSwish", [:], { $0 * min(1, max(0, $0 / 6 + 0.5)) }),
            ("Clip", ["min": Float(-0.5), "max": Float(-0.25)], { min(-0.25, max(-0.5, $0)) }),
            ("Relu", [:], { max(0, $0) }),
        ]
        for (kind, attributes, body) in cases {
            let found = try Self.network(kind, attributes).logits(pixels(32))
            #expect(Self.close(found, Self.minus.map(body)), "\(kind)")
        }
        let clipped = try Self.network("Clip", inputs: ["x", "", "most"]) {
            $0.weight("most", [], [-0.5])
        }
        #expect(Self.close(try clipped.logits(pixels(32)), Self.minus.map { min(-0.5, $0) }))
    }

    @Test func slopesAndConstantsOfEachChannel() throws {
        let values: [Double] = [0.5, -2]
        func perChannel(_ body: (Double, Double) -> Double) -> [Double] {
            Self.minus.enumerated().map { body($1, values[$0 / 16]) }
        }
        func logits(_ kind: String, _ inputs: [String], _ shape: [Int] = [2, 1, 1]) throws
            -> [Float]
        {
            try Self.network(kind, inputs: inputs) { $0.weight("c", shape, [0.5, -2]) }
                .logits(pixels(32))
        }
        #expect(Self.close(try logits("PRelu", ["x", "c"]), perChannel { $0 > 0 ? $0 : $0 * $1 }))
        #expect(Self.close(try logits("Mul", ["x", "c"]), perChannel { $0 * $1 }))
        #expect(Self.close(try logits("Mul", ["c", "x"], [1, 2, 1, 1]), perChannel { $0 * $1 }))
        #expect(Self.close(try logits("Add", ["c", "x"]), perChannel { $0 + $1 }))
        #expect(Self.close(try logits("Sub", ["x", "c"]), perChannel { $0 - $1 }))
        #expect(Self.close(try logits("Sub", ["c", "x"]), perChannel { $1 - $0 }))
        #expect(Self.close(try logits("Div", ["x", "c"]), perChannel { $0 / $1 }))
        #expect(Self.close(try logits("Div", ["c", "x"]), perChannel { $1 / $0 }))
        #expect(throws: ONNXFault.self) { try logits("Mul", ["x", "c"], [2, 1]) }
    }

    @Test func aShortcutWithAConvolutionOfItsOwn() throws {
        var model = ModelFixture(input: [nil, 2, 4, 4])
        let first = model.weight("a.weight", [2, 2, 1, 1])
        let second = model.weight("b.weight", [2, 2, 1, 1], [1, -1, 0.5, 2])
        model.node("Relu", ["x"], to: "r")
        model.node("Conv", ["r", "a.weight"], to: "a")
        model.node("Conv", ["r", "b.weight"], to: "b")
        model.node("Add", ["a", "b"], to: "s")
        model.node("Sub", ["s", "r"], to: "y")
        let network = try model.network(.init(flattensOutput: true))
        #expect(
            network.kinds == [
                "channels-last", "relu", "convolution", "branch", "convolution", "residual",
                "subtract", "flatten",
            ])
        let x = pixels(32).map(Double.init)
        func mixed(_ weight: [Float], _ output: Int, _ place: Int) -> Double {
            Double(weight[2 * output]) * x[place] + Double(weight[2 * output + 1]) * x[16 + place]
        }
        let expected = (0..<32).map { index in
            mixed(first, index / 16, index % 16) + mixed(second, index / 16, index % 16) - x[index]
        }
        #expect(Self.close(try network.logits(pixels(32)), expected))
    }

    @Test func branchesSideBySideAndGates() throws {
        var model = ModelFixture(input: [nil, 2, 4, 4])
        model.node("Tanh", ["x"], to: "t")
        model.node("Sigmoid", ["x"], to: "s")
        model.node("Mul", ["x", "s"], to: "silu")
        model.node("Concat", ["t", "silu", "s"], to: "y", ["axis": 1])
        let x = pixels(32).map(Double.init)
        let gate = x.map { 1 / (1 + exp(-$0)) }
        let found = try model.network(.init(flattensOutput: true)).logits(pixels(32))
        #expect(Self.close(found, x.map { tanh($0) } + zip(x, gate).map { $0 * $1 } + gate))
    }

    /// Squeeze and excitation, whose convolutions of one pixel are fully connected.
    @Test func aFactorForEachChannel() throws {
        var model = ModelFixture(input: [nil, 2, 4, 4])
        let weight = model.weight("se.weight", [2, 2, 1, 1])
        let bias = model.weight("se.bias", [2], [0.25, 1])
        model.node("Relu", ["x"], to: "r")
        model.node("GlobalAveragePool", ["r"], to: "g")
        model.node("Conv", ["g", "se.weight", "se.bias"], to: "c")
        model.node("HardSigmoid", ["c"], to: "h")
        model.node("Mul", ["r", "h"], to: "y")
        let network = try model.network(.init(flattensOutput: true))
        #expect(network.parameters["se.weight"]?.values == weight)
        let x = pixels(32).map(Double.init)
        let means = [x[..<16].reduce(0, +) / 16, x[16...].reduce(0, +) / 16]
        let factors = (0..<2).map { output in
            let sum =
                Double(weight[2 * output]) * means[0] + Double(weight[2 * output + 1]) * means[1]
            return min(1, max(0, 0.2 * (sum + Double(bias[output])) + 0.5))
        }
        let expected = (0..<32).map { x[$0] * factors[$0 / 16] }
        #expect(Self.close(try network.logits(pixels(32)), expected))
    }

    /// Windows with padding of each side's own, gaps, and sizes rounded up.
    @Test(
        arguments: [
            ([2, 3], [1, 2], [1, 1, 0, 1], [1, 1], 0),
            ([3, 3], [2, 2], [0, 0, 0, 0], [1, 1], 1),
            ([2, 2], [1, 1], [0, 0, 1, 1], [2, 2], 0),
            ([3, 3], [2, 2], [1, 1, 1, 1], [1, 1], 1),
        ] as [([Int], [Int], [Int], [Int], Int)])
    func windows(kernel: [Int], stride: [Int], pads: [Int], dilation: [Int], ceil: Int) throws {
        let x = pixels(16).map(Double.init)
        func pooled(_ reduce: ([Double], Int) -> Double) -> [Double] {
            let sizes = (0..<2).map { axis in
                let room = 4 + pads[axis] + pads[2 + axis] - (kernel[axis] - 1) * dilation[axis] - 1
                var count = room / stride[axis] + 1
                // Rounded up, unless the window would begin beyond the image and its first padding.
                if ceil == 1, room % stride[axis] != 0, count * stride[axis] < 4 + pads[axis] {
                    count += 1
                }
                return count
            }
            return (0..<sizes[0]).flatMap { row in
                (0..<sizes[1]).map { column in
                    var (values, padded): ([Double], Int) = ([], 0)
                    for i in 0..<kernel[0] {
                        for j in 0..<kernel[1] {
                            let y = row * stride[0] + i * dilation[0] - pads[0]
                            let z = column * stride[1] + j * dilation[1] - pads[1]
                            if (0..<4).contains(y), (0..<4).contains(z) {
                                values.append(x[4 * y + z])
                            } else if y < 4 + pads[2], z < 4 + pads[3] {
                                padded += 1
                            }
                        }
                    }
                    return reduce(values, padded)
                }
            }
        }
        func found(_ kind: String, _ counts: Int? = nil) throws -> [Float] {
            var model = ModelFixture(input: [nil, 1, 4, 4], opset: 19)
            model.node(
                kind, ["x"], to: "y",
                [
                    "kernel_shape": kernel, "strides": stride, "pads": pads, "dilations": dilation,
                    "ceil_mode": ceil,
                ])
            if let counts {
                model.model.graph.node[0].attribute.append(
                    ModelFixture.attribute("count_include_pad", counts))
            }
            return try model.network(.init(flattensOutput: true)).logits(pixels(16))
        }
        #expect(Self.close(try found("MaxPool"), pooled { values, _ in values.max() ?? 0 }))
        #expect(
            Self.close(
                try found("AveragePool", 0),
                pooled { values, _ in values.reduce(0, +) / Double(values.count) }))
        #expect(
            Self.close(
                try found("AveragePool", 1),
                pooled { $0.reduce(0, +) / Double($0.count + $1) }))
    }

    @Test func bordersAndParts() throws {
        let x = pixels(32)
        func logits(
            _ kind: String, _ attributes: KeyValuePairs<String, Any>, _ inputs: [String] = ["x"],
            opset: Int64 = 10
        ) throws -> [Float] {
            var model = ModelFixture(input: [nil, 2, 4, 4], opset: opset)
            model.integers("starts", [1, -2])
            model.integers("ends", [2, Int64.max])
            model.integers("axes", [1, 3])
            model.node(kind, inputs, to: "y", attributes)
            return try model.network(.init(flattensOutput: true)).logits(x)
        }
        let padded = try logits("Pad", ["pads": [0, 0, 1, 0, 0, 0, 0, 2], "value": Float(0.5)])
        var expected: [Float] = []
        for channel in 0..<2 {
            for place in 0..<30 {
                let (row, column) = (place / 6 - 1, place % 6)
                expected.append(row < 0 || column > 3 ? 0.5 : x[16 * channel + 4 * row + column])
            }
        }
        #expect(padded == expected)
        let part = try logits("Slice", [:], ["x", "starts", "ends", "axes"])
        #expect(part == [18, 19, 22, 23, 26, 27, 30, 31].map { x[$0] })
        var split = ModelFixture(input: [nil, 3, 2, 2], opset: 11)
        split.node("Split", ["x"], to: "a", ["axis": 1, "split": [1, 2]])
        split.model.graph.node[0].output = ["a", "b"]
        split.node("Relu", ["b"], to: "y")
        #expect(
            try split.network(.init(flattensOutput: true)).logits(pixels(12))
                == Array(pixels(12)[4...]))
    }

    /// Channels [a, b] become [b, a] between the groups of a ShuffleNet.
    @Test func shuffledChannels() throws {
        var model = ModelFixture(input: [nil, 6, 2, 2])
        model.integers("groups", [0, 2, 3, 2, 2])
        model.integers("back", [0, 6, 2, 2])
        model.node("Reshape", ["x", "groups"], to: "g")
        model.node("Transpose", ["g"], to: "t", ["perm": [0, 2, 1, 3, 4]])
        model.node("Reshape", ["t", "back"], to: "y")
        let x = pixels(24)
        let expected = [0, 3, 1, 4, 2, 5].flatMap { x[(4 * $0)..<(4 * $0 + 4)] }
        let network = try model.network(.init(flattensOutput: true))
        #expect(try network.logits(x) == expected)
        #expect(network.kinds == ["channels-last", "select", "flatten", "affine"])
    }

    @Test func meansAndSumsOverOneAxis() throws {
        let x = pixels(32).map(Double.init)
        func logits(_ kind: String, _ attributes: KeyValuePairs<String, Any>) throws -> [Float] {
            var model = ModelFixture(input: [nil, 2, 4, 4], opset: 11)
            model.node(kind, ["x"], to: "y", attributes)
            return try model.network(.init(flattensOutput: true)).logits(pixels(32))
        }
        let rows = (0..<8).map { x[(4 * $0)..<(4 * $0 + 4)].reduce(0, +) }
        #expect(Self.close(try logits("ReduceSum", ["axes": [3], "keepdims": 0]), rows))
        #expect(Self.close(try logits("ReduceMean", ["axes": [-1]]), rows.map { $0 / 4 }))
        #expect(throws: ONNXFault.self) { try logits("ReduceMean", ["axes": [1]]) }
    }

    @Test func aRowNormalisedInABatch() throws {
        var model = ModelFixture(input: [nil, 3])
        model.weight("w", [3, 2], [1, 0, 0, 1, 1, 1])
        model.weight("s", [2], [2, -1])
        model.weight("b", [2], [0.5, 0])
        model.weight("m", [2], [0.25, 1])
        model.weight("v", [2], [4, 1])
        model.node("MatMul", ["x", "w"], to: "d")
        model.node("BatchNormalization", ["d", "s", "b", "m", "v"], to: "y", ["epsilon": Float(0)])
        let found = try model.network().logits([0.5, 0.25, 1])
        #expect(Self.close(found, [1.75, -0.25]))
    }

    @Test func aConvolutionWithGaps() throws {
        var model = ModelFixture(input: [nil, 1, 5, 5])
        let weight = model.weight("w", [1, 1, 2, 2])
        model.node("Conv", ["x", "w"], to: "y", ["dilations": [2, 3]])
        let x = pixels(25)
        var expected: [Double] = []
        for (row, column) in [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)] {
            var sum = 0.0
            for tap in 0..<4 {
                let (y, z) = (row + tap / 2 * 2, column + tap % 2 * 3)
                sum += Double(weight[tap]) * Double(x[5 * y + z])
            }
            expected.append(sum)
        }
        #expect(
            Self.close(try model.network(.init(flattensOutput: true)).logits(x), expected))
    }
}
